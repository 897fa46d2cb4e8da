"""The word table: what translates what, which word rests on which, how much of a sentence is accounted for."""

import pytest
from hypothesis import strategies as st

from models.text.lexicon import Lexicon, lexicon

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
    assert table.sources("governments")[table.stem("الحكومة", "ar")] == 1.0
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
    sources = arabic.sources(english)
    assert sources[arabic.stem(word, "ar")] > 0.4
    assert arabic.stem("تضخم", "ar") not in sources
