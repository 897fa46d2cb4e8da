"""The word table: what translates what, which word rests on which, how much of a sentence is accounted for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.lexicon import Lexicon, lexicon, share

TEXT = st.text(max_size=60) | st.text("ابتحرقكلمنوية 0123456789.،the Hfrnd", max_size=80)
TABLE = "# made\npairs\t100\nar\tحكوم\t4\nar\tفي\t90\nen\tgovernment\t4\t0:100:90\nen\tin\t80\t1:50:80"


@pytest.fixture(scope="module")
def arabic() -> Lexicon:
    found = lexicon("ar", "en")
    assert found is not None
    return found


@pytest.mark.parametrize("pair", [("fr", "en"), ("en", "ar"), ("", "en")])
def test_a_pair_without_a_table_has_none(pair: tuple[str, str]) -> None:
    assert lexicon(*pair) is None


def test_a_table_is_read_once() -> None:
    assert lexicon("ar", "en") is lexicon("ar", "en")


def test_the_lines_of_a_table_are_read() -> None:
    table = Lexicon(TABLE, "ar", "en")
    assert table.probability("governments", "الحكومة") == 1.0
    assert table.rarity("in", "en") < 0.1 < 0.6 < table.rarity("government", "en")
    assert table.rarity("unheard", "en") == 1.0
    assert "في" not in table.sources("in")  # too common for anything to rest on it


@pytest.mark.parametrize("line", ["fr\tbonjour\t3", "nothing", "en\tword"])
def test_a_table_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="no lines of the kind|invalid literal"):
        Lexicon(f"{TABLE}\n{line}", "ar", "en")


def test_a_table_must_say_of_how_many_sentences_it_is() -> None:
    with pytest.raises(ValueError, match="how many sentences"):
        Lexicon("ar\tحكوم\t4", "ar", "en")


@pytest.mark.parametrize(
    ("english", "word"),
    [("ministers", "الوزراء"), ("airport", "بالمطار"), ("killed", "مقتل"), ("talks", "محادثات"), ("Tripoli", "طرابلس")],
)
def test_translations_are_likely_and_other_words_are_not(arabic: Lexicon, english: str, word: str) -> None:
    assert arabic.probability(english, word) > 0.4
    assert arabic.probability(english, "تضخم") == 0.0
    assert arabic.probability(english, "") == arabic.probability("", word) == 0.0


def test_words_rest_on_words_with_offsets_on_both_sides(arabic: Lexicon) -> None:
    english = "The strikes killed 14 people near Kalmuria, the minister of agriculture said."
    source = "وقال وزير الزراعة إن الغارات أسفرت عن مقتل ١٤ شخصا قرب كلموريا."
    found = {
        english[match.start : match.end]: source[match.source_start : match.source_end]
        for match in arabic.align(english, source)
        if match.weight > 0.5
    }
    assert found.items() >= {
        "killed": "مقتل", "14": "١٤", "people": "شخصا", "Kalmuria": "كلموريا", "minister": "وزير", "agriculture": "الزراعة"
    }.items()  # fmt: skip
    assert "The" not in found and "of" not in found


def test_a_word_without_a_source_rests_on_nothing(arabic: Lexicon) -> None:
    (match,) = arabic.align("earthquake", "وصل الوزير")
    assert (match.source_start, match.source_end, match.weight) == (0, 0, 0.0)
    assert share([match]) == 0.0


def test_a_translation_accounts_for_more_than_another_sentence(arabic: Lexicon) -> None:
    english = "The central bank raised interest rates to curb inflation"
    assert arabic.share(english, "رفع البنك المركزي أسعار الفائدة لكبح التضخم") > 0.7
    assert arabic.share(english, "وصل المنتخب إلى نهائي البطولة بعد فوزه بهدفين") < 0.2


def test_what_has_no_content_has_no_share(arabic: Lexicon) -> None:
    assert arabic.share("", "كلمة") == arabic.share("of the and", "كلمة") == arabic.share("...", "") == 0.0


@given(english=TEXT, source=TEXT)
def test_any_two_texts_can_be_compared(arabic: Lexicon, english: str, source: str) -> None:
    for match in arabic.align(english, source):
        assert 0 <= match.start < match.end <= len(english)
        assert 0 <= match.source_start <= match.source_end <= len(source)
        assert 0.0 <= match.weight <= 1.0 and 0.0 < match.rarity <= 1.0
        assert bool(match.weight) == (match.source_end > match.source_start)
    assert 0.0 <= arabic.share(english, source) <= 1.0 + 1e-9
