"""Mujaz's own engine says what `transformers.generate` says, whoever joins or leaves; see `tests.support.oracle` for the rule."""

import random
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from models.catalog import SAMPLE
from models.engine.checkpoint import read
from models.engine.formats import restrict
from models.engine.mujaz import MujazEngine
from models.engine.protocol import Generation, Item
from models.load import load
from models.training.data import read_corpus
from tests.support import engines
from tests.support.engines import CPU, NETWORKS, PLENTY, ids, joining, together
from tests.support.oracle import Difference, Oracle, unallowed

Ids = tuple[int, ...]
Wrong = Callable[[str, Oracle, Mapping[Item, Ids]], list[Difference]]


@pytest.fixture
def wrong(capsys: pytest.CaptureFixture[str]) -> Wrong:
    """Finds the answers that may not differ from the oracle's as they do; lists all that differ, also where the test passes."""

    def found(what: str, oracle: Oracle, answers: Mapping[Item, Ids]) -> list[Difference]:
        differences = oracle.differences(answers)
        if differences:
            lines = [f"{what}: {len(differences)} of {len(answers)} differ", *map(str, differences)]
            with capsys.disabled():
                sys.stdout.write("\n" + "\n".join(lines) + "\n")
        return unallowed(differences, len(answers))

    return found


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest, checkpoint: Callable[[str], Path]) -> Path:
    return checkpoint(request.param)


def engine(folder: Path, dtype: torch.dtype = torch.float32, slots: int = 24) -> MujazEngine:
    return MujazEngine(read(folder), CPU, dtype, PLENTY, slots)


def mixed(seed: int, count: int, kinds: int = 30) -> list[Item]:
    """Random items of many settings."""
    draw = random.Random(seed)
    return engines.items(draw, count, [engines.settings(draw) for _ in range(kinds)])


