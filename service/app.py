"""The app, put together: middleware, routes, errors, and the runtime that comes up beside the event loop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from service import problems
from service.deps import Context
from service.drain import Drain
from service.jobs.jobs import Jobs
from service.limits import Admission, TextLimits
from service.metrics import Metrics
from service.middleware import Guard, Trace
from service.routes import ROUTERS
from service.runtime import Factory, Startup, make_runtime
from service.schemas.jobs import JobRequest
from service.schemas.system import Problem
from service.settings import Settings
from service.store.database import Store
from service.version import VERSION

_ABOUT = (
    "News articles in, short English briefs out. Offsets count Unicode code points. "
    "Errors are RFC 9457 problems; unknown fields are refused."
)


def create_app(
    settings: Settings, factory: Factory = make_runtime, on_failure: Callable[[], None] = lambda: None
) -> FastAPI:
    """An app with its own metrics and limits; `factory` makes its runtime, `on_failure` hears that it failed to start."""
    admission = Admission(settings.requests, settings.pending_bytes)
    store = Store(settings.database_url)
    startup = Startup(settings, store, factory, on_failure)
    metrics = Metrics(admission, startup.stats)
    jobs = Jobs(settings, store, metrics)
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
    app.state.context = Context(settings, TextLimits.of(settings), metrics, startup, store, jobs, drain, admission)
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(
        Guard,
        admission=admission,
        drain=drain,
        deadline=settings.deadline,
        body_bytes=settings.body_bytes,
        larger={"/v1/jobs": settings.job_bytes},
    )
    app.add_middleware(Trace, metrics=metrics)  # added last: outermost
    _describe(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """The runtime starts when the server does, and stops after the last answer; so do the database and the work on jobs."""
    context: Context = app.state.context
    startup, jobs = context.startup, context.jobs
    starting = asyncio.create_task(startup.run())
    jobs.start(startup)
    try:
        yield
    finally:
        await jobs.stop(context.drain.remaining())
        await starting  # a thread cannot be interrupted
        await startup.close()


def _describe(app: FastAPI) -> None:
    """Make the OpenAPI description, with `Problem` in place of FastAPI's own form of validation errors."""
    document: dict[str, Any] = app.openapi()  # kept by the app, and amended in place
    schemas = document["components"]["schemas"]
    for model in (Problem, JobRequest):  # described, but taken and given by hand
        schemas[model.__name__] = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schemas[model.__name__].pop("$defs", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for operation in (node for nodes in document["paths"].values() for node in nodes.values()):
        if "HTTPValidationError" in str(operation["responses"].get("422")):
            del operation["responses"]["422"]  # FastAPI's guess where the route documents none: any text is a path
