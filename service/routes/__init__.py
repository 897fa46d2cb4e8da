"""The HTTP contract, a file per subject; what a route answers is made outside this package."""

from fastapi import APIRouter

from service.compat import deepl, libretranslate
from service.routes import brief, detect, docs, health, info, jobs, metrics, summarize, translate

ROUTERS: tuple[APIRouter, ...] = (
    brief.router,
    translate.router,
    summarize.router,
    detect.router,
    jobs.router,
    info.router,
    libretranslate.router,
    deepl.router,
    health.router,
    metrics.router,
    docs.router,
)
