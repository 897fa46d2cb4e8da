"""The app, put together: middleware, routes, errors, and the runtime that comes up beside the event loop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from fastapi import FastAPI

from service import problems
from service.cache.recall import Cache
from service.cache.shelf import Shelf
from service.compat.files import Files
from service.compat.middleware import Peers
from service.compat.openapi import REQUESTS
from service.deps import Context
from service.drain import Drain
from service.jobs.jobs import Jobs
from service.keys.access import Access
from service.keys.describe import describe
from service.keys.gate import Gate
from service.keys.policy import keys_required
from service.limits import Admission, TextLimits
from service.metrics import Metrics
from service.middleware import Guard, Trace
from service.routes import ROUTERS, webhooks
from service.routes import metrics as metrics_route
from service.runtime import Factory, Startup, make_runtime
from service.samesite import SameSite
from service.schemas.base import Schema
from service.schemas.jobs import JobEvent, JobRequest
from service.schemas.system import Problem
from service.settings import Settings
from service.store.database import Store
from service.tracing.spans import open_tracer
from service.version import VERSION

_ABOUT = (
    "News articles in, short English briefs out. Offsets count Unicode code points. "
    "Errors are RFC 9457 problems; unknown fields are refused."
)


def create_app(
    settings: Settings, factory: Factory = make_runtime, on_failure: Callable[[], None] = lambda: None
) -> FastAPI:
    """An app with its own metrics and limits; `factory` makes its runtime, `on_failure` hears that it failed to start."""
    admission = Admission.of(settings)
    store = Store(settings.database_url)
    startup = Startup(settings, store, factory, on_failure)
    access = Access(store, required=keys_required(settings))
    metrics = Metrics(settings, admission, startup)
    cache = Cache(Shelf(store, settings.cache, settings.retention), metrics.cache) if settings.cache else None
    tracer = open_tracer(settings)
    jobs = Jobs(settings, store, metrics, cache, tracer)
    drain = Drain(settings.drain)
    app = FastAPI(
        title="Mujaz",
        version=VERSION,
        description=_ABOUT,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_url=None,  # FastAPI's own pages load scripts from elsewhere; ours are in routes/docs.py
        # Exporters could be switched on by foreign environment variables, and would send errors out.
        telemetry={"auto_configure": False, "tracing": False, "metrics": False, "logs": False},
        lifespan=_lifespan,
    )
    files = Files(settings.download_bytes, settings.download_seconds)
    limits = TextLimits.of(settings)
    app.state.context = Context(settings, limits, admission, metrics, startup, store, cache, access, jobs, files, drain)
    routers = [r for r in ROUTERS if r is not metrics_route.router or settings.metrics_address is None]
    app.webhooks.include_router(webhooks.router)
    problems.install(app, routers)
    for router in routers:
        app.include_router(router)
    bounds = {name: getattr(settings, name) for name in ("body_bytes", "transfer", "deadline")}
    larger = {"/v1/jobs": settings.job_bytes, "/translate_file": settings.upload_bytes}
    app.add_middleware(Guard, admission=admission, drain=drain, larger=larger, **bounds)
    app.add_middleware(Gate, access=access)
    app.add_middleware(SameSite, shared=bool(settings.cors))
    app.add_middleware(Peers, origins=settings.cors)
    app.add_middleware(Trace, metrics=metrics, tracer=tracer)  # added last: outermost
    app.state.tracer = tracer
    _describe(app, access.required)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """The runtime starts when the server does, and stops after the last answer; so do the database and the work on jobs."""
    context: Context = app.state.context
    starting = asyncio.create_task(context.startup.run())
    context.jobs.start(context.startup)
    try:
        writing = context.cache.shelf.writing() if context.cache else nullcontext()
        async with writing, context.access.beating():
            try:
                yield
            finally:
                await context.jobs.stop(context.drain.remaining())
                await starting  # a thread cannot be interrupted
    finally:
        await context.startup.close()
        if tracer := app.state.tracer:
            await asyncio.to_thread(tracer.close)


def _describe(app: FastAPI, keys: bool) -> None:
    """Make the OpenAPI description; put schemas in it that routes only name, and `Problem` for FastAPI's validation errors."""
    document: dict[str, Any] = app.openapi()  # kept by the app, and amended in place
    schemas = document["components"]["schemas"]
    named: tuple[type[Schema], ...] = (Problem, JobRequest, *REQUESTS)
    for model in named:
        schemas[model.__name__] = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schemas[model.__name__].pop("$defs", {})
    sent = JobEvent.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    schemas.update(sent.pop("$defs") | schemas | {JobEvent.__name__: sent})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    if keys:
        describe(document)
    for operation in (
        node for part in ("paths", "webhooks") for nodes in document[part].values() for node in nodes.values()
    ):
        if "HTTPValidationError" in str(operation["responses"].get("422")):
            del operation["responses"]["422"]  # FastAPI's guess where the route documents none: any text is a path
