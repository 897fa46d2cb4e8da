"""`POST /v1/summarize`."""

from typing import Annotated

from fastapi import APIRouter, Body

from models.batching.packing import Lane
from service import briefs
from service.cache.recall import Recall
from service.deps import InWork, Ready
from service.routes.examples import SUMMARIZE
from service.routes.refusals import MODELS, PAGES, READING, refusals
from service.schemas.briefs import Article
from service.schemas.texts import Summaries, SummarizeRequest, SummaryAnswer

router = APIRouter(prefix="/v1", tags=["briefs"])


@router.post("/summarize", responses=refusals(*READING, *PAGES, *MODELS))
async def summarize(
    request: Annotated[SummarizeRequest, Body(openapi_examples=SUMMARIZE)], runtime: Ready, work: InWork
) -> SummaryAnswer | Summaries:
    """Summarize one article (`text` or `html`), or each of many (`articles`), in its own language."""

    lane: Lane = "bulk" if request.articles is not None else "interactive"  # single readers go first

    async def make(article: Article, _: Recall | None) -> SummaryAnswer:
        return await briefs.make_summary(runtime, article, request.sentences, lane=lane, limits=work.limits)

    if request.articles is not None:
        return Summaries(summaries=await work.many(request.articles, make))
    return await work.one(Article(text=request.text, html=request.html, source=request.source), make)