def random_answers(folder: Path, count: int) -> dict[Item, Ids]:
    """Everything is asked for by somebody, and a tenth is cancelled on the way."""
    draw = random.Random(count)
    batch = mixed(count, count, kinds=max(30, count // 20))
    answers = ids(joining(engine(folder), batch, draw, cancelled=0.1))
    assert len(answers) > 0.8 * count
    assert len(set(answers.values())) > 0.1 * count and len(set(map(len, answers.values()))) > 5, (
        "the network says little"
    )
    return answers


@pytest.mark.parametrize("count", [300, pytest.param(3000, marks=pytest.mark.slow)])
def test_random_inputs_with_every_setting(network: Path, count: int, wrong: Wrong) -> None:
    assert not wrong(network.name, Oracle(engines.reference(network)), random_answers(network, count))


def test_a_twin_has_slots_of_its_own_and_says_the_same(network: Path) -> None:
    first = engine(network)
    batch = mixed(2, 12)
    expected = ids(together(engine(network), batch))
    first.admit(batch)
    first.step()
    twin = first.twin()
    assert not twin.busy()
    assert (twin.free(), twin.capacity()) == (first.capacity(), first.capacity())
    assert ids(together(twin, batch)) == expected
    rest = {}
    while first.busy():
        rest |= {done.item: done.ids for done in first.step()}
    assert rest.items() <= expected.items()
    assert rest


def test_neighbours_never_change_an_answer(network: Path) -> None:
    batch, draw = mixed(1, 80), random.Random(1)
    alone = engine(network, torch.float64)
    expected = {item: together(alone, [item])[item].ids for item in batch}
    assert ids(together(engine(network, torch.float64), batch)) == expected
    assert ids(joining(engine(network, torch.float64, slots=5), batch, draw)) == expected


def test_a_slot_keeps_nothing_of_what_was_in_it(network: Path) -> None:
    batch, draw = mixed(2, 60), random.Random(2)
    used = engine(network, torch.float64, slots=3)
    first = ids(joining(used, batch, draw))
    again = ids(joining(used, draw.sample(batch, len(batch)), draw, cancelled=0.2))
    used.admit(batch)
    used.step()
    used.reset()
    assert again == {item: first[item] for item in again}
    assert ids(joining(used, batch[::-1], draw)) == first


@pytest.mark.parametrize("name", ["marian", "mt5-ungated"])
def test_long_sources_and_long_answers(name: str, checkpoint: Callable[[str], Path], wrong: Wrong) -> None:
    """Beyond the sizes at which an engine begins, and beyond mT5's last bucket of distances."""
    folder = checkpoint(name)
    longest = engines.POSITIONS if name == "marian" else 150
    draw, asked = random.Random(3), [Generation(beams, longest, longest) for beams in (1, 4)]
    batch = engines.items(draw, 20, [*asked, Generation(beams=2, max_tokens=5)], longest)
    answers = ids(joining(engine(folder, torch.float64, slots=6), batch, draw))
    assert not wrong(name, Oracle(engines.reference(folder, torch.float64)), answers)


@pytest.mark.parametrize("name", ["marian-renormalized", "marian-separate", "mt5", "mt5-ungated"])
def test_a_restricted_output_is_a_sliced_projection(name: str, checkpoint: Callable[[str], Path], wrong: Wrong) -> None:
    folder = checkpoint(name)
    weights = read(folder)
    kept = {*range(10), *random.Random(4).sample(range(engines.VOCABULARY), 90), engines.VOCABULARY - 1}
    batch = mixed(4, 300)
    answers = ids(joining(MujazEngine(restrict(weights, [*kept]), CPU, torch.float32, PLENTY), batch, random.Random(4)))
    assert {i for answer in answers.values() for i in answer} <= kept
    whole = ids(together(engine(folder), batch))
    assert answers != whole, "nothing was at stake"
    order = sorted(kept)
    sliced = Oracle(slice_output(engines.reference(folder), order))
    assert not wrong(name, sliced, {item: tuple(map(order.index, answer)) for item, answer in answers.items()})


def slice_output(model: Any, kept: Sequence[int]) -> Any:
    """A model of transformers that writes only `kept`: its targets are places in that list, its sources the ids they were."""
    rows = torch.tensor(kept)
    decoder = model.get_decoder()
    table = torch.nn.Embedding(len(kept), model.config.d_model, _weight=decoder.embed_tokens.weight[rows].clone())
    decoder.set_input_embeddings(table)
    head = torch.nn.Linear(model.config.d_model, len(kept), bias=False)
    head.weight = torch.nn.Parameter(model.lm_head.weight[rows].clone())
    model.lm_head = head
    if hasattr(model, "final_logits_bias"):
        model.final_logits_bias = model.final_logits_bias[:, rows]
    own = model.generation_config
    own.bad_words_ids = [
        [kept.index(i) for i in word] for word in own.bad_words_ids or () if set(word) <= set(kept)
    ] or None
    for name in ("eos_token_id", "forced_eos_token_id", "pad_token_id", "decoder_start_token_id"):
        value = getattr(own, name)
        setattr(own, name, [*map(kept.index, value)] if isinstance(value, list) else value and kept.index(value))
    return model.eval()


def real_items(job: str, count: int, asked: Sequence[Generation]) -> tuple[Path, list[Item]]:
    """Sentences for the translator or articles for the summarizer, of the corpus' test part, with all of the settings."""
    folder, corpus = SAMPLE / job, read_corpus()
    tokenizer = load(folder, CPU, torch.float32).tokenizer
    articles = corpus.articles["test"]
    texts = [pair.ar for article in articles for pair in article.pairs()]
    if job == "summarizer":
        texts = [article.text(language) for article in articles for language in ("ar", "en")]
    sources = [tuple(tokenizer.encode(text)) for text in random.Random(0).sample(texts, count)]
    return folder, [Item(source[: tokenizer.limit], settings) for source in sources for settings in asked]


REAL: Mapping[str, Sequence[Generation]] = {
    "translator": [Generation(1, 60), Generation(4, 60, length_penalty=1.3, early_stopping=False)],
    "summarizer": [Generation(1, 40), Generation(4, 40, length_penalty=0.6, no_repeat_ngram=2)],
}
MANY_REAL = [pytest.param(*many, marks=pytest.mark.slow) for many in (("translator", 250), ("summarizer", 40))]


@pytest.mark.parametrize(("job", "count"), [("translator", 40), ("summarizer", 6), *MANY_REAL])
def test_real_inputs(job: str, count: int, wrong: Wrong) -> None:
    folder, batch = real_items(job, count, REAL[job])
    answers = ids(joining(engine(folder), batch, random.Random(count)))
    assert not wrong(job, Oracle(engines.reference(folder), 6000), answers)
