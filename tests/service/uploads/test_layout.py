"""Lines become paragraphs: by their distance, their length, their size, and what stands on every page."""

import pytest

from service.uploads.layout import Glyph, Line, mend, paragraphs


def line(text: str, y: float, left: float = 50, right: float = 500, size: float = 12) -> Line:
    return Line(text, left, right, y, size)


def glyphs(text: str, step: float, start: float = 300) -> list[Glyph]:
    return [Glyph(letter, start + step * index, 0, 12) for index, letter in enumerate(text)]


def test_lines_of_a_paragraph_are_joined_and_a_wider_gap_ends_it() -> None:
    assert paragraphs([[line("one", 100), line("two", 85), line("three", 60)]]) == ["one two", "three"]


@pytest.mark.parametrize(("text", "ends"), [("short", {"right": 300.0}), ("قصير", {"left": 250.0})])
def test_a_short_line_ends_its_paragraph_on_the_side_where_it_is_written_to(text: str, ends: dict[str, float]) -> None:
    assert len(paragraphs([[line(text, 100, **ends), line(text, 85), line(text, 70)]])) == 2


def test_a_heading_is_not_joined() -> None:
    assert paragraphs([[line("Heading", 100, size=18), line("text", 85)]]) == ["Heading", "text"]


def test_a_sentence_goes_on_across_pages() -> None:
    assert paragraphs([[line("The", 50)], [line("end.", 700)], [line("New", 700)]]) == ["The end.", "New"]


def test_headers_and_page_numbers_are_left_out() -> None:
    pages = [
        [line("Daily, page 1", 800), line(f"Text {word}.", 700), line(number, 20)]
        for word, number in zip("ab", "12", strict=True)
    ]
    assert paragraphs(pages) == ["Text a.", "Text b."]
    assert paragraphs([[line("Alone", 800), line("1", 20)]]) == ["Alone"]


def test_a_word_that_was_divided_is_whole_again() -> None:
    assert paragraphs([[line("govern\u00ad", 100), line("ment", 85)]]) == ["government"]


def test_text_that_runs_the_wrong_way_is_turned_round_by_the_places_of_its_glyphs() -> None:
    assert mend(glyphs("قال", -5)).text == "قال"
    assert mend(glyphs("لاق", 5)).text == "قال"
    assert mend(glyphs("said", 5)).text == "said"


def test_numbers_stay_as_they_are() -> None:
    assert mend([*glyphs("12", 5, 290), *glyphs(" ماع", 5, 300)]).text == "12عام "


def test_letters_that_share_a_glyph_are_put_in_order() -> None:
    shared = [
        Glyph("د", 30, 0, 12),
        Glyph("و", 20, 0, 12),
        Glyph("ا", 10, 0, 12),
        Glyph("ل", 10, 0, 12),
        Glyph("ر", 0, 0, 12),
    ]
    assert mend(shared).text == "دولار"
    assert mend(glyphs("ال", -5)).text == "ال"


def test_brackets_are_turned_where_most_are_inverted() -> None:
    assert paragraphs([[line("قال )أمس( شيئا", 0)]]) == ["قال (أمس) شيئا"]
    assert paragraphs([[line("قال (أمس) شيئا (آخر)", 0)]]) == ["قال (أمس) شيئا (آخر)"]
