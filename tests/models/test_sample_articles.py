"""The shipped sample articles: their gold data speaks of the text that is really there, and training never saw them."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import models

MODELS = Path(models.__file__).parent
ARTICLES = MODELS / "sample" / "articles"
CORPUS = MODELS / "training" / "corpus"
PAGES = sorted([*ARTICLES.glob("*.txt"), *ARTICLES.glob("*.html")])
MAX_BYTES = 12 * 1024
OVERLAP_WORDS = 8

ARABIC_LETTER = re.compile(r"[\u0621-\u064a]")
WORD = re.compile(r"[\u0621-\u064a]+|\d+")
MARKS = re.compile(r"[\u0640\u064b-\u0652]")
LANGUAGE_LETTERS = {
    "fr": re.compile(r"[éèêàç]"),
    "tr": re.compile(r"[ığş]"),
    "fa": re.compile(r"[پچژگکی]"),
    "th": re.compile(r"[\u0e01-\u0e5b]"),
}

by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


class VisibleText(HTMLParser):
    """Collects what a reader sees; scripts, styles and the head's title are not text of the page."""

    HIDDEN = frozenset({"script", "style", "title"})
    INLINE = frozenset({"a", "span", "strong"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in self.HIDDEN
        self._break_before(tag)

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in self.HIDDEN
        self._break_before(tag)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)

    def _break_before(self, tag: str) -> None:
        if tag not in self.INLINE:
            self.parts.append("\n")


def visible_text(page: Path) -> str:
    """The text of an article's file; for HTML, what a reader sees, with runs of white space read as one space."""
    text = page.read_text(encoding="utf-8")
    if page.suffix != ".html":
        return text
    parser = VisibleText()
    parser.feed(text)
    parser.close()
    return re.sub(r"\s+", " ", "".join(parser.parts))


def gold(page: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    return data


def word_runs(text: str, length: int) -> set[tuple[str, ...]]:
    """Every run of `length` Arabic words or numbers, without vowel marks and tatweel."""
    words = WORD.findall(MARKS.sub("", text))
    return {tuple(words[start : start + length]) for start in range(len(words) - length + 1)}


@pytest.fixture(scope="module")
def corpus_runs() -> set[tuple[str, ...]]:
    """The word runs of the training corpus, line by line: a run never crosses from one line to the next."""
    files = [*CORPUS.rglob("*.txt"), *CORPUS.rglob("*.tsv")]
    if not files:
        pytest.fail(f"no training corpus under {CORPUS}")
    lines = (line for file in files for line in file.read_text(encoding="utf-8").splitlines())
    return {run for line in lines for run in word_runs(line, OVERLAP_WORDS)}


def test_there_are_six_pastes_and_two_pages() -> None:
    assert [page.suffix for page in PAGES].count(".txt") == 6
    assert [page.suffix for page in PAGES].count(".html") == 2


def test_every_gold_file_has_its_article() -> None:
    assert sorted(path.stem for path in ARTICLES.glob("*.json")) == [page.stem for page in PAGES]


def test_files_are_small_utf8() -> None:
    for path in (path for path in ARTICLES.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert 0 < len(content) <= MAX_BYTES, path.name
        assert "\ufffd" not in content.decode("utf-8"), path.name


@by_page
def test_gold_is_complete(page: Path) -> None:
    data = gold(page)
    assert data["id"] == page.stem
    assert 8 <= len(data["sentences"]) <= 14
    assert data["furniture"]
    summary = {"ar": data["summary_ar"], "en": data["summary_en"]}
    for pair in [data["title"], *data["sentences"], *data["subheadings"], summary]:
        assert ARABIC_LETTER.search(pair["ar"])
        assert pair["en"] and not ARABIC_LETTER.search(pair["en"])


@by_page
def test_gold_sentences_stand_in_the_article_in_order(page: Path) -> None:
    text = visible_text(page)
    position = 0
    for sentence in gold(page)["sentences"]:
        position = text.find(sentence["ar"], position)
        assert position >= 0, sentence["ar"]
        position += len(sentence["ar"])


@by_page
def test_title_subheadings_and_furniture_stand_in_the_article(page: Path) -> None:
    text, data = visible_text(page), gold(page)
    for line in [data["title"]["ar"], *(heading["ar"] for heading in data["subheadings"]), *data["furniture"]]:
        assert line in text, line


@pytest.mark.parametrize("page", [page for page in PAGES if page.suffix == ".txt"], ids=lambda page: page.stem)
def test_every_line_of_a_paste_is_accounted_for(page: Path) -> None:
    data = gold(page)
    known = {data["title"]["ar"], *(heading["ar"] for heading in data["subheadings"]), *data["furniture"]}
    for line in filter(None, visible_text(page).splitlines()):
        rest = "" if line in known else line
        for sentence in data["sentences"]:
            rest = rest.replace(sentence["ar"], "")
        assert not rest.strip(), rest


@by_page
def test_digits_survive_the_gold_translation(page: Path) -> None:
    """A number in Arabic digits stands in the English too; «90 ألف» is 90,000 there."""
    for sentence in gold(page)["sentences"]:
        english = re.findall(r"\d+", sentence["en"].replace(",", "").replace("Sixteen", "16"))
        for number in re.findall(r"\d+", sentence["ar"]):
            assert number in english or f"{number}000" in english, sentence


@by_page
def test_no_sentence_shares_eight_words_with_the_training_text(page: Path, corpus_runs: set[tuple[str, ...]]) -> None:
    data = gold(page)
    for text in [data["title"]["ar"], data["summary_ar"], *(sentence["ar"] for sentence in data["sentences"])]:
        assert not word_runs(text, OVERLAP_WORDS) & corpus_runs, text


@pytest.mark.parametrize("language", sorted(LANGUAGE_LETTERS))
def test_each_other_language_has_a_short_article(language: str) -> None:
    text = (ARTICLES / "multilingual" / f"{language}.txt").read_text(encoding="utf-8")
    assert LANGUAGE_LETTERS[language].search(text)
    assert len(text.split("\n\n")) == 4


def test_readme_says_that_the_texts_are_invented() -> None:
    readme = (ARTICLES / "README.md").read_text(encoding="utf-8")
    assert "invented and are not news" in readme
    assert "Apache-2.0" in readme
    assert all(f"`{page.stem}`" in readme for page in PAGES)
