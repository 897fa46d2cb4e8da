"""The glossary: what a file of terms may hold, and where terms are found whatever is written with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import GlossaryInvalid
from models.glossary import LONGEST, MOST_ENTRIES, Entry, Glossary

CAIRO = Entry("القاهرة", "Qahira")
PREMIER = Entry("رئيس الوزراء", "Premier")
PRESIDENT = Entry("رئيس", "President")


def found(text: str, *entries: Entry, language: str = "ar") -> list[tuple[str, str]]:
    """The entries' translations with the characters that each stands for."""
    return [(match.entry.target, text[match.start : match.end]) for match in Glossary(entries, language).find(text)]


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("وصل إلى القاهرة.", "القاهرة"),
        ("والقاهرة بعيدة", "القاهرة"),
        ("بالقاهرة", "القاهرة"),
        ("وبالقاهرة", "القاهرة"),
        ("كالقاهرة", "القاهرة"),
        ("للقاهرة", "لقاهرة"),
        ("وللقاهرة", "لقاهرة"),
        ("القاهره", "القاهره"),
        ("القـــاهرة", "القـــاهرة"),
        ("فَبِالقَاهِرَةِ", "القَاهِرَةِ"),
    ],
)
def test_particles_marks_tatweel_and_letter_variants_make_no_difference(text: str, stands: str) -> None:
    assert found(text, CAIRO) == [("Qahira", stands)]


@pytest.mark.parametrize("text", ["القاهرتان", "قاهرة", "مالقاهرة", "القا هرة", ""])
def test_only_whole_words_count(text: str) -> None:
    assert found(text, CAIRO) == []


def test_a_term_without_the_article_is_found_with_it() -> None:
    assert found("قال الرئيس وللرئيس", PRESIDENT) == [("President", "الرئيس"), ("President", "لرئيس")]


def test_the_longest_term_counts_and_words_may_stand_apart() -> None:
    assert found("أعلن رئيس \n الوزراء أن رئيس اللجنة", PRESIDENT, PREMIER) == [
        ("Premier", "رئيس \n الوزراء"),
        ("President", "رئيس"),
    ]
    assert found("رئيس، الوزراء", PREMIER) == []


def test_of_two_entries_with_one_term_the_first_counts() -> None:
    assert found("القاهرة", CAIRO, Entry("القاهرة", "Cairo")) == [("Qahira", "القاهرة")]


def test_other_languages_are_matched_whatever_the_capitals() -> None:
    entry = Entry("prime minister", "رئيس الحكومة")
    assert found("The Prime Minister's office; prime ministers", entry, language="en") == [
        ("رئيس الحكومة", "Prime Minister")
    ]


def test_a_file_has_a_term_a_tab_and_a_translation_a_line() -> None:
    glossary = Glossary.parse("\ufeff# names\n\nالقاهرة\tQahira\nرئيس الوزراء \t Premier\r\n")
    assert glossary.entries == (CAIRO, PREMIER)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("القاهرة\tQahira\nالقاهرة", "Line 2 of the glossary: expected a term, one tab and its translation"),
        ("القاهرة\tQahira\tCairo", "Line 1"),
        ("القاهرة\t", "Line 1 of the glossary: the translation has no word"),
        ("،\tQahira", "the term has no word"),
        (f"القاهرة\t{'a' * (LONGEST + 1)}", "the translation has 201 characters; 200 are allowed"),
        ("القاهرة\tQahira\n" * (MOST_ENTRIES + 1), "5001 entries; 5000 are allowed"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_line(text: str, message: str) -> None:
    with pytest.raises(GlossaryInvalid, match=message):
        Glossary.parse(text)


LETTERS = st.text("وفبلكاأةهيىقـَ \n،", max_size=40)


@given(LETTERS, st.lists(LETTERS.filter(str.strip), max_size=5))
def test_matches_are_in_order_apart_and_begin_and_end_with_a_letter(text: str, terms: list[str]) -> None:
    sound = [Entry(term, "x") for term in terms if any(map(str.isalpha, term.replace("ـ", "")))]
    last = 0
    for match in Glossary(sound, "ar").find(text):
        assert last <= match.start < match.end <= len(text)
        assert not text[match.start].isspace() and not text[match.end - 1].isspace()
        last = match.end
