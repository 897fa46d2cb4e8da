"""The output vocabulary: what a language can write stays writable, and most of what it cannot goes."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalog import SAMPLE, Catalog
from models.engine.vocabulary import Rule, keep, pieces, rule, unknown, written
from models.errors import WeightsCorrupt
from models.text import scripts
from models.tokenize import tokenizer

CATALOG = Catalog.load()
ARABIC, LATIN, OTHER = "ابتثةىئآکگی\u064b\u0651", "abzABZéçğ", "абвאבג中文かなअआกข한"
COMMON = " ▁0123456789٠١٢٣۴۵६७.,،؛؟!«»()%$€+–\u200c\u0301☺"
alphabet = st.text(st.sampled_from(ARABIC + LATIN + OTHER + COMMON), min_size=1, max_size=6)
vocabularies = st.lists(alphabet, unique=True, max_size=60).map(lambda listed: dict(enumerate(listed)))


def of(*languages: str) -> Rule:
    found = rule(languages)
    assert found
    return found


def kept(vocabulary: Mapping[int, str], *languages: str) -> set[str]:
    return {vocabulary[number] for number in keep(vocabulary, of(*languages))}


@given(vocabularies)
def test_every_way_to_write_in_ones_own_script_stays(vocabulary: dict[int, str]) -> None:
    assert {piece for piece in vocabulary.values() if set(piece) <= {*ARABIC, *COMMON}} <= kept(vocabulary, "ar")
    assert {piece for piece in vocabulary.values() if set(piece) <= {*LATIN, *COMMON}} <= kept(vocabulary, "en")


@given(vocabularies)
def test_every_character_that_names_are_spelt_in_stays_writable(vocabulary: dict[int, str]) -> None:
    single = {piece for piece in vocabulary.values() if piece.lstrip("▁") in LATIN}
    assert single <= kept(vocabulary, "ar")


@given(vocabularies)
def test_no_piece_of_another_script_stays(vocabulary: dict[int, str]) -> None:
    assert not [piece for piece in kept(vocabulary, "ar", "en") if set(piece) & set(OTHER)]


@given(vocabularies)
def test_more_languages_keep_what_each_of_them_keeps(vocabulary: dict[int, str]) -> None:
    assert kept(vocabulary, "ar") | kept(vocabulary, "en") <= kept(vocabulary, "ar", "en")


def test_the_ids_are_ascending() -> None:
    assert keep({9: "ا", 3: "", 5: "б", 1: "b"}, of("ar")) == (1, 3, 9)


@pytest.mark.parametrize(
    ("piece", "stays"),
    [
        ("▁وزير", True),
        ("▁BBC", True),
        ("▁minister", False),
        ("▁15", True),
        ("▁الـ", True),
        ("министр", False),
        ("٢٠٢٤", True),
        ("२०२४", True),
        ("", True),
    ],
)
def test_a_writer_of_arabic_keeps(piece: str, stays: bool) -> None:
    assert of("ar").allows(piece) is stays


def test_a_language_whose_scripts_are_not_known_keeps_everything() -> None:
    assert rule(["ar", "tlh"]) is None
    assert unknown(["tlh", "ar", "qya"]) == ("qya", "tlh")
    assert rule([]) is None


def test_every_language_of_the_catalogue_has_scripts() -> None:
    languages = {code for entry in CATALOG.entries for code in entry.sources + entry.targets}
    assert unknown(languages) == ()
    assert of(*languages).whole <= set(scripts._RANGES)


def test_a_translator_writes_its_targets_and_a_summarizer_what_is_chosen() -> None:
    translator, summarizer = CATALOG.get("ar-en"), CATALOG.get("xlsum")
    assert written(translator, None) is None
    assert written(summarizer, None) is None
    assert written(translator, ["ar", "fr"]) == ("en",)
    assert written(summarizer, ["fr", "ar", "de"]) == ("ar", "fr")
    assert written(replace(summarizer, sources=("ar",)), ["fr"]) == ()


# ---------------------------------------------------------------- the sample models' own vocabularies

TRANSLATOR, SUMMARIZER = SAMPLE / "translator", SAMPLE / "summarizer"


@pytest.mark.parametrize("path", sorted((SAMPLE / "articles").glob("*.txt")), ids=lambda path: path.stem)
def test_an_arabic_article_is_written_with_the_same_pieces(path: Path) -> None:
    lines = [
        line for line in path.read_text(encoding="utf-8").splitlines() if scripts.counts(line).keys() == {"Arabic"}
    ]
    encode = tokenizer(SUMMARIZER, "mt5", 512).encode
    assert lines
    assert {number for line in lines for number in encode(line)} <= set(keep(pieces(SUMMARIZER, "mt5"), of("ar")))


@pytest.mark.parametrize(("folder", "family"), [(TRANSLATOR, "marian"), (SUMMARIZER, "mt5")])
def test_symbols_and_bytes_stay_in_every_language(folder: Path, family: str) -> None:
    vocabulary = pieces(folder, "marian" if family == "marian" else "mt5")
    assert len(vocabulary) == 8000
    for language in ("ar", "en", "th"):
        ids = keep(vocabulary, of(language))
        assert {0, 1, 2} <= set(ids)
        assert sum(not vocabulary[number] for number in ids) >= 256
        assert len(ids) < 8000


def test_a_vocabulary_of_the_targets_own_is_the_one_that_is_written(tmp_path: Path) -> None:
    (tmp_path / "vocab.json").write_text('{"a": 0}')
    (tmp_path / "target_vocab.json").write_text('{"</s>": 0, "b": 1, "<0x41>": 2}')
    assert pieces(tmp_path, "marian") == {0: "", 1: "b", 2: ""}


@pytest.mark.parametrize("content", [None, "", "[]", '{"a": "b"}'])
def test_a_damaged_vocabulary_is_named(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "vocab.json").write_text(content)
        (tmp_path / "spiece.model").write_text(content)
    with pytest.raises(WeightsCorrupt, match="vocabulary"):
        pieces(tmp_path, "marian")
    with pytest.raises(WeightsCorrupt, match="vocabulary"):
        pieces(tmp_path, "mt5")
