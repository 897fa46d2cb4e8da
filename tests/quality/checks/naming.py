"""Names: swapped for others of their kind, or spelled otherwise."""

import random
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from base import Change, Draft, substitute, tables, whole

from models.training import names as table
from models.training.names import Name, names

_NEAR = 7  # the table of places goes from country to country: a neighbour in it is a likely mistake
_TABLE = Path(table.__file__).parent / "names.tsv"
_ORDER = {line.split("\t")[-1]: place for place, line in enumerate(_TABLE.read_text(encoding="utf-8").splitlines())}
_PREFIX = r"(?<!\w)(?P<prefix>[وفب]?)"


def _word(name: str) -> str:
    return rf"(?<![\w-]){re.escape(name)}(?![\w-]|'s [A-Z])"


def _arabic(ar: str, old: str, new: str) -> str | None:
    pattern = rf"{_PREFIX}{re.escape(old)}(?!\w)"
    if len(re.findall(pattern, ar)) != 1 or len(re.findall(re.escape(old), ar)) != 1:
        return None
    return re.sub(pattern, rf"\g<prefix>{new}", ar)


def _strange(draft: Draft, *forms: str) -> bool:
    """Whether a name stands nowhere in the article."""
    text = whole(draft.article, "en") + " " + whole(draft.article, "ar")
    return not any(form.removeprefix("al-") in text for form in forms)


def _swap(draft: Draft, kind: str, old: tuple[str, str], new: tuple[str, str]) -> Change | None:
    """`old` and `new`: Arabic and English. Every place of the name is changed."""
    text = re.sub(_word(old[1]), new[1], draft.en)
    return Change(f"name:{kind}", text, _arabic(draft.ar, old[0], new[0])) if text != draft.en else None


def changes(draft: Draft, rng: random.Random) -> Iterator[Change]:
    """The draft with one name wrong; the new one stands nowhere in the article."""
    made = [
        *_places(draft, rng),
        *_people(draft, rng),
        *_table(draft, rng),
        *_countries(draft, rng),
        *_lookalikes(draft),
    ]
    rng.shuffle(made)
    yield from made


def _places(draft: Draft, rng: random.Random) -> Iterator[Change]:
    places = [(name.ar, name.en) for name in _in_file_order("place")]
    for index, old in enumerate(places):
        if old[1] in draft.en and re.search(
            _word(old[1]) + r"(?! (?:City|Strip|Street|University|agreement|conference|court))", draft.en
        ):
            near = places[max(0, index - _NEAR) : index] + places[index + 1 : index + 1 + _NEAR]
            near = [new for new in near if _strange(draft, *new)]
            if (
                near
                and old[1] not in ("Kuwait City", "Bayda", "Washington")
                and not re.search(rf"[A-Z]\w+ {re.escape(old[1])}\b", draft.en)
            ):
                yield from _some(_swap(draft, "place", old, rng.choice(near)))


@cache
def _in_file_order(kind: str) -> list[Name]:
    return sorted((name for name in names() if name.kind == kind), key=lambda name: _ORDER.get(name.en, 0))


def _people(draft: Draft, rng: random.Random) -> Iterator[Change]:
    """The given name of a person changed and the family name kept, or the other way."""
    for given in names():
        if not given.kind.startswith("given") or given.en not in draft.en:
            continue
        for match in re.finditer(
            rf"(?<![\w-]){given.en} ((?:Abu |Ben |Ould )?(?:al-|el-)?[A-Z]\w+)(?![\w-]| [A-Z])", draft.en
        ):
            if re.search(rf"[A-Z]\w+ {re.escape(match.group())}", draft.en) or match.group(1) in (
                "Declaration",
                "Field",
                "al-Din",
            ):
                continue
            if not _arab(given):
                continue
            others = [
                name
                for name in names()
                if name.kind == given.kind and _arab(name) and _strange(draft, name.en, name.ar)
            ]
            new = rng.choice(others)
            yield Change(
                "name:given",
                draft.en[: match.start()] + new.en + " " + draft.en[match.start(1) :],
                _arabic(draft.ar, given.ar, new.ar),
            )
            arab = match.group(1).startswith(("al-", "el-", "Abu ", "Ben ", "Ould "))
            families = [
                name for name in names() if name.kind == "family" and _arab(name) and name.en.startswith("al-") == arab
            ]
            family = rng.choice([name for name in families if _strange(draft, name.en, name.ar)])
            ar = re.sub(rf"({_PREFIX}{re.escape(given.ar)}) ال\w+", rf"\g<1> {family.ar}", draft.ar)
            sure = match.group(1).startswith(("al-", "el-")) and ar != draft.ar and draft.ar.count(given.ar) == 1
            text = re.sub(r"(?<=\. )al-", "Al-", draft.en.replace(match.group(1), family.en))
            yield Change("name:family", text, ar if sure else None)


