"""Cleaning against gold sentences: each fault of a cleaner shows in the figure that is there for it."""

import json
from pathlib import Path

import pytest

from models.evaluation import cleaning
from models.evaluation.cleaning import Page, corpus_pages, read_pages, score
from models.text.clean import Cleaned
from models.text.normalise import normalise

SENTENCES = (
    "أعلن وزير الصحة اليوم افتتاح مستشفى جديد في مدينة طرابلس بعد عامين من العمل.",
    "وقال الوزير إن المستشفى يضم مئتي سرير وعشرين غرفة عمليات.",
    "ورحب سكان المدينة بالافتتاح وطالبوا بمزيد من الأطباء.",
)
FURNITURE = ("المصدر : وكالات", "اقرأ أيضا")
TEXT = f"{SENTENCES[0]} {SENTENCES[1]}\n\n{SENTENCES[2]}\n\n{FURNITURE[0]}\n{FURNITURE[1]}"
PAGE = Page("1", TEXT, SENTENCES, FURNITURE)


def values(*pages: Page) -> dict[str, float]:
    return {kind: figure.value for kind, figure in score(pages, "ar").items()}


def cleans_to(monkeypatch: pytest.MonkeyPatch, *paragraphs: str) -> None:
    cleaned = Cleaned(tuple(map(normalise, paragraphs)), (), None)
    monkeypatch.setattr(cleaning, "clean", lambda text: cleaned)


def test_a_page_cleaned_well_has_everything() -> None:
    assert values(PAGE) == {"whole": 100, "boundary F1": 100, "dropped": 100, "lost": 0}


def test_furniture_that_stays_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    cleans_to(monkeypatch, " ".join(SENTENCES), FURNITURE[0])
    found = values(PAGE)
    assert found == {"whole": 100, "boundary F1": pytest.approx(600 / 7), "dropped": 50, "lost": 0}


def test_prose_that_goes_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    cleans_to(monkeypatch, SENTENCES[0], SENTENCES[2])
    found = values(PAGE)
    size = [len("".join(sentence.split())) for sentence in SENTENCES]
    assert found["whole"] == pytest.approx(200 / 3)
    assert found["boundary F1"] == pytest.approx(80)
    assert found["lost"] == pytest.approx(100 * size[1] / sum(size))


def test_sentences_run_together_lose_a_boundary_but_no_prose(monkeypatch: pytest.MonkeyPatch) -> None:
    cleans_to(monkeypatch, SENTENCES[0].rstrip(".") + " " + SENTENCES[1], SENTENCES[2])
    page = Page("1", TEXT.replace(".", "", 1), (SENTENCES[0].rstrip("."), *SENTENCES[1:]), ())
    found = values(page)
    assert found == {"whole": pytest.approx(100 / 3), "boundary F1": pytest.approx(80), "lost": 0}


def test_a_gold_sentence_that_extraction_lost_is_lost() -> None:
    found = values(Page("1", SENTENCES[0], SENTENCES[:2], ()))
    assert found["whole"] == 50
    assert found["lost"] > 0


def test_a_line_of_furniture_that_repeats_prose_is_looked_for_on_a_line_of_its_own() -> None:
    heading = "وزير الصحة"
    page = Page("1", f"{SENTENCES[0]}\n{heading}\n{SENTENCES[1]} {SENTENCES[2]}", SENTENCES, (heading,))
    assert values(page)["dropped"] == 100


def test_figures_are_pooled_over_pages_and_lie_in_their_intervals() -> None:
    short = Page("2", SENTENCES[0], (SENTENCES[0], "جملة ليست في النص."), ())
    whole = score([PAGE, short], "ar")["whole"]
    assert whole.value == pytest.approx(80)
    assert whole.low < whole.value < whole.high


def test_rows_are_text_or_html(tmp_path: Path) -> None:
    page = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
    html = f"<html><body><nav>الرئيسية</nav><article>{page}</article></body></html>"
    rows = [
        {"id": 1, "text": TEXT, "sentences": SENTENCES, "furniture": FURNITURE},
        {"id": 2, "html": html, "sentences": SENTENCES},
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    first, second = read_pages(tmp_path / "rows.jsonl")
    assert first == PAGE
    assert (second.id, second.furniture) == ("2", ())
    assert all(sentence in second.text for sentence in SENTENCES)


@pytest.mark.parametrize(
    "row", [{"id": 1, "text": TEXT}, {"id": 1, "sentences": ["x"]}, {"id": 1, "text": "", "sentences": ["x"]}]
)
def test_the_malformed_line_is_named(tmp_path: Path, row: dict[str, object]) -> None:
    (tmp_path / "rows.jsonl").write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(ValueError, match=r'rows\.jsonl:1: expected {"id", "text" or "html", "sentences"'):
        read_pages(tmp_path / "rows.jsonl")


@pytest.mark.parametrize("language", ["ar", "en"])
def test_pages_of_the_corpus_are_paragraphs_below_their_title(language: str) -> None:
    page = corpus_pages("validation", language)[0]
    title, *paragraphs = page.text.split("\n\n")
    assert page.furniture == (title,)
    assert " ".join(paragraphs) == " ".join(page.sentences)
    assert corpus_pages("validation", language)[0] == page


def test_an_article_of_the_corpus_in_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="not this in fr"):
        corpus_pages("validation", "fr")
