"""The names that sound cannot match (Egypt is مصر), as tables: countries, their people and capitals, seas, organisations.

`models/text/data/names/` holds them; `ordinary.*.txt` there list words that are no names.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from models.text.names.words import arabic, words

Phrase = tuple[str, ...]

# Endings of Arabic adjectives of origin: feminine, plural, dual; all folded.
_INFLECTIONS = ("", "ه", "ين", "ون", "ان", "تين", "تان", "ات", "ا", "ي", "تي", "تا")


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of the tables with all that stands for it.

    `arabic` and `english` are its forms, adjectives of origin among them; `hints` are Arabic forms that point to it without
    naming it, such as a country's cities, `english_hints` are English ones. A `person` is part of a longer name; every other
    kind stands for itself.
    """

    kind: str
    english: frozenset[Phrase]
    arabic: frozenset[Phrase]
    hints: frozenset[Phrase] = frozenset()
    english_hints: frozenset[Phrase] = frozenset()

    @property
    def whole(self) -> bool:
        return self.kind != "person"


@dataclass(frozen=True, slots=True)
class Table:
    """The entries by their first word, longest phrases first, for each script."""

    entries: tuple[Entry, ...]
    english: dict[str, tuple[tuple[Phrase, Entry], ...]]
    arabic: dict[str, tuple[tuple[Phrase, Entry], ...]]
    acronyms: frozenset[Phrase]

    def named(self, phrase: Phrase) -> list[Entry]:
        """The entries that an English phrase (plain words, articles left out) names."""
        return [entry for known, entry in self.english.get(phrase[0], ()) if known == phrase] if phrase else []


def phrase_of(text: str) -> Phrase:
    """The plain words of a name, without articles: "the al-Qaeda" and "Al Qaeda" are the same."""
    found = [word for word in words(text) if word.plain != "the" and not word.article]
    return tuple(word.plain for word in found)


@cache
def table() -> Table:
    """All tables, read once."""
    entries = (*_countries(), *_names())
    return Table(
        entries,
        _by_first_word((phrase, entry) for entry in entries for phrase in entry.english),
        _by_first_word((phrase, entry) for entry in entries for phrase in entry.arabic),
        frozenset(phrase_of(name) for row in _rows("countries", "names") for name in _acronyms(row)),
    )


@cache
def ordinary(language: str) -> frozenset[str]:
    """Words that are no names, plain: English ones without all their inflected forms, Arabic ones with what is joined to them."""
    return frozenset(line for line in _read(f"ordinary.{language}.txt").splitlines() if not line.startswith("#"))


def _countries() -> Iterator[Entry]:
    for english, people, names, adjectives, capital, capital_ar, _ in _rows("countries"):
        forms = _english(english, people)
        arabic_forms = _phrases(names) | _origin(adjectives) | _derived(names)
        within, english_within = _pointing(english)
        capital_en, capital_forms = _phrases(capital), _phrases(capital_ar) | _derived(capital_ar)
        indefinite = _phrases(names.split("|")[0].removeprefix("ال"))  # as in "a new Somalia"
        pointing = _phrases(capital_ar) | within | indefinite
        towns, english_towns = _towns().get(english.split("|")[0], (frozenset(), frozenset()))
        yield Entry("country", forms, arabic_forms, pointing | towns, capital_en | english_within | english_towns)
        if capital:  # a capital stands for its country, and what is in the country points to both
            hints, english_hints = _pointing(capital)
            yield Entry(
                "capital",
                capital_en,
                capital_forms,
                arabic_forms | within | hints,
                forms | english_within | english_hints,
            )


@cache
def _towns() -> dict[str, tuple[frozenset[Phrase], frozenset[Phrase]]]:
    """A country's first English name -> Arabic and English names of its towns."""
    return {country: (_plain(arabic_ones), _plain(english)) for country, arabic_ones, english in _rows("towns")}


def _plain(cell: str) -> frozenset[Phrase]:
    """The alternatives of a cell whose words are plain already."""
    return frozenset(tuple(name.split()) for name in cell.split("|") if name)


