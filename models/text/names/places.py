"""Where a name stands in a text of the same or of another script."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

from models.text.names.find import Mention, find
from models.text.names.sounds import FAINT, THRESHOLD, Trie, similar, skeleton, trie
from models.text.names.tables import Entry, Phrase, ordinary, phrase_of, table
from models.text.names.words import arabic, forms, particles, words

_BACKGROUND = frozenset({"region", "sea", "religion", "people", "term"})  # kinds of what writers add of their own
_ACTORS = frozenset({"org", "leader"})  # kinds of names that a source may only hint at
_EXACT = 1.0
_ALIKE = 0.9  # score of another spelling in the same script
_POINTED = 0.8  # score of a country of which only the capital or a town is named
_SURE = 0.9  # least score by sound of a name whose forms the tables list
_COMMON = 0.2  # taken off the score by sound of an ordinary Arabic word
_SHORT = 3  # letters up to which any Arabic word may be one name with its neighbour: عبد الله is Abdullah
_LONG = 6  # letters from which on a Latin word may be heard faintly: short ones are soon alike
_CLOSING = " \"“”«»„()‘’'"  # what stands between words of one sentence although a name may begin behind it
_REACH = 3  # words that may stand between those of one name


Spot = tuple[int, int, float]  # first word, last word, score


@dataclass(frozen=True, slots=True)
class Place:
    """A name stands at `start:end`; `score`, from `THRESHOLD` to 1, says how surely it is that name."""

    start: int
    end: int
    score: float


class Places:
    """A text made ready for looking up names in it."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self._arabic = language == "ar"
        self._words = words(text)
        stops = [word.first and before.gap.strip(_CLOSING) != "" for before, word in pairwise(self._words)]
        self._sentence = list(accumulate(stops, initial=0))
        self._index: dict[str, list[int]] = {}
        for number, word in enumerate(self._words):
            for form in forms(word.plain) if self._arabic else (word.plain,):
                self._index.setdefault(form, []).append(number)
        self._found: dict[str, list[Spot]] = {}

    def locate(self, name: str, language: str) -> Place | None:
        """The best place of `name`, written in `language`; None where it stands nowhere.

        A name of the tables is found in any of its forms, a country also by its people and, less surely, by its towns. Of
        other names every word must be found, by its sound where the scripts differ, and all near one another. A name of ordinary
        words only ("Red House") is translated, not transliterated: it is not found in another script unless the tables have it.
        """
        parts = [mention.text for mention in find(name, language)] if language != "ar" else []
        places = [self._locate(part, language) for part in parts or [name]]
        found = [place for place in places if place is not None]
        if not found or len(found) < len(places):
            return None
        return min(found, key=lambda place: place.score)

    def _locate(self, name: str, language: str) -> Place | None:
        said = words(name)
        said = [word for word in said if not word.article and word.plain != "the"] or said
        phrase = tuple(word.plain for word in said)
        if not phrase:
            return None
        if (language == "ar") == self._arabic and (spot := self._first([phrase])):
            return self._place([(*spot, _EXACT)])
        entries = list(_entries(phrase, language))
        place = self._listed(entries)
        if place or phrase in table().acronyms:
            return place
        parts = [word.plain for word in said if word is said[0] or word.plain not in particles("particle")]
        parts = [word.plain for word in said if word.plain in parts and not word.acronym] or parts
        place = self._spelled(parts)
        return place if place and place.score >= (_SURE if entries else THRESHOLD) else None

    def echoes(self, word: str) -> bool:
        """Whether a Latin word of a name sounds like one of the text, if only faintly: enough where the text is chosen for it."""
        latin = words(word)[0].plain
        least = THRESHOLD if known(word) else FAINT
        return self._arabic and len(latin) >= _LONG and bool(similar(self._trie, latin, least))

    # ------------------------------------------------------------ by the tables

    def _listed(self, entries: Iterable[Entry]) -> Place | None:
        for entry in entries:
            if spot := self._first(entry.arabic if self._arabic else entry.english):
                return self._place([(*spot, _EXACT)])
        for entry in entries:
            if spot := self._first(entry.hints if self._arabic else entry.english_hints):
                return self._place([(*spot, _POINTED)])
        return None

    def _first(self, phrases: Iterable[Phrase]) -> tuple[int, int] | None:
        """The first word and the last of the earliest of `phrases` in the text."""
        return min((spot for phrase in phrases for spot in self._phrase(phrase)), default=None)

    def _phrase(self, phrase: Phrase) -> Iterator[tuple[int, int]]:
        for begin in self._index.get(phrase[0], ()):
            here = begin
            for part in phrase[1:]:
                here += 1
                while not self._arabic and here < len(self._words) and self._words[here].article:
                    here += 1
                if here >= len(self._words) or here not in self._index.get(part, ()):
                    break
            else:
                yield begin, here

    # ------------------------------------------------------------ by spelling

    def _spelled(self, parts: Sequence[str]) -> Place | None:
        """The words of a name near one another; two of them may be one word in the text ("Le Drian" is لودريان)."""
        best: list[Spot] = []
        for chosen in _joinings(parts):
            spots = [self._spots(part) for part in chosen]
            if all(spots):
                best = max(best, self._nearest(spots), key=_score)
            if best and _score(best) >= _SURE:
                break
        return self._place(best) if best else None

    def _nearest(self, spots: Sequence[Sequence[Spot]]) -> list[Spot]:
        """One spot for each word, all near the rarest one and in its sentence, with the best scores; empty if there are none."""
        best: list[Spot] = []
        reach = len(spots) + _REACH
        for anchor in min(spots, key=len):
            chosen = []
            for choices in spots:
                near = [spot for spot in choices if abs(spot[0] - anchor[0]) <= reach and self._together(spot, anchor)]
                if not near:
                    break
                chosen.append(max(near, key=lambda spot: spot[2]))
            else:
                best = max(best, chosen, key=_score)
        return best

    def _together(self, one: Spot, other: Spot) -> bool:
        return self._sentence[one[0]] == self._sentence[other[0]]

    def _spots(self, part: str) -> list[Spot]:
        if part not in self._found:
            same = arabic(part) == self._arabic
            self._found[part] = list(
                self._same(part) if same else self._heard(part) if self._arabic else self._read(part)
            )
        return self._found[part]

    def _same(self, part: str) -> Iterator[Spot]:
        """A word of the text's own script: as it is, or in another spelling."""
        for form in forms(part) if self._arabic else (part,):
            yield from ((number, number, _EXACT) for number in self._index.get(form, ()))
        if not self._arabic:
            for other in self._skeletons.get(skeleton(part), ()):
                yield from ((number, number, _ALIKE) for number in self._index[other] if other != part)
            for phrase in (phrase for entry in table().named((part,)) for phrase in entry.english):
                yield from ((*spot, _EXACT) for spot in self._phrase(phrase))

    def _heard(self, latin: str) -> Iterator[Spot]:
        """A Latin word in the Arabic text: what the tables have for it (given names), or what sounds like it."""
        listed = [phrase for entry in table().named((latin,)) if not entry.whole for phrase in entry.arabic]
        yield from ((*spot, _EXACT) for phrase in listed for spot in self._phrase(phrase))
        least = _SURE if listed else THRESHOLD
        alike = {
            form: score
            for form, found in similar(self._trie, latin, least).items()
            if (score := found - (_COMMON if form in ordinary("ar") else 0.0)) >= least
        }
        for form, score in alike.items():
            yield from ((number, number, score) for number in self._index[form])
        if not alike:
            for form, score in similar(self._pair_trie, latin, least).items():
                yield from ((number, number + 1, score) for number in self._pairs[form])

    def _read(self, word: str) -> Iterator[Spot]:
        """An Arabic word in the Latin text."""
        wanted = trie(forms(word))
        for number, found in enumerate(self._words):
            if found.capital:
                score = max(similar(wanted, found.plain).values(), default=0.0)
                if not score and found.joined and number + 1 < len(self._words):
                    score = max(similar(wanted, found.plain + self._words[number + 1].plain).values(), default=0.0)
                    if score:
                        yield number, number + 1, score
                elif score:
                    yield number, number, score

    @cached_property
    def _trie(self) -> Trie:
        return trie(form for form in self._index if len(form) > 1)

    @cached_property
    def _pairs(self) -> dict[str, list[int]]:
        """Two Arabic words written as one -> where they stand: one of them is short, or both are no ordinary words."""
        found: dict[str, list[int]] = {}
        for number, (one, other) in enumerate(pairwise(self._words)):
            if one.gap == " ":
                bare = other.plain.removeprefix("ال")
                for form in forms(one.plain):
                    if min(len(form), len(bare)) <= _SHORT or not {form, bare} & ordinary("ar"):
                        for joined in {form + other.plain, form + bare}:
                            found.setdefault(joined, []).append(number)
        return found

    @cached_property
    def _pair_trie(self) -> Trie:
        return trie(self._pairs)

    @cached_property
    def _skeletons(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word in {word.plain for word in self._words if word.capital}:
            found.setdefault(skeleton(word), []).append(word)
        return found

    def _place(self, spots: Sequence[Spot]) -> Place:
        first, last = min(spot[0] for spot in spots), max(spot[1] for spot in spots)
        return Place(self._words[first].start, self._words[last].end, _score(spots))


def missing(sentence: str, places: Places, language: str = "en") -> list[Mention]:
    """The names of a sentence that stand nowhere in the source.

    Left out are those of which `find` is not certain, and those that writers add of their own ("the Mediterranean").
    """
    return [
        name
        for name in find(sentence, language)
        if name.certain and places.locate(name.text, language) is None and not _background(name.text, language)
    ]


def replaced(unknown: Sequence[Mention], text: str, language: str, source: str, source_language: str) -> list[Mention]:
    """Which of the names of a text that its source does not have may stand for another one.

    A body or a leader of the tables may be put for what the source only hints at ("the new administration"), unless the source
    has another that the text does not say. Any other name has to stand there.
    """
    actors = {name: _actors(name.text, language) for name in unknown}
    if not any(actors.values()):
        return list(unknown)
    places = Places(text, language)
    unsaid: set[str] = set()
    for other in find(source, source_language):
        kinds = _actors(other.text, source_language)
        if kinds and places.locate(other.text, source_language) is None:
            unsaid |= kinds
    return [name for name in unknown if not actors[name] or actors[name] & unsaid]


def parts(name: str) -> list[str]:
    """The words of a name without articles and particles."""
    return [word.text for word in words(name) if not word.article and word.plain not in particles("particle")]


def known(word: str) -> bool:
    """Whether a Latin word is a name of the tables."""
    return bool(table().named(phrase_of(word)))


def foreign(word: str) -> bool:
    """Whether an Arabic word is neither an ordinary one nor known as a name."""
    return not any(form in ordinary("ar") or form in table().arabic for form in forms(words(word)[0].plain))


def _actors(name: str, language: str) -> set[str]:
    """Which kinds of those who act a name is of, as the tables have it."""
    phrase = phrase_of(name)
    return {entry.kind for entry in _entries(phrase, language)} & _ACTORS if phrase else set()


def exchanged(text: str, language: str, source: str, source_language: str) -> list[Mention]:
    """The names of a translation that stand in its place of another: its source has none like it, and one that it lacks.

    Where the source has no name that the translation lacks, the name may be said for a pronoun, or for "the organisation".
    """
    unknown = missing(text, Places(source, source_language), language)
    if not unknown:
        return []
    places = Places(text, language)
    lost = (places.locate(name.text, source_language) is None for name in find(source, source_language))
    return unknown if any(lost) else []


def _background(name: str, language: str) -> bool:
    phrase = phrase_of(name)
    kinds = {entry.kind for entry in _entries(phrase, language)} if phrase else set()
    return bool(kinds) and kinds <= _BACKGROUND


def _entries(phrase: Phrase, language: str) -> Iterator[Entry]:
    if language != "ar":
        yield from table().named(phrase)
        return
    for form in forms(phrase[0]):
        yield from (entry for known, entry in table().arabic.get(form, ()) if known[1:] == phrase[1:])


def _joinings(parts: Sequence[str]) -> Iterator[list[str]]:
    """The words as they are, then with each two neighbours as one."""
    yield list(parts)
    for place in range(len(parts) - 1):
        yield [*parts[:place], parts[place] + parts[place + 1], *parts[place + 2 :]]


def _score(spots: Sequence[Spot]) -> float:
    return min((spot[2] for spot in spots), default=0.0)
