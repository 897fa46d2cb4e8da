"""Text to ids and back, the same from any thread, with nothing in a text taken for an instruction."""

import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers import MarianTokenizer, T5Tokenizer

from models.errors import WeightsCorrupt
from models.tokenize import Tokenizer, tokenizer
from tests.support.checkpoints import TINY_MARIAN, TINY_MT5, marian, mt5, sentences

TEXTS = st.text(max_size=80) | st.sampled_from(sentences(20))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("checkpoints")
    marian(root / "marian", TINY_MARIAN)
    mt5(root / "mt5", TINY_MT5)
    return root


@pytest.fixture(scope="module", params=["marian", "mt5"])
def either(folders: Path, request: pytest.FixtureRequest) -> Tokenizer:
    return tokenizer(folders / request.param, request.param, 64)


@pytest.fixture(scope="module")
def translator(folders: Path) -> Tokenizer:
    return tokenizer(folders / "marian", "marian", 64, [">>ara<<"])


def reference(folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return (MarianTokenizer if folder.name == "marian" else T5Tokenizer).from_pretrained(folder)


@pytest.mark.parametrize("family", ["marian", "mt5"])
def test_ids_are_those_of_transformers(folders: Path, family: Any) -> None:
    ours, theirs = tokenizer(folders / family, family, 64), reference(folders / family)
    for text in sentences(50, seed=1):
        assert ours.encode(text) == theirs(text)["input_ids"]


def test_known_text_survives_the_way_there_and_back(either: Tokenizer) -> None:
    for text in sentences(20, seed=2):
        assert either.decode(either.encode(text)) == text


@given(text=TEXTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
def test_any_text_gets_ids_in_range_that_end_the_sentence_once(either: Tokenizer, text: str) -> None:
    ids = either.encode(text)
    end = either.encode("")[-1]
    assert ids[-1] == end
    assert end not in ids[:-1]
    assert all(0 <= i < 400 for i in ids)
    assert either.count(text) == len(ids)


@pytest.mark.parametrize("special", ["</s>", "<pad>", "<unk>", "<extra_id_0>", ">>ara<<", ">>fra<< the city"])
def test_special_tokens_in_a_text_are_text(either: Tokenizer, special: str) -> None:
    ids = either.encode(f"{special} the city{special}")
    assert ids[:-1].count(ids[-1]) == 0
    assert len(ids) > len(either.encode("the city"))
    assert max(ids) < 400


def test_a_target_token_opens_the_sentence(translator: Tokenizer) -> None:
    plain = translator.encode("the city")
    marked = translator.encode("the city", ">>ara<<")
    assert marked[1:] == plain
    assert marked[0] != translator.encode(">>ara<< the city")[0]
    assert translator.count("the city", ">>ara<<") == len(plain) + 1


def test_nothing_is_cut(translator: Tokenizer) -> None:
    long = " ".join(sentences(100))
    assert translator.count(long) > 8 * translator.limit
    assert translator.decode(translator.encode(long)) == long


def test_each_thread_works_on_its_own_copy(folders: Path) -> None:
    made: list[int] = []

    def factory() -> Any:
        made.append(threading.get_ident())
        return reference(folders / "mt5")

    shared = Tokenizer(factory, 64)
    barrier = threading.Barrier(4)
    texts = sentences(50, seed=3)

    def work(_: int) -> list[list[int]]:
        barrier.wait()
        return [shared.encode(text) for text in texts for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(work, range(4)))
    assert len(set(made)) == len(made) == 4
    assert all(result == results[0] for result in results)


def test_a_damaged_tokenizer_is_found_when_it_is_made(folders: Path, tmp_path: Path) -> None:
    marian(tmp_path / "m", TINY_MARIAN)
    (tmp_path / "m" / "target.spm").unlink()
    with pytest.raises(WeightsCorrupt, match="tokenizer files in m are missing or damaged"):
        tokenizer(tmp_path / "m", "marian", 64)


def test_an_unknown_target_token_is_found_when_it_is_made(folders: Path) -> None:
    with pytest.raises(WeightsCorrupt, match=">>xyz<<"):
        tokenizer(folders / "marian", "marian", 64, [">>xyz<<"])
