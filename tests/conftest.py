"""What holds for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.postgres import binaries, database, server

# The machine that runs the tests may be busy: an example that takes long is no fault of the code.
settings.register_profile("mujaz", deadline=None)
settings.load_profile("mujaz")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server of the tests' own."""
    if binaries() is None:
        pytest.skip("needs PostgreSQL's binaries (Debian: postgresql)")
    with server() as address:
        yield address


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, of each kind that there is."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'mujaz.db'}"
        return
    with database(request.getfixturevalue("postgres")) as address:
        yield address
