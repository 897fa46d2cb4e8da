"""One article on its way to a brief: what is chosen to be said, in both languages. Knows nothing of answers or HTTP."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Literal

from models.extract import central
from models.glossary import Entry, Glossary
from models.guard import Fault
from models.runtime import Runtime
from models.text.segment import split
from models.translate import Translated
from models.work import Work
from service.reading import Reading
from service.schemas.briefs import Method, Origin

OneRoute = Literal["summarize-first", "translate-first"]
_SHARE = 3  # a brief takes at most every third sentence out of an article


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a brief in the making. `source` is what it translates.

    `index` is the article's sentence that it is, if it is one; `fault` is what the guard finds wrong with it.
    """

    text: str
    origin: Origin
    source: str | None = None
    index: int | None = None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A brief's sentences in the target language, and the indexes of the article's sentences that the summarizer read."""

    lines: list[Line]
    read: Sequence[int]

    @property
    def method(self) -> Method:
        origins = {line.origin for line in self.lines}
        return "mixed" if len(origins) == 2 else origins.pop()

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


class Drafting:
    """Drafts of one article. What was translated once, by `translate_all`, is not translated again."""

    def __init__(
        self, runtime: Runtime, work: Work, reading: Reading, target: str, most: int, entries: Mapping[str, str]
    ) -> None:
        """`entries` of a glossary go before those of the server. Raises `GlossaryInvalid`."""
        self.runtime, self.work, self.reading = runtime, work, reading
        self.source, self.target, self.most = reading.language.code, target, most
        self.texts = reading.texts()
        self.title: Translated | None = None
        self.translations: list[Translated] | None = None
        self.glossary = _glossary(entries, runtime.config.glossary, self.source)
        self._known: dict[str, Translated] = {}

    @property
    def foreign(self) -> bool:
        """Whether the article must be translated."""
        return self.source != self.target

    def translated(self) -> Mapping[str, Translated]:
        """Everything that was translated."""
        return self._known

    async def hold_translator(self, until: AsyncExitStack) -> None:
        """Keep the pair's translator in memory: a missing one shows before anything is summarized. Raises as it does."""
        if self.foreign:
            await until.enter_async_context(self.runtime.translator(self.source, self.target))

    async def draft(self, route: OneRoute, *, cautiously: bool = False, whole: bool = False) -> Draft:
        """The brief by one route; with `whole`, the full translation beside it. `cautiously`: with safer settings."""
        if not self.foreign:
            return await self.digest(self.texts, self.source, cautiously)
        title = [self.reading.title] if self.reading.title else []
        if route == "translate-first":
            translations = await self.translate([*self.texts, *title])
            self._keep(translations)
            english = [translation.text for translation in translations[: len(self.texts)]]
            digest = await self.digest(english, self.target, cautiously)
            return replace(digest, lines=[self._placed(line) for line in digest.lines])
        digest = await self.digest(self.texts, self.source, cautiously)
        said = [line.text for line in digest.lines]
        outputs = await self.translate([*said, *(self.texts if whole else []), *title], cautiously=cautiously)
        if whole:
            self._keep(outputs[len(said) :])
        elif title:
            self.title = outputs[-1]
        lines = [_translated(line, output) for line, output in zip(digest.lines, outputs, strict=False)]
        return replace(digest, lines=lines)

    async def others(self, lines: Sequence[Line], count: int) -> list[Line]:
        """Up to `count` more central sentences of the article, none that `lines` already have, in reading order."""
        held = {line.index for line in lines if line.index is not None}
        ranking = await self.work.text(central, self.texts, len(held) + count, "")
        taken = sorted([index for index in ranking if index not in held][:count])
        outputs = await self.translate([self.texts[index] for index in taken])
        extracts = [Line(self.texts[index], "extract", index=index) for index in taken]
        if not self.foreign:
            return extracts
        return [_translated(line, output) for line, output in zip(extracts, outputs, strict=True)]

    async def translate(self, texts: Sequence[str], *, cautiously: bool = False) -> list[Translated]:
        """The translations of `texts`; a text in the target language is its own."""
        if not self.foreign:
            return [Translated(text) for text in texts]
        wanted = [text for text in dict.fromkeys(texts) if cautiously or text not in self._known]
        if wanted:
            with self.work.stage("translate"):
                async with self.runtime.translator(self.source, self.target) as translator:
                    outputs = await translator.translate(wanted, self.work, self.glossary, cautiously=cautiously)
            self._known.update(zip(wanted, outputs, strict=True))
        return [self._known[text] for text in texts]

    def _keep(self, outputs: Sequence[Translated]) -> None:
        """Outputs of all sentences, and of the title after them if there is one."""
        self.translations = list(outputs[: len(self.texts)])
        self.title = outputs[len(self.texts)] if len(outputs) > len(self.texts) else None

    async def digest(self, texts: Sequence[str], language: str, cautiously: bool = False) -> Draft:
        """The model's summary first, then the most central sentences that do not repeat it, in reading order."""
        written: list[Line] = []
        read: Sequence[int] = range(len(texts))
        if self.runtime.summarizes(language):
            with self.work.stage("summarize"):
                async with self.runtime.summarizer(language) as summarizer:
                    summary = await summarizer.summarize(texts, self.work, cautiously=cautiously)
            parts = [part.strip() for part in split(summary.text, language)][: self.most]
            written = [Line(part, "model", fault=summary.fault) for part in parts]
            read = summary.read
        room = min(self.most, max(1, len(texts) // _SHARE)) - len(written)
        with self.work.stage("extract"):
            taken = await self.work.text(central, texts, max(room, 0), " ".join(line.text for line in written))
        if not written and not taken:
            taken = [0]  # words too short to weigh: the article still begins somewhere
        return Draft([*written, *(Line(texts[index], "extract", index=index) for index in sorted(taken))], read)

    def _placed(self, line: Line) -> Line:
        """A line of a translated article: an extract is the translation of one of its sentences."""
        if line.index is None:
            return line
        assert self.translations is not None
        return replace(line, source=self.texts[line.index], fault=self.translations[line.index].fault)


def _translated(line: Line, output: Translated) -> Line:
    return replace(line, text=output.text, source=line.text, fault=output.fault or line.fault)


def _glossary(first: Mapping[str, str], then: Sequence[Entry], language: str) -> Glossary | None:
    """One glossary of a request's entries and the server's, for terms in `language`; None without any."""
    entries = (*(Entry(source, target) for source, target in first.items()), *then)
    return Glossary(entries, language) if entries else None
