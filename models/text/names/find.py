"""The names in a sentence: in Latin script by their capitals, in Arabic, which has none, those that the tables know."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from models.text.names.tables import Entry, Phrase, ordinary, table
from models.text.names.words import Word, forms, particles, words

# What turns an ordinary word into another: endings that leave a listed word, and endings that no name has.
_INFLECTED = (
    *("s", "es", "ed", "d", "ing", "ly", "er", "ers", "r", "rs", "al", "ally"),
    *("ment", "ments", "ness", "less"),
)
_DERIVED = re.compile(
    ".{3,}(?:[st]ions?|olog(?:y|ists?|ical)|ical|ments?|mental|ness|ship|it(?:y|ies)|aries|arians?|ative|able|ism|ists|ics"
    "|fully?|(?:al|ing|ous|ab|ib|iv|ic)ly)$"
)
_ROMAN = re.compile("[IVX]+$")
_CACHED = 1 << 10  # sentences and names: each is asked about more than once
_POSSESSIVE = re.compile("['’‘ʼ][sS]$")


@dataclass(frozen=True, slots=True)
class Mention:
    """A name at `start:end` of a text.

    One that is not `certain` may be no name, or one that another language need not repeat: a sentence's first word, an unknown
    acronym, a term such as DNA.
    """

    text: str
    start: int
    end: int
    certain: bool = True


class _Known(NamedTuple):
    """What the tables know of a place in a text: how many words the name takes, and its entries."""

    length: int
    entries: list[Entry]


@lru_cache(_CACHED)
def find(text: str, language: str) -> tuple[Mention, ...]:
    """The names in `text`, in reading order, without titles and the words of offices ("President", "Foreign Ministry").

    In Arabic only names of the tables are found (countries, well known places and people, organisations): see `available`.
    """
    found = words(text)
    spans = _known_arabic(found) if language == "ar" else _capitalised(found)
    mentions = []
    for begin, end, certain in spans:
        start, last = found[begin].start, found[end - 1]
        stop = last.end - (2 if _POSSESSIVE.search(last.text) else 0)
        mentions.append(Mention(text[start:stop], start, stop, certain))
    return tuple(mentions)


def available(language: str) -> bool:
    """Whether `find` sees all names of a text in `language`, and not only those of the tables."""
    return language == "en"


# ---------------------------------------------------------------- Latin script


def _capitalised(found: Sequence[Word]) -> list[tuple[int, int, bool]]:
    """The first word of each name, the one behind its last, and whether it is certain."""
    lower = frozenset(word.plain for word in found if not word.capital)
    spans, place = [], 0
    while place < len(found):
        known = _known(found, place)
        if known.entries and not _maybe_ordinary(found[place : place + known.length], lower):
            spans.append((place, place + known.length, known.entries[0].kind != "term"))
            place += known.length
            continue
        end, looked = _end(found, place, lower)
        if end > place:
            name = found[place:end]
            spans.append((place, end, not (all(word.acronym for word in name) or (name[0].first and len(name) == 1))))
            place = end
        else:
            place = max(looked, place + 1)
    return spans


def _known(found: Sequence[Word], place: int) -> _Known:
    """The longest name of the tables that begins at `place`, perhaps with its article."""
    begin = place + _articles(found, place)
    if begin < len(found):
        candidates = table().english.get(found[begin].plain, ())
        for phrase, entry in candidates:
            if entry.whole and (length := _spelled(found, begin, phrase)):
                entries = [other for same, other in candidates if same == phrase and other.whole]
                return _Known(begin - place + length, entries)
    return _Known(0, [])


def _spelled(found: Sequence[Word], place: int, phrase: Phrase) -> int:
    """How many words from `place` spell the phrase, 0 if they do not; articles between them are passed over."""
    if not found[place].capital or (phrase in table().acronyms and len(phrase[0]) > 1 and not found[place].acronym):
        return 0
    here = place
    for number, part in enumerate(phrase):
        if number:
            if found[here - 1].gap.strip() not in ("", "-", "'", "’"):
                return 0
            here += _articles(found, here)
            here += here < len(found) and found[here].plain == "the"
        if here >= len(found) or found[here].plain != part:
            return 0
        here += 1
    return here - place


def _articles(found: Sequence[Word], place: int) -> int:
    return 1 if place < len(found) and found[place].article and found[place].joined else 0


def _maybe_ordinary(name: Sequence[Word], lower: frozenset[str]) -> bool:
    """A sentence begins with a word that is both a name and an ordinary word: "Nice", "Turkey"."""
    word = name[0]
    return len(name) == 1 and word.first and not word.acronym and (word.plain in ordinary("en") or word.plain in lower)


def _end(found: Sequence[Word], place: int, lower: frozenset[str]) -> tuple[int, int]:
    """Behind the last word of the name that begins at `place`, `place` itself if none begins there; and how far was looked.

    Where none begins there, none begins at the words that were looked at: articles and particles in a row.
    """
    end = here = place
    while here < len(found) and not (here > place and _known(found, here).entries):
        word = found[here]
        if _is_name(word, lower):
            end = here + 1
        elif not word.article and not (word.plain in particles("particle") and (here > place or word.capital)):
            break
        if not word.joined:
            break
        here += 1
    return end, here


def _is_name(word: Word, lower: frozenset[str]) -> bool:
    if not word.capital or word.article or len(word.plain) < 2 or _ROMAN.match(word.text):
        return False
    if any(char.isdigit() for char in word.text):
        return False
    return not (_is_ordinary(word.plain) or (word.first and word.plain in lower))


def _is_ordinary(word: str) -> bool:
    """Whether a plain English word is listed, or what it is a form of, or is formed as no name is."""
    listed = ordinary("en")
    stems = (word.removesuffix(ending) for ending in _INFLECTED if word.endswith(ending))
    return (
        word in listed
        or _DERIVED.match(word) is not None
        or any(len(stem) > 2 and (stem in listed or f"{stem}e" in listed) for stem in stems)
    )


# ---------------------------------------------------------------- Arabic script


def _known_arabic(found: Sequence[Word]) -> list[tuple[int, int, bool]]:
    spans, place = [], 0
    while place < len(found):
        lengths = [
            len(phrase)
            for form in forms(found[place].plain)
            for phrase, entry in table().arabic.get(form, ())
            if entry.whole and entry.kind != "term" and _stands(found, place, phrase)
        ]
        if lengths:
            spans.append((place, place + max(lengths), True))
        place += max(lengths, default=1)
    return spans


def _stands(found: Sequence[Word], place: int, phrase: Phrase) -> bool:
    behind = found[place : place + len(phrase)]
    return len(behind) == len(phrase) and all(
        part in forms(word.plain) for part, word in zip(phrase, behind, strict=True)
    )
