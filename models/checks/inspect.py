"""All checks of a brief, and the evidence for each of its sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from models.checks import attribution, boilerplate, cues, naming, negation, numbers, repetition, support
from models.checks.article import Article, Line
from models.checks.claim import Pair
from models.checks.report import KINDS, Flag, Kind, Report
from models.checks.units import other_unit
from models.evidence import Link, link
from models.guard import Kind as FaultKind
from models.guard import fault
from models.text import names
from models.text.comparing import compares_words
from models.text.numbers import available

_SOURCES = 3  # sentences of the article that a sentence of the brief is held against
_FAULTS: dict[FaultKind, Kind] = {
    "empty": "length",
    "length": "length",
    "repetition": "repetition",
    "untranslated": "language",
}

_TURNED = {
    "added": "denied here, not in the article",
    "lost": "denied in the article, not here",
    "opposed": "the article says the opposite",
}


@dataclass(frozen=True, slots=True)
class Inspection:
    """For each sentence of the brief the sentences of the article it rests on, best first; and what the checks found."""

    links: list[list[Link]]
    report: Report


def inspect(lines: Sequence[Line], article: Article, target: str) -> Inspection:
    """Hold the sentences of a brief in the language `target` against the article."""
    links = _links(lines, article, target)
    claims = [_Claim(*given, article, target) for given in zip(range(len(lines)), lines, links, strict=True)]
    lacking = _lacking(article, target)
    flags = [flag for claim in claims for flag in claim.flags()]
    flags += [
        claims[later].whole("repetition", f"says again what sentence {earlier + 1} says")
        for later, earlier in repetition.again([line.text for line in lines], target)
    ]
    run = tuple(kind for kind in KINDS if kind not in lacking)
    report = Report(tuple(flag for flag in flags if flag.kind in run), run, tuple(lacking))
    return Inspection(links, report)


def held(lines: Sequence[Line], article: Article, target: str) -> Iterator[tuple[Sequence[Pair], Sequence[Pair]]]:
    """What the sentences of a brief are held against, as `negation.turned` takes it: for each its original, then its grounds."""
    for given in zip(range(len(lines)), lines, _links(lines, article, target), strict=True):
        yield from _Claim(*given, article, target).held()


def _links(lines: Sequence[Line], article: Article, target: str) -> list[list[Link]]:
    """An extract is its own evidence; else text and original are looked for in the article, or the text in its translation."""
    links = {number: [Link(line.index, 1.0)] for number, line in enumerate(lines) if line.index is not None}
    translated = {
        number: line.source for number, line in enumerate(lines) if number not in links and line.source is not None
    }
    written = [number for number in range(len(lines)) if number not in links and number not in translated]
    if translated:
        texts, originals = [lines[number].text for number in translated], list(translated.values())
        found = link(texts, target, article.sentences, article.language, originals)
        links |= zip(translated, found, strict=True)
    if written:
        sentences, language = article.sentences, article.language
        if article.translations:
            sentences, language = article.translations, target
        found = link([lines[number].text for number in written], target, sentences, language)
        links |= zip(written, found, strict=True)
    return [links[number] for number in range(len(lines))]


def _lacking(article: Article, target: str) -> list[Kind]:
    """The kinds of checks that cannot be done for the languages: what cannot be read on both sides would be found missing."""
    lacking: list[Kind] = []
    if article.language != target and not (available(target) and available(article.language)):
        lacking += ["number"]
    if not (names.available(target) and compares_words(target, article.language)):
        lacking += ["name"]
    if not compares_words(target, article.language):
        lacking += ["negation", "attribution", "unsupported", "foreign"]
    elif not (cues.known(target) and cues.known(article.language)):
        lacking += ["negation", "attribution"]
    return lacking


class _Claim:
    """A sentence of the brief with what it is held against: its original, and the article's sentences that it rests on."""

    def __init__(self, number: int, line: Line, links: Sequence[Link], article: Article, target: str) -> None:
        self._number, self._line, self._article, self._target = number, line, article, target
        foreign = article.language != target
        self.original = (
            [Pair(line.text, target, line.source, article.language, whole=True)] if line.source and foreign else []
        )
        text, language = (line.source, article.language) if line.source else (line.text, target)
        self._pair = partial(_ground, text, language, article)
        self._best = [found.index for found in links[:_SOURCES]] if line.index is None else []
        self.grounds = [self._pair(index) for index in self._best]

    @cached_property
    def others(self) -> list[Pair]:
        """The text beside the sentences of the article that it rests on less."""
        rest = range(len(self._article.sentences)) if self._line.index is None else ()
        return [self._pair(index) for index in rest if index not in self._best]

    def flags(self) -> Iterator[Flag]:
        """What is to doubt in the sentence itself."""
        yield from self._degenerate()
        yield from self._boilerplate()
        yield from self._numbers()
        yield from self._names()
        yield from self._negation()
        yield from self._attribution()
        yield from self._support()

    def held(self) -> Iterator[tuple[Sequence[Pair], Sequence[Pair]]]:
        """The original, and the grounds with the article's other sentences."""
        yield self.original, ()
        yield self.grounds, self.others

    def whole(self, kind: Kind, detail: str) -> Flag:
        """A flag on the whole sentence."""
        return self._on(kind, detail, 0, len(self._line.text))

    def _degenerate(self) -> Iterator[Flag]:
        line, article = self._line, self._article
        found = fault(line.source or article.text, line.text, article.language, self._target)
        if found and (line.source or found.kind != "length"):  # against a whole article every sentence is short
            yield self.whole(_FAULTS[found.kind], found.detail)
            return
        for pair in self.original:
            if place := repetition.twice(pair):
                yield self._on("repetition", "said twice, and once in what is translated", *place)

    def _boilerplate(self) -> Iterator[Flag]:
        line, article = self._line, self._article
        sides = [(line.text, self._target), *([(line.source, article.language)] if line.source else [])]
        if why := next((why for side in sides if (why := boilerplate.reason(*side, article.dropped))), None):
            yield self.whole("boilerplate", f"not prose of the article: {why.replace('_', ' ')}")

    def _numbers(self) -> Iterator[Flag]:
        text, article = self._line.text, self._article
        said = numbers.read(text, self._target)
        for quantity in numbers.unknown(said, article, self.original, self.grounds, text):
            yield self._on("number", "stands nowhere in the article", quantity.start, quantity.end)
        for quantity, there in other_unit(text, said, article.text, article.measured, article.durations):
            yield self._on("number", f'the article has "{there}"', quantity.start, quantity.end)
        for pair in (*self.original, *self.grounds[:1]):
            others = [other for other in self.grounds if other is not pair]
            found = (
                *numbers.exchanged(pair, others),
                *numbers.crossed(pair),
                *numbers.turned(pair),
                *numbers.opposed(pair),
            )
            for quantity, instead in dict(found).items():
                there = pair.source[instead.start : instead.end]
                yield self._placed(pair, "number", f'the article has "{there}" here', quantity.start, quantity.end)

    def _names(self) -> Iterator[Flag]:
        unknown = names.missing(self._line.text, self._article.places, self._target)
        unknown = naming.unexplained(unknown, self._line.text, self._target, self.grounds)
        source = "\n".join(pair.source for pair in (*self.original, *self.grounds))
        for mention in names.replaced(unknown, self._line.text, self._target, source, self._article.language):
            yield self._on("name", "stands nowhere in the article", mention.start, mention.end)
        for pair in self.original:
            for mention in names.exchanged(pair.text, pair.language, pair.source, pair.source_language):
                if mention not in unknown:
                    yield self._on("name", "not in the text that is translated here", mention.start, mention.end)

    def _negation(self) -> Iterator[Flag]:
        for pairs, others in self.held():
            for turn in negation.turned(pairs, others):
                yield self._placed(pairs[0], "negation", _TURNED[turn.kind], turn.start, turn.end, turn.index)

    def _attribution(self) -> Iterator[Flag]:
        for pair in (*self.original, *self.grounds[:1]):
            if attribution.removed(pair):
                yield self._placed(
                    pair, "attribution", "a fact here, somebody's words in the article", 0, len(pair.text)
                )
            elif who := attribution.misattributed(pair, self._article.text):
                yield self._placed(pair, "attribution", "the words of somebody else in the article", *who)

    def _support(self) -> Iterator[Flag]:
        if not self.grounds and self._line.index is None:
            yield self.whole("foreign", "nothing in the article bears this out")
        if any(support.lost(pair) for pair in self.original):
            yield self.whole("unsupported", "says little of what it translates")
        for start, end in support.unsupported(self.grounds, self.others):
            yield self._placed(self.grounds[0], "unsupported", "not found in the article", start, end)

    def _placed(self, pair: Pair, kind: Kind, detail: str, start: int, end: int, index: int | None = None) -> Flag:
        """A flag on a passage of the pair's text: if that is the sentence's original, on the whole sentence."""
        index = pair.index if index is None else index
        against = () if index is None else (index,)
        if pair.text == self._line.text:
            return self._on(kind, detail, start, end, against)
        return self._on(kind, detail, 0, len(self._line.text), against)

    def _on(self, kind: Kind, detail: str, start: int, end: int, against: tuple[int, ...] = ()) -> Flag:
        return Flag(kind, detail, self._number, start, end, against)


def _ground(text: str, language: str, article: Article, index: int) -> Pair:
    """A text beside a sentence of the article."""
    return Pair(text, language, article.sentences[index], article.language, whole=False, index=index)
