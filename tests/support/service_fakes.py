"""A fake runtime and fake pipeline: routes, limits and the command line are tested without models."""

import asyncio
import hashlib
import threading
from pathlib import Path

from models.batching.packing import Lane
from models.batching.runner import Effort
from models.batching.scheduler import Stats
from models.errors import EmptyText, EngineFailed, LanguageUnknown, MujazError, NoProse, PairUnsupported
from models.glossary import Glossary
from models.runtime import ModelStatus, Residence, RuntimeConfig
from service.limits import TextLimits
from service.schemas.briefs import (
    Article,
    Brief,
    BriefOptions,
    BriefSentence,
    Checks,
    Coverage,
    Decoding,
    DroppedLine,
    Evidence,
    Flag,
    Provenance,
    SourceLanguage,
    Title,
    TranslatedSentence,
    Translation,
    UsedModel,
)
from service.schemas.texts import SummaryAnswer, SummarySentence, TranslationAnswer

SECRET = "نص سري لا يجوز أن يظهر"
"""Article text that must never leave the service but in an answer to it."""

CHECKED = Checks(status="pass", run=["number"], unavailable=[], flags=[], repairs=[])
_FAILURES: dict[str, MujazError] = {
    "": EmptyText("The article is empty."),
    "furniture": NoProse("No prose was found."),
    "thai": PairUnsupported("There is no translator from th to en."),
    "mystery": LanguageUnknown("The language could not be told."),
    "poison": EngineFailed("The model could not process this article."),
}


class FakeRuntime:
    """Stands in for `models.runtime.Runtime`: starts when `gate` opens, fails with `failure` if there is one."""

    config = RuntimeConfig(models="full", root=Path("weights"))
    device = "cpu"
    format = "float32"

    def __init__(self, gate: threading.Event | None = None, failure: Exception | None = None) -> None:
        self._gate = gate
        self._failure = failure
        self._started = False
        self.closed = False

    def start(self) -> None:
        if self._gate:
            self._gate.wait(10)
        if self._failure:
            raise self._failure
        self._started = True

    def close(self) -> None:
        self.closed = True

    def ready(self) -> bool:
        return self._started

    def pairs(self) -> tuple[tuple[str, str], ...]:
        return (("ar", "en"), ("en", "ar"), ("fr", "en"))

    def summarizes(self, language: str) -> bool:
        return language in ("ar", "th")

    def describe(self) -> list[ModelStatus]:
        translator = ("ar-en", "translate", "owner/ar-en", ("ar",), ("en",), "CC-BY-4.0", True, False)
        summarizer = ("xlsum", "summarize", "owner/xlsum", ("ar", "th"), (), "CC-BY-NC-SA-4.0", False, False)
        return [ModelStatus(*translator, "loaded", "abc"), ModelStatus(*summarizer, "missing", None)]

    def stats(self) -> Stats:
        efforts: dict[Lane, Effort] = {"interactive": Effort(10, 0.5, 40, 2.5), "bulk": Effort()}
        return Stats(
            {"interactive": 3, "bulk": 0}, {"interactive": 0.5, "bulk": 0.0}, 2, 1234, {"engine_failed": 1}, efforts
        )

    def residence(self) -> Residence:
        return Residence({"ar-en": 1000}, 1)


