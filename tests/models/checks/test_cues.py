"""Cues: phrases of a table, the longest at each word, also with what Arabic writes together with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.checks import cues


def found(text: str, language: str) -> list[tuple[str, str]]:
    return [(cue.kind, text[cue.start : cue.end]) for cue in cues.read(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("He did not come.", "en", [("negation", "not")]),
        ("He wasn’t there.", "en", [("negation", "wasn’t")]),
        ("Not only he came.", "en", [("faint", "Not only")]),
        ("until the unit came", "en", [("faint", "until")]),
        ("an unnamed man under the bridge", "en", [("soft", "unnamed"), ("soft", "under")]),
        ("She did not explicitly deny it", "en", [("faint", "not explicitly deny")]),
        ("ولم يحضر", "ar", [("negation", "ولم")]),
        ("بألّا يحضر", "ar", [("negation", "بألّا")]),
        ("إلا", "ar", []),
        ("لم يصل إلى المدينة سوى رجلين", "ar", [("soft", "لم يصل إلى المدينة سوى")]),
        ("وبحسب الوزارة", "ar", [("source", "وبحسب")]),
    ],
)
def test_phrases(text: str, language: str, expected: list[tuple[str, str]]) -> None:
    assert [cue for cue in found(text, language) if cue[0] not in ("saying", "voicing")] == expected


def test_a_word_may_turn_and_report() -> None:
    assert found("The ministry denied it.", "en") == [("denial", "denied"), ("saying", "denied")]


def test_pronouns_name_nobody() -> None:
    assert cues.is_pronoun("They", "en") and cues.is_pronoun("التي", "ar")
    assert not cues.is_pronoun("police", "en") and not cues.is_pronoun("il", "fr")


def test_a_language_without_a_table_has_none() -> None:
    assert not cues.known("fr") and cues.read("Il n'est pas venu.", "fr") == ()


@given(st.text(max_size=80), st.sampled_from(["ar", "en"]))
def test_cues_lie_in_any_text(text: str, language: str) -> None:
    assert all(0 <= cue.start < cue.end <= len(text) for cue in cues.read(text, language))
