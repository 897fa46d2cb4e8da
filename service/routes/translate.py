"""`POST /v1/translate`."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Body

from models.batching.packing import Lane
from service import briefs
from service.cache.recall import Recall
from service.deps import InCaller, InWork, Ready
from service.glossaries import in_force
from service.routes.examples import TRANSLATE
from service.routes.refusals import MODELS, PAGES, READING, TERMS, refusals
from service.schemas.briefs import Article
from service.schemas.texts import TranslateRequest, TranslationAnswer, Translations

router = APIRouter(prefix="/v1", tags=["texts"])


@router.post("/translate", responses=refusals(*READING, *PAGES, *MODELS, *TERMS))
async def translate(
    request: Annotated[TranslateRequest, Body(openapi_examples=TRANSLATE)],
    runtime: Ready,
    work: InWork,
    caller: InCaller,
) -> TranslationAnswer | Translations:
    """Translate one text, or each of a list, sentence by sentence; captions and the like are not left out."""

    def article(text: str) -> Article:
        if request.format == "html":
            return Article(html=text, source=request.source)
        return Article(text=text, source=request.source)

    lane: Lane = "bulk" if isinstance(request.text, list) else "interactive"  # single readers go first

    glossary = await asyncio.to_thread(in_force, request.glossary, caller.glossary, runtime.config.glossary)

    async def make(article: Article, recall: Recall | None) -> TranslationAnswer:
        return await briefs.make_translation(
            runtime, article, request.target, glossary, lane=lane, limits=work.limits, recall=recall
        )

    if isinstance(request.text, list):
        return Translations(translations=await work.many([article(text) for text in request.text], make))
    return await work.one(article(request.text), make)
