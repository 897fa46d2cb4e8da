"""`POST /v1/brief`."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Body

from models.batching.packing import Lane
from service import briefs
from service.cache.recall import Recall
from service.deps import InCaller, InWork, Ready
from service.glossaries import in_force
from service.routes.examples import BRIEF
from service.routes.refusals import MODELS, PAGES, READING, TERMS, refusals
from service.schemas.briefs import Article, Brief, BriefOptions, BriefRequest, Briefs

router = APIRouter(prefix="/v1", tags=["briefs"])


@router.post("/brief", responses=refusals(*READING, *PAGES, *MODELS, *TERMS))
async def brief(
    request: Annotated[BriefRequest, Body(openapi_examples=BRIEF)], runtime: Ready, work: InWork, caller: InCaller
) -> Brief | Briefs:
    """Make a brief of one article (`text` or `html`), or of each of many (`articles`).

    The answer to many is a list in their order: an article that fails has its error there, the others their briefs.
    """
    options = BriefOptions(**request.model_dump(include=set(BriefOptions.model_fields)))
    glossary = await asyncio.to_thread(in_force, request.glossary, caller.glossary, runtime.config.glossary)
    lane: Lane = "bulk" if request.articles is not None else "interactive"  # single readers go first

    async def make(article: Article, recall: Recall | None) -> Brief:
        return await briefs.make_brief(
            runtime, article, options, glossary, lane=lane, limits=work.limits, recall=recall
        )

    if request.articles is not None:
        return Briefs(briefs=await work.many(request.articles, make))
    return await work.one(Article(text=request.text, html=request.html, source=request.source), make)
