"""One article on its way to a brief: what is chosen to be said, in both languages. Knows nothing of answers or HTTP."""

from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Literal

from models.enforcement import Applied
from models.extract import central
from models.glossary import Glossary
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
    """A sentence of a brief. `source` is what it translates, if it is a translation.

    `index` is the article's sentence that it is, if it is one; `fault` is what the guard finds wrong with it; `applied` are the
    glossary's terms in `source`.
    """

    text: str
    origin: Origin
    source: str | None = None
    index: int | None = None
    fault: Fault | None = None
    applied: tuple[Applied, ...] = ()

    def translated(self, output: Translated) -> "Line":
        """This line in the language that `output`, its translation, is in; or with another translation, if it has one."""
        source = self.text if self.source is None else self.source
        fault = output.fault or (self.fault if self.source is None else None)
        return replace(self, text=output.text, source=source, fault=fault, applied=output.applied)


@dataclass(frozen=True, slots=True)
class Draft:
    """A brief's sentences in the target language, and the indexes of the article's sentences that they were chosen from."""

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
    """Drafts of one article. What was translated once is not translated again, unless more cautiously."""

    def __init__(
        self, runtime: Runtime, work: Work, reading: Reading, target: str, most: int, glossary: Glossary | None = None
    ) -> None:
        """`most` sentences in a brief in the language `target`; `glossary` holds terms of any language."""
        self.runtime, self.work, self.reading = runtime, work, reading
        self.source, self.target, self.most = reading.language.code, target, most
        self.texts = reading.texts()
        self.glossary = glossary.spoken(self.source) if glossary and self.foreign else None
        self._known: dict[str, Translated] = {}

    @property
    def foreign(self) -> bool:
        """Whether the article must be translated."""
        return self.source != self.target

    @property
    def title(self) -> Translated | None:
        """The headline's translation, if it has one."""
        return self._known.get(self.reading.title) if self.reading.title else None

    @property
    def translations(self) -> list[Translated] | None:
        """The translations of all sentences, if all were made."""
        if not self.foreign or any(text not in self._known for text in self.texts):
            return None
        return [self._known[text] for text in self.texts]

    async def hold_translator(self, until: AsyncExitStack) -> None:
        """Keep the pair's translator in memory: a missing one shows before anything is summarized. Raises as it does."""
        if self.foreign:
            await until.enter_async_context(self.runtime.translator(self.source, self.target))

    async def draft(self, route: OneRoute, *, cautiously: bool = False, whole: bool = False) -> Draft:
        """The brief by one route: the model's summary, then the most central sentences that do not repeat it, in reading order.

        `cautiously`: the summary is written and translated with safer settings. `whole`: the full translation is made beside it.
        """
        title = [self.reading.title] if self.reading.title else []
        if self.foreign and route == "translate-first":
            await self.translate([*self.texts, *title])
        texts, language = self._texts(route)
        written, read = await self._summary(texts, language, cautiously)
        taken = await self._central(texts, written)
        if language == self.target:
            return Draft([*written, *map(self._own, taken)], read)
        said = [line.text for line in written]
        if cautiously:
            self.know(said, await self.translate_again(said))
        own = self.texts if whole else [self.texts[index] for index in taken]
        outputs = await self.translate([*said, *own, *title])
        written = [line.translated(output) for line, output in zip(written, outputs, strict=False)]
        return Draft([*written, *map(self._own, taken)], read)

    async def refilled(self, written: Sequence[Line], draft: Draft, route: OneRoute) -> Draft:
        """The draft with only those lines of the model that `written` has, and the article's own in the places of the others."""
        taken = await self._central(self._texts(route)[0], written)
        await self.translate([self.texts[index] for index in taken])
        read = draft.read if written else range(len(self.texts))
        return Draft([*written, *map(self._own, taken)], read)

    async def translate(self, texts: Sequence[str]) -> list[Translated]:
        """The translations of `texts`; a text in the target language is its own."""
        if not self.foreign:
            return [Translated(text) for text in texts]
        wanted = [text for text in dict.fromkeys(texts) if text not in self._known]
        self.know(wanted, await self._decoded(wanted))
        return [self._known[text] for text in texts]

    async def translate_again(self, texts: Sequence[str]) -> list[Translated]:
        """Other translations of `texts`, with safer settings; they are forgotten unless `know` is told."""
        return await self._decoded(texts, cautiously=True)

    def know(self, texts: Iterable[str], outputs: Iterable[Translated]) -> None:
        """Take `outputs` for the translations of `texts` from now on."""
        self._known.update(zip(texts, outputs, strict=True))

    async def _decoded(self, texts: Sequence[str], *, cautiously: bool = False) -> list[Translated]:
        if not texts:
            return []
        with self.work.stage("translate"):
            async with self.runtime.translator(self.source, self.target) as translator:
                return await translator.translate(texts, self.work, self.glossary, cautiously=cautiously)

    def _texts(self, route: OneRoute) -> tuple[list[str], str]:
        """The article as the route summarizes it, and in which language that is."""
        if route == "translate-first" and self.translations is not None:
            return [translation.text for translation in self.translations], self.target
        return self.texts, self.source

    async def _summary(self, texts: Sequence[str], language: str, cautiously: bool) -> tuple[list[Line], Sequence[int]]:
        """What the model writes, if there is one, and the sentences that it read."""
        if not self.runtime.summarizes(language):
            return [], range(len(texts))
        with self.work.stage("summarize"):
            async with self.runtime.summarizer(language) as summarizer:
                summary = await summarizer.summarize(texts, self.work, cautiously=cautiously)
        parts = [part.strip() for part in split(summary.text, language)][: self.most]
        return [Line(part, "model", fault=summary.fault) for part in parts if part], summary.read

    async def _central(self, texts: Sequence[str], written: Sequence[Line]) -> list[int]:
        """The most central sentences that do not repeat what is written, as many as there is room for, in reading order."""
        room = min(self.most, max(1, len(texts) // _SHARE)) - len(written)
        said = " ".join(line.text if line.source is None else line.source for line in written)
        with self.work.stage("extract"):
            taken = await self.work.text(central, texts, max(room, 0), said)
        if not written and not taken:
            return [0]  # words too short to weigh: the article still begins somewhere
        return sorted(taken)

    def _own(self, index: int) -> Line:
        """A sentence of the article."""
        line = Line(self.texts[index], "extract", index=index)
        return line.translated(self._known[line.text]) if self.foreign else line
