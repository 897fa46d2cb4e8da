"""Phrases of a table: the longest that begins at a word, within its clause, also with what Arabic writes together with it."""

import pytest

from models.checks.phrases import Table

TABLE: Table[str] = Table(
    "en", [{None: ["open letter*"], "one": ["open*", "set ** free"], "other": ["close"]}, {"two": ["open"]}]
)
ARABIC: Table[str] = Table("ar", [{"one": ["فتح", "يفتح*"]}])


def found(table: Table[str], text: str) -> list[tuple[str, str]]:
    return [(kind, text[place.start : place.end]) for kind, place in table.read(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They opened it.", [("one", "opened")]),
        ("An open letter is close.", [("other", "close"), ("two", "open")]),
        ("They set the last of them free.", [("one", "set the last of them free")]),
        ("The set is old, and free.", []),
    ],
)
def test_the_longest_phrase_of_a_clause_counts_in_each_group(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(TABLE, text) == expected


def test_a_place_knows_the_phrase_of_the_table() -> None:
    ((_, place),) = TABLE.read("closed or close")
    assert place.phrase == "close"


@pytest.mark.parametrize("word", ["فتح", "وفتح", "سيفتحون", "وسيفتح"])
def test_what_is_written_together_with_a_word_may_stand_before_it(word: str) -> None:
    assert found(ARABIC, f"{word} الباب") == [("one", word)]
