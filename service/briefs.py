"""The recipe of a brief: read, summarize, translate, and say how it was made. Knows no HTTP."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from models.batching.packing import Lane
from models.extract import central
from models.runtime import Runtime
from models.text.segment import split
from models.work import Work
from service.limits import TextLimits
from service.reading import Reading, read_article, read_text
from service.schemas.briefs import (
    Article,
    Brief,
    BriefOptions,
    BriefSentence,
    Coverage,
    DroppedLine,
    Method,
    Origin,
    Provenance,
    Route,
    SourceLanguage,
    Title,
    TranslatedSentence,
    Translation,
    UsedModel,
)
from service.schemas.texts import SummaryAnswer, SummarySentence, TranslationAnswer
from service.version import VERSION

_NOTICE = "Made by Mujaz's small sample models, trained on invented text: for trying Mujaz out, not for relying on."
_SHARE = 3  # a brief takes at most every third sentence out of an article


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a brief in the making, and who wrote it."""

    text: str
    origin: Origin
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """What was chosen to be said, in one language, and the indexes of the sentences that the summarizer read."""

    lines: list[Line]
    read: Sequence[int]

    @property
    def method(self) -> Method:
        origins = {line.origin for line in self.lines}
        return "mixed" if len(origins) == 2 else origins.pop()


@dataclass(frozen=True, slots=True)
class Draft:
    """A brief's contents: its lines in the target language, and what was translated on the way."""

    digest: Digest
    title: str | None
    translations: list[str] | None


async def make_brief(
    runtime: Runtime, article: Article, options: BriefOptions, *, lane: Lane = "interactive", limits: TextLimits
) -> Brief:
    """The brief of one article. Raises a `MujazError` when there can be none."""
    work = runtime.work(lane)
    reading = await _read(work, read_article, article, limits)
    route = _route(runtime, reading.language.code, options)
    draft = await _draft(runtime, work, reading, options, route)
    lines = draft.digest.lines
    return Brief(
        id=article.id,
        title=Title(source=reading.title, translation=draft.title or reading.title) if reading.title else None,
        brief=" ".join(line.text for line in lines),
        brief_source=" ".join(line.source for line in lines if line.source) or None,
        sentences=[BriefSentence(text=line.text, source=line.source, origin=line.origin) for line in lines],
        translation=_translation(reading, draft.translations) if options.translation and draft.translations else None,
        coverage=_coverage(draft.digest, reading),
        method=draft.digest.method,
        dropped=_dropped(reading),
        source_language=_source_language(reading),
        text=reading.text,
        provenance=_provenance(runtime, work, reading, route),
        timing_ms=_timing(work),
    )


async def make_translation(
    runtime: Runtime, article: Article, target: str, *, lane: Lane = "interactive", limits: TextLimits
) -> TranslationAnswer:
    """The translation of a whole text, nothing left out. A text in the target language already comes back as it is."""
    work = runtime.work(lane)
    reading = await _read(work, read_text, article, limits)
    translations = await _translate(runtime, work, reading.language.code, target, reading.texts())
    translation = _translation(reading, translations)
    return TranslationAnswer(
        id=article.id,
        translation=translation.text,
        sentences=translation.sentences,
        source_language=_source_language(reading),
        target=target,
        text=reading.text,
        provenance=_provenance(runtime, work, reading, None),
        timing_ms=_timing(work),
    )


async def make_summary(
    runtime: Runtime, article: Article, sentences: int, *, lane: Lane = "interactive", limits: TextLimits
) -> SummaryAnswer:
    """A summary of an article in its own language, of at most `sentences` sentences."""
    work = runtime.work(lane)
    reading = await _read(work, read_article, article, limits)
    digest = await _digest(runtime, work, reading.texts(), reading.language.code, sentences)
    return SummaryAnswer(
        id=article.id,
        summary=" ".join(line.text for line in digest.lines),
        sentences=[SummarySentence(text=line.text, origin=line.origin) for line in digest.lines],
        coverage=_coverage(digest, reading),
        method=digest.method,
        dropped=_dropped(reading),
        source_language=_source_language(reading),
        text=reading.text,
        provenance=_provenance(runtime, work, reading, None),
        timing_ms=_timing(work),
    )


async def _read(
    work: Work, read: Callable[[Article, TextLimits], Reading], article: Article, limits: TextLimits
) -> Reading:
    with work.stage("read"):
        return await work.text(read, article, limits)


def _route(runtime: Runtime, language: str, options: BriefOptions) -> Route:
    """The route asked for, unless no model summarizes the article's language and one summarizes the target's."""
    if language != options.target and not runtime.summarizes(language) and runtime.summarizes(options.target):
        return "translate-first"
    return options.route


