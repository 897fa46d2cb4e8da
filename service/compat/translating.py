"""Texts and markup in, the same in another language out: what every peer's endpoint is made of. Knows no HTTP."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.batching.packing import Lane
from models.errors import LanguageUnknown
from models.glossary import Glossary
from models.runtime import Runtime
from models.text.detect import detect
from models.types import Detection
from service import briefs
from service.cache.recall import Recall
from service.compat.elements import Dialect
from service.compat.layout import Piece, by_line, has_words, replaced
from service.compat.markup import Document, Part, Run, written
from service.limits import TextLimits
from service.schemas.briefs import Article

UNTOLD = Detection("en", 0.0)
"""What LibreTranslate says of a text in no language that can be told; such a text is not translated."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text in the target language; where its source language was to be told, which it is. `notice` is the answer's."""

    text: str
    language: Detection
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class Rendering:
    """How the texts of one request are translated: into `target`, as plain text, or as markup of a `dialect`."""

    runtime: Runtime
    source: str
    target: str
    limits: TextLimits
    lane: Lane = "interactive"
    glossary: Glossary | None = None
    dialect: Dialect | None = None

    async def render(self, text: str, recall: Recall | None) -> Rendered:
        """One text translated; one without words, in the target language, or in none that can be told comes back as it is.

        Raises as `make_translation` does, and `BadParameter` for XML that is not well-formed.
        """
        if self.dialect is None:
            return await self._plain(text, recall)
        return await self._marked_up(text, self.dialect, recall)

    async def _plain(self, text: str, recall: Recall | None) -> Rendered:
        self.limits.check_text(text)
        language = await asyncio.to_thread(self._language, text)
        lines = text.splitlines(keepends=True)
        worded = [line for line in lines if has_words(line)]
        if not worded or language.code == self.target or language is UNTOLD:
            return Rendered(text, language)
        pieces, notice = await self._translated([line.rstrip("\r\n") for line in worded], language, recall)
        translations = map(replaced, worded, pieces)
        return Rendered("".join(next(translations) if has_words(line) else line for line in lines), language, notice)

    async def _marked_up(self, text: str, dialect: Dialect, recall: Recall | None) -> Rendered:
        self.limits.check_html(text)
        if not text.strip():
            return Rendered(text, await asyncio.to_thread(self._language, text))
        document = await asyncio.to_thread(Document, text, dialect)
        parts, language = await asyncio.to_thread(self._read, document)
        runs = [part for part in parts if isinstance(part, Run)]
        if not runs or language.code == self.target or language is UNTOLD:
            return Rendered(text, language)
        phrases = list(dict.fromkeys(phrase for run in runs for phrase in run.phrases()))
        pieces, notice = await self._translated([*(run.text for run in runs), *phrases], language, recall)
        known = dict(zip(phrases, map(replaced, phrases, pieces[len(runs) :]), strict=True))
        translations = map(written, runs, pieces, [known] * len(runs))
        out = (part if isinstance(part, str) else next(translations) for part in parts)
        return Rendered(await asyncio.to_thread("".join, out), language, notice)

    def _read(self, document: Document) -> tuple[list[Part], Detection]:
        """The document for the language that it is in. Raises `InputTooLong`."""
        parts = document.parts("")
        text = "\n".join(part.text for part in parts if isinstance(part, Run))
        self.limits.check_text(text)
        language = self._language(text)
        return document.parts(language.code), language

    def _language(self, text: str) -> Detection:
        if self.source != "auto":
            return Detection(self.source, 1.0)
        return told(text) if has_words(text) else UNTOLD

    async def _translated(
        self, lines: Sequence[str], language: Detection, recall: Recall | None
    ) -> tuple[list[list[Piece]], str | None]:
        """The sentences of each line. Lines are translated together: a line break ends a sentence."""
        article = Article(text="\n".join(lines), source=language.code)
        limits = replace(
            self.limits, article_chars=len(article.text or "")
        )  # the text is checked; phrases of it come twice
        answer = await briefs.make_translation(
            self.runtime, article, self.target, self.glossary, lane=self.lane, limits=limits, recall=recall
        )
        return by_line(lines, answer.sentences), answer.provenance.notice


def told(text: str) -> Detection:
    """The language of a text, or `UNTOLD`."""
    try:
        return detect(text)
    except LanguageUnknown:
        return UNTOLD


def noted(done: Sequence[Rendered]) -> dict[str, str]:
    """The header that tells of sample models, if they made any of it: the peers' answers have no place for it."""
    notice = next((each.notice for each in done if each.notice), None)
    return {"X-Mujaz-Notice": notice} if notice else {}
