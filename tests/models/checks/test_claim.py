"""Pairs: which words of a text rest on which of its source."""

from hypothesis import given
from hypothesis import strategies as st

from models.checks.claim import Pair, Words
from tests.models.checks.pairs import retelling, translation

ARABIC = "فتح الوزير المدرسة أمس، ثم زار الوزير المستشفى."


def test_words_are_found_by_offset() -> None:
    words = Words("One, two")
    assert len(words) == 2 and words.spans == [(0, 3), (5, 8)]
    assert [words.at(offset) for offset in (0, 3, 4, 5, 99)] == [0, 0, 0, 1, 1]


def test_each_word_of_content_is_linked_to_its_translation() -> None:
    pair = translation("The minister opened the school.", ARABIC)
    assert {(1, 1), (4, 2)} <= set(pair.links)
    assert pair.places(1) == [1, 6]


def test_the_share_tells_how_much_is_found() -> None:
    same = "The minister opened the school in Tripoli."
    assert retelling(same, same).share == 1.0
    assert retelling("Heavy rain destroyed bridges.", same).share == 0.0
    assert retelling("It was so.", same).share == 0.0


def test_content_leaves_out_words_that_are_in_every_text() -> None:
    pair = retelling("Rain.", "The minister opened the school of the village.")
    assert {pair.source[slice(*pair.origin.spans[word])] for word in pair.content} >= {"school", "village"}
    assert 0 not in pair.content


def test_words_in_other_scripts_and_numbers_rest_on_their_like() -> None:
    pair = translation(
        "The strikes killed 14 people near Kalmuria, the minister of agriculture said.",
        "وقال وزير الزراعة إن الغارات أسفرت عن مقتل ١٤ شخصا قرب كلموريا.",
    )
    found = {
        pair.text[slice(*pair.said.spans[one])]: pair.source[slice(*pair.origin.spans[two])] for one, two in pair.links
    }
    assert found.items() >= {
        "killed": "مقتل", "14": "١٤", "people": "شخصا", "Kalmuria": "كلموريا", "minister": "وزير", "agriculture": "الزراعة"
    }.items()  # fmt: skip
    assert "The" not in found and "of" not in found


def test_a_translation_accounts_for_more_than_another_sentence() -> None:
    english = "The central bank raised interest rates to curb inflation"
    assert translation(english, "رفع البنك المركزي أسعار الفائدة لكبح التضخم").share > 0.7
    assert translation(english, "وصل المنتخب إلى نهائي البطولة بعد فوزه بهدفين").share < 0.2


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_texts_can_be_compared(english: str, source: str) -> None:
    pair = Pair(english, "en", source, "ar", whole=False)
    assert all(0 <= here < len(pair.said) and 0 <= there < len(pair.origin) for here, there in pair.links)
    assert all(0 <= word < len(pair.origin) for word in pair.content)
    assert 0.0 <= pair.share <= 1.0 + 1e-9