def _table(draft: Draft, rng: random.Random) -> Iterator[Change]:
    listed = tables()["names"]
    for group in listed["organisations"]:
        yield from _group(draft, "organisation", group, rng)
    yield from _group(draft, "person", listed["persons"], rng)
    if not re.search(r"(?:[A-Z]\w+ |al-)(?:" + "|".join(family for _, family in listed["families"]) + r")\b", draft.en):
        yield from _group(draft, "person", listed["families"], rng)


def _arab(name: Name) -> bool:
    """Whether a person's name stands in the Arab part of its list, which comes first."""
    first = {"given": "John", "givenf": "Karin", "family": "Yildiz"}[name.kind]
    return _ORDER[name.en] < _ORDER[first]


def _group(draft: Draft, kind: str, group: Iterable[tuple[str, str]], rng: random.Random) -> Iterator[Change]:
    for ar, en in group:
        if en in draft.en:
            others = [new for new in group if _strange(draft, new[0], new[1], new[1].split()[-1])]
            if others:
                yield from _some(_swap(draft, kind, (ar, en), rng.choice(others)))


def _countries(draft: Draft, rng: random.Random) -> Iterator[Change]:
    rows = tables()["names"]["countries"]
    for place, (ar, country, adjective) in enumerate(rows):
        if country not in draft.en and adjective not in draft.en:
            continue
        near = [row for row in rows[max(0, place - 6) : place + 7] if _strange(draft, row[1], row[2])]
        if not near:
            continue
        new = rng.choice(near)
        uses = [country in draft.en, adjective in draft.en]
        if uses == [True, False] and f"{country} and" not in draft.en:
            yield from _some(_swap(draft, "country", (ar, country), (new[0], new[1])))
        article = re.search(rf"\b[Aa]n? {adjective}\b", draft.en)
        if adjective in draft.en and country != "Netherlands" and not article:
            text = re.sub(_word(adjective), new[2], draft.en)
            if text != draft.en and country not in draft.en:
                yield Change("name:nationality", text)


def _lookalikes(draft: Draft) -> Iterator[Change]:
    for pair in tables()["names"]["lookalikes"]:
        for old, new in (pair, pair[::-1]):
            if old in draft.en and re.search(_word(old), draft.en) and _strange(draft, new):
                yield Change("name:lookalike", re.sub(_word(old), new, draft.en))


def _some(change: Change | None) -> Iterator[Change]:
    if change:
        yield change


def spelled(draft: Draft, rng: random.Random) -> Iterator[Change]:
    """Another spelling of a name, everywhere in the brief."""
    rules = [rule for rule in tables()["faithful"]["spellings"] if re.search(rule[0], draft.en)]
    rng.shuffle(rules)
    for place in range(len(rules)):
        text = draft.en
        for old, new in rules[place : place + 2]:
            text = re.sub(old, new, text)
        yield Change("faithful:spelling", text, draft.ar)


def shortened(draft: Draft, rng: random.Random) -> Iterator[Change]:
    """A name in its short form or in its long one."""
    rules: Iterable[tuple[str, str]] = [
        (rf"(?<![\w-]){old}(?![\w-])(?! \()", new) for old, new in tables()["faithful"]["acronyms"]
    ]
    for text in substitute(draft.en, rules, rng):
        yield Change("faithful:acronym", text, draft.ar)
