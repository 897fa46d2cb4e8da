"""`/healthz` (the process), `/readyz` (the models), `/metrics`."""

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST

from service.deps import InContext, Ready
from service.errors import NotReady, ShuttingDown
from service.routes.refusals import refusal
from service.schemas.system import Health, Readiness
from service.version import VERSION

router = APIRouter(tags=["service"])


@router.get("/healthz")
async def healthz() -> Health:
    """The process answers; says nothing about the models."""
    return Health(version=VERSION)


@router.get("/readyz", responses=refusal(NotReady, ShuttingDown))
async def readyz(runtime: Ready) -> Readiness:
    """The models are up; otherwise a problem that says why not."""
    return Readiness()


@router.get("/metrics", response_class=Response, responses={200: {"content": {CONTENT_TYPE_LATEST: {}}}})
async def metrics(context: InContext) -> Response:
    """Counters and timings for Prometheus."""
    return Response(context.metrics.expose(), media_type=CONTENT_TYPE_LATEST)
