"""Pairs: which words of a text rest on which of its source."""

from models.checks.claim import Words
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
