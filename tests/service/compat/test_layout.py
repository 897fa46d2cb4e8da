"""Layout: what is translated is replaced, white space stays."""

import pytest

from service.compat.layout import Piece, by_line, has_words, replaced
from service.schemas.briefs import TranslatedSentence


def sentence(start: int, end: int) -> TranslatedSentence:
    return TranslatedSentence(source="", translation=f"{start}-{end}", start=start, end=end, doubt=None)


@pytest.mark.parametrize("text", ["مطر", "a", "35 مدرسة", "انظر https://example.org/a", "(x)", "@a b"])
def test_text_with_a_word_is_translated(text: str) -> None:
    assert has_words(text)


@pytest.mark.parametrize(
    "text", ["", " \n", "35", "٣٥؟", "---", "🙂", "https://example.org/a", "@user @b", "#وسم", "1.2.3"]
)
def test_text_without_a_word_is_not(text: str) -> None:
    assert not has_words(text)


def test_sentences_are_told_apart_by_line() -> None:
    found = by_line(["abc. def.", "g", "hi"], [sentence(0, 4), sentence(5, 9), sentence(10, 11), sentence(12, 14)])
    assert found == [[Piece(0, 4, "0-4"), Piece(5, 9, "5-9")], [Piece(0, 1, "10-11")], [Piece(0, 2, "12-14")]]


def test_white_space_around_sentences_stays() -> None:
    assert replaced("  a.  b.\t\n", [Piece(2, 4, "A."), Piece(6, 8, "B.")]) == "  A.  B.\t\n"


def test_sentences_that_touch_get_a_space() -> None:
    assert replaced("雨。雪。", [Piece(0, 2, "Rain."), Piece(2, 4, "Snow.")]) == "Rain. Snow."


def test_what_cannot_be_seen_between_sentences_goes() -> None:
    assert replaced("\u200fa.\u200f b.", [Piece(1, 3, "A."), Piece(5, 7, "B.")]) == "A. B."


def test_a_line_without_sentences_is_itself() -> None:
    assert replaced("---\n", []) == "---\n"
