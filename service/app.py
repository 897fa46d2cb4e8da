"""The app, put together: middleware, routes, errors, and the runtime that comes up beside the event loop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from service import problems
from service.deps import Context
from service.keys.access import Access
from service.keys.describe import describe
from service.keys.gate import Gate
from service.keys.policy import keys_required
from service.limits import Admission, TextLimits
from service.metrics import Metrics
from service.middleware import Guard, Trace
from service.routes import ROUTERS
from service.runtime import Factory, Startup, make_runtime
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
    access = Access(store, required=keys_required(settings))
    metrics = Metrics(admission, startup.stats)
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
    app.state.context = Context(settings, TextLimits.of(settings), metrics, startup, store, access)
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(Guard, admission=admission, body_bytes=settings.body_bytes, deadline=settings.deadline)
    app.add_middleware(Gate, access=access)
    app.add_middleware(Trace, metrics=metrics)  # added last: outermost
    _describe(app, access.required)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """The runtime starts when the server does, and stops after the last answer; so does the database."""
    context: Context = app.state.context
    startup = context.startup
    starting = asyncio.create_task(startup.run())
    try:
        async with context.access.beating():
            yield
    finally:
        await starting  # a thread cannot be interrupted
        await startup.close()


def _describe(app: FastAPI, keys: bool) -> None:
    """Make the OpenAPI description, and put `Problem` in it in place of FastAPI's own form of validation errors."""
    document: dict[str, Any] = app.openapi()  # kept by the app, and amended in place
    schemas = document["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= schemas["Problem"].pop("$defs", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    if keys:
        describe(document)
