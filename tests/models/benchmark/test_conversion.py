"""A conversion for CTranslate2 means what the checkpoint means: the same beams with the same scores."""

import json
from pathlib import Path
from typing import Any

import ctranslate2
import pytest
import torch
from transformers import GenerationConfig

from models.benchmark.adapters import open_system
from models.benchmark.checkpoints import marian, mt5, trim
from models.benchmark.conversion import convert
from models.benchmark.job import Job
from models.benchmark.workloads import NETWORKS, Line, items
from models.catalog import SAMPLE
from models.load import load
from tests.support.checkpoints import TINY_MARIAN, TINY_MT5

SOURCE = [7, 23, 90, 41, 15]
BEAMS, LENGTH = 4, 6


def ours(folder: Path, ids: list[int]) -> tuple[list[int], float]:
    """transformers' best beam and its summed log-probability."""
    model = load(folder, torch.device("cpu"), torch.float32).model
    model.generation_config.forced_eos_token_id = None  # CTranslate2 forces no end
    config: Any = GenerationConfig(
        **{
            name: getattr(model.generation_config, name)
            for name in ("eos_token_id", "pad_token_id", "decoder_start_token_id", "bad_words_ids")
        },
        num_beams=BEAMS,
        max_new_tokens=LENGTH,
        min_new_tokens=LENGTH,
        length_penalty=0.0,
        early_stopping=True,
        renormalize_logits=True,  # as CTranslate2 does, which forbids tokens before its softmax
        output_scores=True,
        return_dict_in_generate=True,
    )
    done = model.generate(input_ids=torch.tensor([ids]), generation_config=config)
    return done.sequences[0].tolist()[1:], float(done.sequences_scores[0])


def theirs(folder: Path, ids: list[int]) -> tuple[list[int], float]:
    vocabulary: list[str] = json.loads((folder / "shared_vocabulary.json").read_text(encoding="utf-8"))
    translator = ctranslate2.Translator(str(folder), compute_type="float32")
    result = translator.translate_batch(
        [[vocabulary[number] for number in ids]],
        beam_size=BEAMS,
        min_decoding_length=LENGTH,
        max_decoding_length=LENGTH,
        length_penalty=0.0,
        return_scores=True,
    )[0]
    return [vocabulary.index(token) for token in result.hypotheses[0]], result.scores[0]


@pytest.mark.parametrize("rows", [400, 150])
@pytest.mark.parametrize("family", ["marian", "mt5"])
def test_beams_and_their_scores_are_those_of_transformers(family: str, rows: int, tmp_path: Path) -> None:
    if family == "marian":
        marian(tmp_path / "full", TINY_MARIAN)
    else:
        mt5(tmp_path / "full", TINY_MT5)
    trim(tmp_path / "full", tmp_path / "trimmed", rows)
    convert(tmp_path / "trimmed", tmp_path / "converted", "float32")
    source = [*SOURCE, 0 if family == "marian" else 1]
    (ids, score), (expected_ids, expected) = theirs(tmp_path / "converted", source), ours(tmp_path / "trimmed", source)
    assert ids == expected_ids
    assert score == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("name", ["sample-translator", "sample-summarizer"])
def test_the_converted_sample_models_write_what_they_write_with_transformers(name: str, tmp_path: Path) -> None:
    network = NETWORKS[name]
    checkpoint, line = SAMPLE / network.sample, Line(name, "text", batch=1, beams=4)
    convert(checkpoint, tmp_path, "float32")
    work = items(line, network, rows=0)[:4]
    outputs = [
        open_system(Job(engine, "float32", folder, "batch", 4, work, threads=1))(work)
        for engine, folder in (("ctranslate2", tmp_path), ("transformers", checkpoint))
    ]
    assert outputs[0] == outputs[1]
