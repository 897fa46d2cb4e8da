"""The corpus: what is read, how it is divided, and which line is at fault."""

from pathlib import Path

import pytest

from models.training.data import Pair, digest, read_corpus
from tests.support.corpus import write_corpus

GOOD = "# topic\nT: عنوان ||| A title\nS: جملة. ||| A sentence.\nM: ملخص. ||| A summary.\n"


def folder(tmp_path: Path, articles: str, sentences: str = "") -> Path:
    for name, content in (("articles/a.txt", articles), ("sentences/s.tsv", sentences)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def test_the_fifth_article_of_a_file_validates_the_sixth_tests_and_the_rest_trains(tmp_path: Path) -> None:
    corpus = read_corpus(folder(tmp_path, GOOD * 8, "نعم\tYes\n"))
    assert [article.id for article in corpus.articles["validation"]] == ["a-05"]
    assert [article.id for article in corpus.articles["test"]] == ["a-06"]
    assert [article.id for article in corpus.articles["train"]] == ["a-01", "a-02", "a-03", "a-04", "a-07", "a-08"]
    assert corpus.sentences == (Pair("نعم", "Yes"),)


def test_single_sentences_are_for_training_only(tmp_path: Path) -> None:
    corpus = read_corpus(folder(tmp_path, GOOD * 6, "نعم\tYes\n"))
    article = [Pair("عنوان", "A title"), Pair("جملة.", "A sentence."), Pair("ملخص.", "A summary.")]
    assert list(corpus.pairs("train")) == article * 4 + [Pair("نعم", "Yes")]
    assert list(corpus.pairs("validation")) == list(corpus.pairs("test")) == article


def test_an_article_reads_in_either_language(tmp_path: Path) -> None:
    more = GOOD.replace("M:", "S: ثانية. ||| Another.\nM:")
    article = read_corpus(folder(tmp_path, more * 5)).articles["train"][0]
    assert article.text("ar") == "جملة. ثانية."
    assert article.text("en") == "A sentence. Another."


@pytest.mark.parametrize(
    ("articles", "sentences", "message"),
    [
        ("T: عنوان ||| A title\n", "", r"a\.txt:1: expected 'T:', 'S:' or 'M:' under a '# topic' line"),
        ("# topic\nX: عنوان ||| A title\n", "", r"a\.txt:2: expected 'T:'"),
        ("# topic\n\nT: عنوان | A title\n", "", r"a\.txt:3: expected 'Arabic \|\|\| English'"),
        ("# topic\nT: عنوان |||\n", "", r"a\.txt:2: expected 'Arabic"),
        ("# topic\nT: عنوان ||| A title ||| Ein Titel\n", "", r"a\.txt:2: expected 'Arabic"),
        (GOOD + "# topic\nT: عنوان ||| A title\n", "", r"a\.txt: article 2 needs one T, one M and at least one S"),
        (GOOD.replace("T:", "T: آخر ||| Other\nT:"), "", r"a\.txt: article 1 needs one T"),
        (GOOD * 5, "نعم\tYes\nلا\n", r"s\.tsv:2: expected 'Arabic <TAB> English'"),
        ("", "", "no articles under .*: is this a corpus folder"),
        (GOOD * 4, "", "no file under .* has a fifth article"),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path: Path, articles: str, sentences: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_corpus(folder(tmp_path, articles, sentences))


def test_the_digest_follows_every_file(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path)
    before = digest(corpus)
    assert digest(corpus) == before
    with (corpus / "sentences" / "s.tsv").open("a", encoding="utf-8") as file:
        file.write("\nنعم\tYes")
    assert digest(corpus) != before


def test_no_sentence_of_the_shipped_test_articles_is_trained_on_in_either_language() -> None:
    corpus = read_corpus()
    trained = {side for split in ("train", "validation") for pair in corpus.pairs(split) for side in (pair.ar, pair.en)}
    assert not [side for pair in corpus.pairs("test") for side in (pair.ar, pair.en) if side in trained]


def test_no_sentence_of_the_shipped_validation_articles_is_trained_on() -> None:
    corpus = read_corpus()
    trained = {pair.ar for pair in corpus.pairs("train")}
    assert not [pair.ar for pair in corpus.pairs("validation") if pair.ar in trained]


def test_the_shipped_corpus_is_as_large_as_the_documentation_says() -> None:
    corpus = read_corpus()
    assert sum(map(len, corpus.articles.values())) > 2000
    assert len(corpus.sentences) >= 3000
    assert len(corpus.articles["test"]) > 100
