"""The recipe of a brief: read, draft, check, repair, and say how it was made. Knows no HTTP."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from models.batching.packing import Lane
from models.glossary import Glossary
from models.runtime import Runtime
from models.work import Work
from service import answers
from service.cache.recall import Recall
from service.compare import compare
from service.drafting import Drafting, OneRoute
from service.limits import TextLimits
from service.reading import Reading, read_article, read_text
from service.schemas.briefs import Article, Brief, BriefOptions
from service.schemas.texts import SummaryAnswer, TranslationAnswer
from service.tracing.spans import stage
from service.trust import trusted


async def make_brief(
    runtime: Runtime,
    article: Article,
    options: BriefOptions,
    glossary: Glossary | None = None,
    *,
    lane: Lane = "interactive",
    limits: TextLimits,
    recall: Recall | None = None,
) -> Brief:
    """The brief of one article, or the one that `recall` remembers. Raises a `MujazError` when there can be none."""

    def make() -> Awaitable[Brief]:
        return _make_brief(runtime, article, options, glossary, _work(runtime, lane, recall), limits)

    return await (recall.brief(runtime, article, options, glossary, lane, make) if recall else make())


async def _make_brief(
    runtime: Runtime, article: Article, options: BriefOptions, glossary: Glossary | None, work: Work, limits: TextLimits
) -> Brief:
    reading = await _read(work, read_article, article, limits)
    drafting = Drafting(runtime, work, reading, options.target, options.sentences, glossary)
    route = _route(drafting, options)
    async with AsyncExitStack() as until:
        await drafting.hold_translator(until)
        draft = await drafting.draft(route, whole=options.translation)
        checked = await trusted(drafting, draft, route)
        compared = await compare(drafting, checked.draft) if options.route == "both" else None
    lines = checked.draft.lines
    return Brief(
        id=article.id,
        title=answers.title(drafting, checked),
        brief=checked.draft.text,
        brief_source=" ".join(line.source for line in lines if line.source) or None,
        sentences=answers.sentences(checked, reading),
        translation=answers.translation(reading, drafting.translations)
        if options.translation and drafting.translations
        else None,
        checks=answers.checks(checked, reading),
        comparison=answers.comparison(compared) if compared else None,
        glossary=answers.glossary(drafting, lines, whole=options.translation),
        coverage=answers.coverage(checked.draft, reading),
        method=checked.draft.method,
        dropped=answers.dropped(reading),
        source_language=answers.source_language(reading),
        text=reading.text,
        provenance=answers.provenance(
            runtime,
            work,
            reading,
            "both" if compared and compared.text else route,
            options.sentences,
            drafting.glossary,
        ),
        timing_ms=answers.timing(work),
    )


async def make_translation(
    runtime: Runtime,
    article: Article,
    target: str,
    glossary: Glossary | None = None,
    *,
    lane: Lane = "interactive",
    limits: TextLimits,
    recall: Recall | None = None,
) -> TranslationAnswer:
    """The translation of a whole text, nothing left out. A text in the target language already comes back as it is."""
    work = _work(runtime, lane, recall)
    reading = await _read(work, read_text, article, limits)
    drafting = Drafting(runtime, work, reading, target, 0, glossary)
    translations = await drafting.translate(drafting.texts)
    translation = answers.translation(reading, translations)
    return TranslationAnswer(
        id=article.id,
        translation=translation.text,
        sentences=translation.sentences,
        glossary=answers.glossary(drafting, whole=True),
        source_language=answers.source_language(reading),
        target=target,
        text=reading.text,
        provenance=answers.provenance(runtime, work, reading, glossary=drafting.glossary),
        timing_ms=answers.timing(work),
    )


async def make_summary(
    runtime: Runtime, article: Article, sentences: int, *, lane: Lane = "interactive", limits: TextLimits
) -> SummaryAnswer:
    """A summary of an article in its own language, of at most `sentences` sentences, checked against it."""
    work = _work(runtime, lane)
    reading = await _read(work, read_article, article, limits)
    drafting = Drafting(runtime, work, reading, reading.language.code, sentences)
    checked = await trusted(drafting, await drafting.draft("summarize-first"), "summarize-first")
    return SummaryAnswer(
        id=article.id,
        summary=checked.draft.text,
        sentences=answers.summary_sentences(checked, reading),
        checks=answers.checks(checked, reading),
        coverage=answers.coverage(checked.draft, reading),
        method=checked.draft.method,
        dropped=answers.dropped(reading),
        source_language=answers.source_language(reading),
        text=reading.text,
        provenance=answers.provenance(runtime, work, reading, most=sentences),
        timing_ms=answers.timing(work),
    )


def _work(runtime: Runtime, lane: Lane, recall: Recall | None = None) -> Work:
    work = runtime.work(lane)
    work.memo = recall
    work.around = stage
    return work


async def _read(
    work: Work, read: Callable[[Article, TextLimits], Reading], article: Article, limits: TextLimits
) -> Reading:
    with work.stage("read"):
        return await work.text(read, article, limits)


def _route(drafting: Drafting, options: BriefOptions) -> OneRoute:
    """The route asked for, unless no model summarizes the article's language and one summarizes the target's."""
    runtime = drafting.runtime
    if drafting.foreign and not runtime.summarizes(drafting.source) and runtime.summarizes(options.target):
        return "translate-first"
    return "translate-first" if options.route == "translate-first" else "summarize-first"