def _names() -> Iterator[Entry]:
    for kind, english, people, names, adjectives, _ in _rows("names"):
        forms = _english(english, people)
        yield Entry(kind, forms, _phrases(names) | _origin(adjectives), *_pointing(english))


def _pointing(english: str) -> tuple[frozenset[Phrase], frozenset[Phrase]]:
    """What lies in one of the names, or points to it: its Arabic forms, and its English ones."""
    found = [_within().get(name, (frozenset(), frozenset())) for name in english.split("|")]
    return frozenset().union(*(arabic for arabic, _ in found)), frozenset().union(*(english for _, english in found))


@cache
def _within() -> dict[str, tuple[frozenset[Phrase], frozenset[Phrase]]]:
    """English name -> Arabic and English names of what lies in it or points to it."""
    found: dict[str, tuple[frozenset[Phrase], frozenset[Phrase]]] = {}
    parts = [(row[0], row[2], row[3], row[6]) for row in _rows("countries")]
    parts += [(row[1], row[3], row[4], row[5]) for row in _rows("names")]
    for english, names, adjectives, wholes in parts:
        for whole in wholes.split("|"):
            known = found.get(whole, (frozenset(), frozenset()))
            found[whole] = (known[0] | _phrases(names) | _origin(adjectives), known[1] | _phrases(english))
    return found


def _phrases(cell: str) -> frozenset[Phrase]:
    """The alternatives of a cell; Arabic articles stay, Latin ones go."""
    found = (_arabic(name) if arabic(name) else phrase_of(name) for name in cell.split("|") if name)
    return frozenset(phrase for phrase in found if phrase)


def _arabic(name: str) -> Phrase:
    return tuple(word.plain for word in words(name))


def _english(names: str, people: str) -> frozenset[Phrase]:
    """Names, those of one word with their plural ("Houthis"), and adjectives; "Arab leagues" are no Arab League."""
    single = (name for name in names.split("|") if " " not in name)
    return _phrases(names) | _people("|".join((*single, people)))


def _people(cell: str) -> frozenset[Phrase]:
    """English adjectives and what their bearers are called: "Libyan", "Libyans"."""
    return frozenset(
        (*phrase[:-1], phrase[-1] + ending)
        for name in cell.split("|")
        for phrase in _phrases(name)
        for ending in (("",) if name.isupper() else ("", "s"))
    )


def _origin(cell: str) -> frozenset[Phrase]:
    """Arabic adjectives in all their forms; in "كوري جنوبي" both words are inflected, alike, in "جنوب أفريقي" the last."""
    return frozenset(
        form
        for phrase in _phrases(cell)
        for ending in _INFLECTIONS
        for form in (tuple(word + ending for word in phrase), (*phrase[:-1], phrase[-1] + ending))
    )


def _derived(cell: str) -> frozenset[Phrase]:
    """The adjectives of places, in all their forms: "قاهري" for "القاهرة"; nothing for a name of several words."""
    places = (place for place in cell.split("|") if place and " " not in place)
    return _origin("|".join(place.removeprefix("ال").rstrip("ةاي") + "ي" for place in places))


def _acronyms(row: list[str]) -> Iterator[str]:
    """Names in capitals only, which a lower-case word never is: "IS", "WHO", "US"."""
    cells = row[:1] if len(row[0]) == 0 or row[0][0].isupper() else row[1:2]
    return (name for cell in cells for name in cell.split("|") if name.isupper() and len(name) > 1)


def _by_first_word(pairs: Iterable[tuple[Phrase, Entry]]) -> dict[str, tuple[tuple[Phrase, Entry], ...]]:
    found: dict[str, list[tuple[Phrase, Entry]]] = {}
    for phrase, entry in pairs:
        found.setdefault(phrase[0], []).append((phrase, entry))
    return {first: tuple(sorted(pairs, key=lambda pair: -len(pair[0]))) for first, pairs in found.items()}


def _rows(*names: str) -> list[list[str]]:
    lines = [line for name in names for line in _read(f"{name}.tsv").splitlines() if not line.startswith("#")]
    return [line.split("\t") for line in lines]


def _read(name: str) -> str:
    return files("models.text").joinpath("data", "names", name).read_text("utf-8")
