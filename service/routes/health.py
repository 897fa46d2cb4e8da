"""`/healthz` (the process), `/readyz` (the models)."""

from fastapi import APIRouter

from service.deps import Ready
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
