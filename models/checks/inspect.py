"""All checks of a brief, and the evidence for each of its sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.checks import attribution, negation, numbers, repetition, support
from models.checks.article import Article, Line
from models.checks.claim import Pair
from models.checks.report import KINDS, Flag, Kind, Report
from models.checks.units import other_unit
from models.evidence import Link, link
from models.guard import fault
from models.text import cues, names
from models.text.comparing import compares_words
from models.text.numbers import read

_SOURCES = 3  # sentences of the article that a sentence of the brief is held against


@dataclass(frozen=True, slots=True)
class Inspection:
    """For each sentence of the brief the sentences of the article it rests on, best first; and what the checks found."""

    links: list[list[Link]]
    report: Report


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the brief with what it is held against: its original, and the article's sentences that it rests on."""

    number: int
    line: Line
    translated: tuple[Pair, ...]
    grounds: tuple[Pair, ...]


def inspect(lines: Sequence[Line], article: Article, target: str) -> Inspection:
    """Hold the sentences of a brief in the language `target` against the article."""
    links = _links(lines, article, target)
    claims = [_claim(number, line, article, target, found) for number, (line, found) in enumerate(zip(lines, links, strict=True))]
    run, unavailable = _available(article, target)
    flags = [flag for claim in claims for flag in _flags(claim, article, target)]
    flags += [
        _whole(claims[later].line, later, "repetition", f"says again what sentence {earlier + 1} says")
        for later, earlier in repetition.again([line.text for line in lines], target)
    ]
    return Inspection(links, Report(tuple(flag for flag in flags if flag.kind in run), run, unavailable))


def _links(lines: Sequence[Line], article: Article, target: str) -> list[list[Link]]:
    """An extract is its own evidence; else the original is looked for in the article, or the translation in its translation."""
    found: list[list[Link]] = []
    for line in lines:
        if line.index is not None:
            found.append([Link(line.index, 1.0)])
        elif line.source is not None:
            found += link([line.source], article.language, article.sentences, article.language)
        elif article.translations:
            found += link([line.text], target, article.translations, target)
        else:
            found += link([line.text], target, article.sentences, article.language)
    return found


def _claim(number: int, line: Line, article: Article, target: str, links: Sequence[Link]) -> Claim:
    translated = line.source is not None and article.language != target
    pairs = (Pair(line.text, target, line.source, article.language, True),) if translated and line.source else ()
    text, language = (line.source, article.language) if line.source else (line.text, target)
    sources = [] if line.index is not None else links[:_SOURCES]
    grounds = tuple(
        Pair(text, language, article.sentences[found.index], article.language, False, found.index) for found in sources
    )
    return Claim(number, line, pairs, grounds)


def _available(article: Article, target: str) -> tuple[tuple[Kind, ...], tuple[Kind, ...]]:
    """The kinds of checks that can be done for the languages, and the others."""
    across = compares_words(target, article.language)
    turns = across and cues.known(target) and cues.known(article.language)
    lacking: set[Kind] = set()
    if not turns:
        lacking |= {"negation", "attribution"}
    if not across:
        lacking |= {"unsupported"}
    return tuple(kind for kind in KINDS if kind not in lacking), tuple(kind for kind in KINDS if kind in lacking)


def _flags(claim: Claim, article: Article, target: str) -> Iterator[Flag]:
    line, number = claim.line, claim.number
    yield from _degenerate(claim, article, target)
    text = line.text
    if claim.grounds and (share := support.share(claim.grounds)) < support.LEAST:
        yield _whole(line, number, "foreign", f"only {share:.0%} of what it says is found in the article")
    if not claim.grounds and line.index is None:
        yield _whole(line, number, "foreign", "nothing of what it says is found in the article")
    for quantity in numbers.unknown(text, target, article.quantities):
        yield Flag("number", "stands nowhere in the article", number, quantity.start, quantity.end)
    for quantity, there in other_unit(text, target, article.text, article.language):
        yield Flag("number", f'the article has "{there}"', number, quantity.start, quantity.end)
    for pair in (*claim.translated, *claim.grounds[:1]):
        for said, instead in numbers.exchanged(pair, [other for other in claim.grounds if other is not pair]):
            detail = f'the article has "{pair.source[instead.start : instead.end]}" there'
            yield _placed(claim, pair, "number", detail, said.start, said.end)
    for mention in names.missing(text, article.places, target):
        yield Flag("name", "stands nowhere in the article", number, mention.start, mention.end)
    for pairs in (claim.translated, claim.grounds):
        for turn in negation.turned(pairs[:2]):
            detail = "denied here, not in the article" if turn.added else "denied in the article, not here"
            yield _placed(claim, pairs[0], "negation", detail, turn.start, turn.end)
    for pair in (*claim.translated, *claim.grounds[:1]):
        if attribution.removed(pair):
            yield _placed(claim, pair, "attribution", "a fact here, somebody's words in the article", 0, len(pair.text))
        elif who := attribution.misattributed(pair):
            yield _placed(claim, pair, "attribution", "somebody else's words in the article", *who)
    for start, end in support.unsupported(claim.grounds):
        yield _placed(claim, claim.grounds[0], "unsupported", "not found in the article", start, end)


def _degenerate(claim: Claim, article: Article, target: str) -> Iterator[Flag]:
    line = claim.line
    found = fault(line.source or article.text, line.text, article.language, target)
    if found and not (line.source is None and found.kind == "length"):
        kinds: dict[str, Kind] = {"empty": "length", "untranslated": "language", "repetition": "repetition", "length": "length"}
        yield _whole(line, claim.number, kinds[found.kind], found.detail)


def _placed(claim: Claim, pair: Pair, kind: Kind, detail: str, start: int, end: int) -> Flag:
    """A flag on a passage of the pair's text: if that is not the brief's sentence but its original, on the whole sentence."""
    against = () if pair.index is None else (pair.index,)
    if pair.text == claim.line.text:
        return Flag(kind, detail, claim.number, start, end, against)
    return Flag(kind, detail, claim.number, 0, len(claim.line.text), against)


def _whole(line: Line, number: int, kind: Kind, detail: str) -> Flag:
    return Flag(kind, detail, number, 0, len(line.text))
