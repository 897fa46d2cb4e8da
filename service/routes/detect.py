"""`POST /v1/detect`: needs no model of the catalogue, so it answers before they are ready."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Body

from models.errors import EmptyText
from models.text.detect import detect as detect_language
from service.cache.recall import Recall
from service.deps import InWork
from service.limits import TextLimits
from service.routes.examples import DETECT
from service.routes.refusals import READING, refusals
from service.schemas.briefs import SourceLanguage
from service.schemas.texts import Detections, DetectRequest

router = APIRouter(prefix="/v1", tags=["texts"])


@router.post("/detect", responses=refusals(*READING))
async def detect(
    request: Annotated[DetectRequest, Body(openapi_examples=DETECT)], work: InWork
) -> SourceLanguage | Detections:
    """Tell the language of one text, or of each of a list."""

    async def make(text: str, _: Recall | None) -> SourceLanguage:
        return await asyncio.to_thread(_detect, text, work.limits)

    if isinstance(request.text, list):
        return Detections(detections=await work.many(request.text, make))
    return await work.one(request.text, make)


def _detect(text: str, limits: TextLimits) -> SourceLanguage:
    limits.check_text(text)
    if not text.strip():
        raise EmptyText("The text is empty.")
    found = detect_language(text)
    return SourceLanguage(code=found.code, confidence=found.confidence)