class FakeBriefs:
    """Stands in for `service.briefs`: a text that is a key of `_FAILURES` fails so, any other is answered at once.

    "wait" is answered only when `release` is set; what was begun and what was cancelled is counted.
    """

    def __init__(self) -> None:
        self.release = asyncio.Event()
        self.begun = 0
        self.cancelled = 0
        self.lanes: list[object] = []
        self.glossaries: list[Glossary | None] = []
        self.recalls: list[object] = []

    async def _work(self, article: Article, limits: TextLimits) -> str:
        text = article.html if article.text is None else article.text
        assert text is not None
        limits.check_text(text)
        self.begun += 1
        if text == "bug":
            raise RuntimeError(f"a mistake of ours, quoting {SECRET}")
        if text in _FAILURES:
            raise _FAILURES[text]
        if text.startswith("wait"):
            try:
                await self.release.wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
        return text

    async def make_brief(
        self,
        runtime: object,
        article: Article,
        options: BriefOptions,
        glossary: Glossary | None = None,
        *,
        limits: TextLimits,
        lane: object = None,
        recall: object = None,
    ) -> Brief:
        self.lanes.append(lane)
        self.recalls.append(recall)
        self.glossaries.append(glossary)
        text = await self._work(article, limits)
        return brief_of(article, text, options)

    async def make_translation(
        self,
        runtime: object,
        article: Article,
        target: str,
        glossary: Glossary | None = None,
        *,
        limits: TextLimits,
        lane: object = None,
        recall: object = None,
    ) -> TranslationAnswer:
        self.lanes.append(lane)
        self.recalls.append(recall)
        self.glossaries.append(glossary)
        text = await self._work(article, limits)
        return TranslationAnswer(
            id=article.id,
            translation=f"[{target}] {len(text)}",
            sentences=[translated(text, f"[{target}] {len(text)}")],
            glossary=[],
            source_language=SourceLanguage(code="ar", confidence=1.0),
            target=target,
            text=None if article.html is None else text,
            provenance=_provenance(text),
            timing_ms={"translate": 1.0},
        )

    async def make_summary(
        self, runtime: object, article: Article, sentences: int, *, limits: TextLimits, lane: object = None
    ) -> SummaryAnswer:
        self.lanes.append(lane)
        text = await self._work(article, limits)
        return SummaryAnswer(
            id=article.id,
            summary="ملخص.",
            sentences=[SummarySentence(text="ملخص.", origin="model", evidence=[], flags=[])] * sentences,
            checks=CHECKED,
            coverage=Coverage(sentences_read=1, sentences_total=1),
            method="model",
            dropped=[],
            source_language=SourceLanguage(code="ar", confidence=1.0),
            text=None,
            provenance=_provenance(text),
            timing_ms={"summarize": 1.0},
        )


def brief_of(article: Article, text: str, options: BriefOptions) -> Brief:
    """A brief that tells which text it is of by its length."""
    full = Translation(text="Full.", sentences=[translated("كامل.", "Full.")])
    doubt = Flag(
        kind="number", detail="not in the article", sentence=0, start=11, end=11 + len(str(len(text))), against=[]
    )
    evidence = Evidence(start=0, end=5, text="كامل.", score=0.5)
    return Brief(
        id=article.id,
        title=Title(source=article.title, translation="A title", flags=[]) if article.title else None,
        brief=f"A brief of {len(text)} characters. Added.",
        brief_source="موجز.",
        sentences=[
            BriefSentence(
                text=f"A brief of {len(text)} characters.", source="موجز.", origin="model", evidence=[], flags=[doubt]
            ),
            BriefSentence(text="Added.", source="مضاف.", origin="extract", evidence=[evidence], flags=[]),
        ],
        translation=full if options.translation else None,
        checks=Checks(status="review", run=["number"], unavailable=["name"], flags=[doubt], repairs=[]),
        comparison=None,
        glossary=[],
        coverage=Coverage(sentences_read=4, sentences_total=5),
        method="mixed",
        dropped=[DroppedLine(text="(وكالات)", reason="source_line")],
        source_language=SourceLanguage(code="ar", confidence=0.99),
        text=None if article.html is None else text,
        provenance=_provenance(text),
        timing_ms={"clean": 1.0, "summarize": 20.0},
    )


def translated(source: str, translation: str) -> TranslatedSentence:
    return TranslatedSentence(source=source, translation=translation, start=0, end=len(source), doubt=None)


def _provenance(text: str) -> Provenance:
    decoding = Decoding(beams=1, max_tokens=9, min_tokens=0, length_penalty=1.0, early_stopping=True, no_repeat_ngram=0)
    return Provenance(
        models=[
            UsedModel(
                job="translate", id="sample-ar-en", revision="1", licence="Apache-2.0", sample=True, decoding=decoding
            )
        ],
        engine="fake",
        dtype="float32",
        vocabulary=[],
        device="cpu",
        beams=1,
        route="summarize-first",
        sentences=3,
        glossary_sha256=None,
        version="0",
        input_sha256=hashlib.sha256(text.encode()).hexdigest(),
        created="2026-01-01T00:00:00Z",
        notice="Sample models made this.",
    )
