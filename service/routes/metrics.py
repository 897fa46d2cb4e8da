"""`/metrics`, where it has no address of its own."""

import asyncio

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST

from service.deps import InContext

router = APIRouter(tags=["service"])


@router.get("/metrics", response_class=Response, responses={200: {"content": {CONTENT_TYPE_LATEST: {}}}})
async def metrics(context: InContext) -> Response:
    """Counters and timings for Prometheus."""
    return Response(await asyncio.to_thread(context.metrics.expose), media_type=CONTENT_TYPE_LATEST)
