"""Learning the word table: words that always go together find each other, and the shipped table is what the corpus gives."""

import gzip
import random
from importlib.resources import files
from pathlib import Path

import pytest

from models.text.lexicon import Lexicon
from models.text.stems import stem
from models.training.data import CORPUS, Pair, digest
from models.training.lexicon import Table, train, write

WORDS = {"وزير": "minister", "مدينة": "city", "مدرسة": "school", "جسر": "bridge", "مطار": "airport", "نهر": "river"}


def pairs(count: int = 60) -> list[Pair]:
    """Sentences of three words each, the English ones backwards."""
    rng = random.Random(3)
    chosen = [rng.sample(sorted(WORDS), 3) for _ in range(count)]
    return [Pair(" ".join(line), " ".join(WORDS[word] for word in reversed(line))) for line in chosen]


@pytest.fixture(scope="module")
def table() -> Table:
    return train(pairs())


def test_every_word_finds_its_translation_in_whatever_order(table: Table) -> None:
    best = {entry.en: entry.ar for entry in sorted(table.entries, key=lambda entry: entry.of_en)}
    assert best == {stem(en, "en"): stem(ar, "ar") for ar, en in WORDS.items()}


def test_shares_are_shares(table: Table) -> None:
    assert all(0 < entry.of_ar <= 1 and 0 < entry.of_en <= 1 for entry in table.entries)
    for side in ("ar", "en"):
        total: dict[str, float] = {}
        for entry in table.entries:
            word = getattr(entry, side)
            total[word] = total.get(word, 0.0) + getattr(entry, f"of_{side}")
        assert max(total.values()) <= 1 + 1e-9


def test_counts_are_the_sentences_that_a_word_stands_in(table: Table) -> None:
    assert table.pairs == 60
    assert sum(table.ar.values()) == sum(table.en.values()) == 180


def test_what_is_written_is_read_again_and_always_the_same(table: Table, tmp_path: Path) -> None:
    first, second = tmp_path / "a.tsv.gz", tmp_path / "new" / "b.tsv.gz"
    assert (
        write(table, first, "made\nby a test")
        == write(train(pairs()), second, "made\nby a test")
        == first.stat().st_size
    )
    assert first.read_bytes() == second.read_bytes()
    text = gzip.decompress(first.read_bytes()).decode()
    assert text.startswith("# made\n# by a test\npairs\t60\n")
    shares = {(entry.en, entry.ar): entry.of_ar for entry in table.entries}
    read = Lexicon(text, "ar", "en")
    for ar, en in WORDS.items():
        known, of = stem(en, "en"), stem(ar, "ar")
        assert read._links(known)[of][0] == pytest.approx(shares[known, of], abs=0.006)


def test_sentences_without_words_teach_nothing() -> None:
    with pytest.raises(ValueError, match="no sentence has words"):
        train([Pair("...", "!")])


def test_the_shipped_table_is_of_this_corpus_and_small() -> None:
    packed = files("models.text").joinpath("data", "lexicon", "ar-en.tsv.gz").read_bytes()
    assert len(packed) < 500_000
    assert gzip.decompress(packed).decode().split("\n")[0].endswith(f"sha256 {digest(CORPUS)}")
