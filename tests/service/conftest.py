"""An app with a fake runtime and a fake pipeline, and a client that speaks to it without a network."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest

from service import briefs
from service.app import create_app
from service.settings import Settings
from service.store.database import Store
from tests.support.service_fakes import FakeBriefs, FakeRuntime
from tests.support.waiting import until

Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def anyio_backend() -> str:
    """Coroutine tests run under asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
def serving() -> bool:
    """Whether `store` is opened as a server does, which has a SQLite file for itself."""
    return True


@pytest.fixture
def store(database_url: str, serving: bool) -> Iterator[Store]:
    """An open store of each kind that there is."""
    opened = Store(database_url)
    opened.open(serving=serving)
    yield opened
    opened.close()


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> FakeBriefs:
    """The fake pipeline, in the place of the real one."""
    fake = FakeBriefs()
    for name in ("make_brief", "make_translation", "make_summary"):
        monkeypatch.setattr(briefs, name, getattr(fake, name))
    return fake


@pytest.fixture
def serve(pipeline: FakeBriefs, tmp_path_factory: pytest.TempPathFactory) -> Serve:
    """`async with serve(**settings) as client`: an app of those settings, its fake runtime up."""

    @asynccontextmanager
    async def serving(runtime: FakeRuntime | None = None, **settings: object) -> AsyncIterator[httpx.AsyncClient]:
        own = {"database_url": f"sqlite:///{tmp_path_factory.mktemp('store')}/mujaz.db", **settings}
        app = create_app(Settings(**own), lambda _: runtime or FakeRuntime())
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                if runtime is None:
                    await until(lambda: _ready(client))
                yield client

    return serving


async def _ready(client: httpx.AsyncClient) -> bool:
    return (await client.get("/readyz")).status_code == 200
