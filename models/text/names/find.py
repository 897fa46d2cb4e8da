"""The names in a sentence: in Latin script by their capitals, in Arabic, which has none, those that the tables know."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.text.names.tables import Entry, Phrase, ordinary, table
from models.text.names.words import Word, arabic, forms, words

PARTICLES = frozenset({"bin", "ibn", "bint", "de", "der", "den", "van", "von", "la", "le", "du", "da", "di", "del", "al", "el"})
_DERIVED = re.compile(
    r".{3,}(?:[st]ions?|olog(?:y|ists?|ical)|ical|ments?|mental|ness|ship|it(?:y|ies)|aries|arians?|ative|able|ism|ists|ics|fully?)$"
)
_ROMAN = re.compile(r"[IVX]+$")


@dataclass(frozen=True, slots=True)
class Mention:
    """A name at `start:end`. One that is not `certain` may be an ordinary word with the capital of a sentence's beginning,
    or an acronym of which only the words may stand in another language."""

    text: str
    start: int
    end: int
    certain: bool = True


def find(text: str, language: str) -> list[Mention]:
    """The names in `text`, in reading order, titles and the words of offices left out ("President", "Foreign Ministry").

    In Arabic only names of the tables are found (countries, big places, organisations): see `available`.
    """
    return _known_arabic(text) if language == "ar" else _capitalised(text)


def available(language: str) -> bool:
    """Whether `find` sees all names of a text in `language`, and not only well known ones."""
    return language == "en"


def known(found: Sequence[Word], place: int) -> tuple[int, list[Entry]]:
    """The longest phrase of the tables at `place`: how many words it takes (articles too), and its entries."""
    skipped = _articles(found, place)
    if skipped >= len(found) - place:
        return 0, []
    begin = found[place + skipped]
    for phrase, entry in table().english.get(begin.plain, ()):
        taken = _taken(found, place + skipped, phrase)
        if taken and entry.whole:
            rest = [other for same, other in table().english[begin.plain] if same == phrase and other.whole]
            return skipped + taken, rest
    return 0, []


def _taken(found: Sequence[Word], place: int, phrase: Phrase) -> int:
    """How many words at `place` spell the phrase, 0 if they do not; articles between them are passed over."""
    if not found[place].capital or (phrase in table().acronyms and not found[place].acronym and len(phrase[0]) > 1):
        return 0
    here = place
    for number, part in enumerate(phrase):
        if number:
            if not (found[here - 1].gap.strip() in ("", "-", "'", "’")):
                return 0
            here += _articles(found, here)
            if here < len(found) and found[here].plain == "the" and part != "the":
                here += 1
        if here >= len(found) or found[here].plain != part:
            return 0
        here += 1
    return here - place


def _articles(found: Sequence[Word], place: int) -> int:
    return 1 if place < len(found) and found[place].article and found[place].joined else 0


def _capitalised(text: str) -> list[Mention]:
    found = words(text)
    mentions, place = [], 0
    lower = frozenset(word.plain for word in found if not word.capital)
    while place < len(found):
        taken, entries = known(found, place)
        if entries and not _plain_word(found[place : place + taken], lower):
            mentions.append(_mention(text, found, place, place + taken, certain=entries[0].kind != "term"))
            place += taken
            continue
        end = _end(found, place, lower)
        if end > place:
            mentions.append(_mention(text, found, place, end, certain=_certain(found[place:end])))
        place = max(end, place + 1)
    return mentions


def _mention(text: str, found: Sequence[Word], begin: int, end: int, *, certain: bool) -> Mention:
    start, last = found[begin].start, found[end - 1]
    stop = last.end - (2 if re.search(r"['’‘ʼ][sS]$", last.text) else 0)
    return Mention(text[start:stop], start, stop, certain)


def _plain_word(phrase: Sequence[Word], lower: frozenset[str]) -> bool:
    """A sentence begins with a word that is a name as well as an ordinary word: "West", "Times"."""
    word = phrase[0]
    return len(phrase) == 1 and word.first and not word.acronym and (word.plain in ordinary("en") or word.plain in lower)


def _end(found: Sequence[Word], place: int, lower: frozenset[str]) -> int:
    """Where the name that begins at `place` ends; `place` itself if none begins there."""
    end = here = place
    while here < len(found):
        if here > place and known(found, here)[0]:
            break
        if _name_word(found[here], lower):
            end = here + 1
        elif not (found[here].article or (found[here].plain in PARTICLES and (here > place or found[here].capital))):
            break
        if not found[here].joined:
            break
        here += 1
    return end


def _name_word(word: Word, lower: frozenset[str]) -> bool:
    if not word.capital or not word.text[0].isalpha() or any(c.isdigit() for c in word.text) or word.article:
        return False
    if len(word.plain) < 2 or _ROMAN.match(word.text):
        return False
    return not (is_ordinary(word.plain) or (word.first and word.plain in lower))


def is_ordinary(word: str) -> bool:
    """Whether a plain English word, or what it is an inflected form of, is listed as ordinary."""
    listed = ordinary("en")
    if word in listed or _DERIVED.match(word):
        return True
    return any(
        word.endswith(ending) and (word[: -len(ending)] in listed or word[: -len(ending)] + "e" in listed)
        for ending in ("s", "es", "ed", "d", "ing", "ly", "er", "ers", "r", "rs", "al", "ally", "ment", "ments", "ness", "less")
        if len(word) - len(ending) > 2
    )


def _certain(name: Sequence[Word]) -> bool:
    if all(word.acronym for word in name):
        return False
    return not (name[0].first and len(name) == 1)


def _known_arabic(text: str) -> list[Mention]:
    found = words(text)
    mentions, place = [], 0
    while place < len(found):
        taken = max((len(p) for form in forms(found[place].plain) for p, e in table().arabic.get(form, ()) if e.whole and _spells(found, place, p)), default=0)
        if taken:
            mentions.append(Mention(text[found[place].start : found[place + taken - 1].end], found[place].start, found[place + taken - 1].end))
        place += max(taken, 1)
    return mentions


def _spells(found: Sequence[Word], place: int, phrase: Phrase) -> bool:
    return len(found) - place >= len(phrase) and all(part in forms(word.plain) for part, word in zip(phrase, found[place:], strict=False))