async def _draft(runtime: Runtime, work: Work, reading: Reading, options: BriefOptions, route: Route) -> Draft:
    source, target, texts = reading.language.code, options.target, reading.texts()
    if source == target:
        return Draft(await _digest(runtime, work, texts, source, options.sentences), reading.title, None)
    async with runtime.translator(
        source, target
    ):  # a missing pair shows before anything is summarized, and stays loaded
        if route == "translate-first":
            *translations, title = await _translate(runtime, work, source, target, [*texts, reading.title or ""])
            digest = await _digest(runtime, work, translations, target, options.sentences)
            lines = [_with_source(line, translations, texts) for line in digest.lines]
            return Draft(Digest(lines, digest.read), title, translations)
        digest = await _digest(runtime, work, texts, source, options.sentences)
        wanted = [line.text for line in digest.lines] + [reading.title or ""] + (texts if options.translation else [])
        outputs = await _translate(runtime, work, source, target, wanted)
    lines = [Line(text, line.origin, line.text) for text, line in zip(outputs, digest.lines, strict=False)]
    return Draft(Digest(lines, digest.read), outputs[len(lines)], outputs[len(lines) + 1 :])


async def _digest(runtime: Runtime, work: Work, texts: Sequence[str], language: str, most: int) -> Digest:
    """The model's summary first, then the most central sentences that do not repeat it, in reading order."""
    written: list[str] = []
    read: Sequence[int] = range(len(texts))
    if runtime.summarizes(language):
        with work.stage("summarize"):
            async with runtime.summarizer(language) as summarizer:
                summary = await summarizer.summarize(texts, work)
            written = [part.strip() for part in split(summary.text, language)][:most]
            read = summary.read
    room = min(most, max(1, len(texts) // _SHARE)) - len(written)
    with work.stage("extract"):
        taken = await work.text(central, texts, max(room, 0), " ".join(written))
    if not written and not taken:
        taken = [0]  # words too short to weigh: the article still begins somewhere
    extracts = [Line(texts[index], "extract") for index in sorted(taken)]
    return Digest([*(Line(text, "model") for text in written), *extracts], read)


async def _translate(runtime: Runtime, work: Work, source: str, target: str, texts: Sequence[str]) -> list[str]:
    if source == target:
        return list(texts)
    with work.stage("translate"):
        async with runtime.translator(source, target) as translator:
            return [translated.text for translated in await translator.translate(texts, work)]


def _with_source(line: Line, translations: Sequence[str], texts: Sequence[str]) -> Line:
    """A line of a translated article: an extract is the translation of one of its sentences."""
    if line.origin == "model":
        return line
    return Line(line.text, line.origin, texts[translations.index(line.text)])


def _translation(reading: Reading, translations: Sequence[str]) -> Translation:
    """Sentence by sentence, and whole: paragraphs are kept apart."""
    paragraphs: dict[int, list[str]] = {}
    rows = []
    for sentence, text in zip(reading.sentences, translations, strict=True):
        paragraphs.setdefault(sentence.paragraph, []).append(text)
        rows.append(TranslatedSentence(source=sentence.text, translation=text, start=sentence.start, end=sentence.end))
    return Translation(text="\n\n".join(" ".join(parts) for parts in paragraphs.values()), sentences=rows)


def _coverage(digest: Digest, reading: Reading) -> Coverage:
    return Coverage(sentences_read=len(digest.read), sentences_total=len(reading.sentences))


def _dropped(reading: Reading) -> list[DroppedLine]:
    return [DroppedLine(text=line.text, reason=line.reason) for line in reading.dropped]


def _source_language(reading: Reading) -> SourceLanguage:
    return SourceLanguage(code=reading.language.code, confidence=reading.language.confidence)


def _provenance(runtime: Runtime, work: Work, reading: Reading, route: Route | None) -> Provenance:
    used = list(work.used.values())
    return Provenance(
        models=[
            UsedModel(
                job=model.job,
                id=model.info.repo,
                revision=model.info.revision,
                licence=model.info.licence,
                sample=model.info.sample,
            )
            for model in used
        ],
        engine=runtime.config.engine,
        dtype=runtime.format,
        vocabulary=list(runtime.config.vocabulary),
        device=str(runtime.device),
        beams=max((model.settings.beams for model in used), default=0),
        route=route,
        version=VERSION,
        input_sha256=reading.sha256,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        notice=_NOTICE if any(model.info.sample for model in used) else None,
    )


def _timing(work: Work) -> dict[str, float]:
    total = 1000 * (time.perf_counter() - work.started)
    return {name: round(value, 1) for name, value in (*work.timing.items(), ("total", total))}
