"""What holds for every test."""

import pytest
from hypothesis import settings

# The machine that runs the tests may be busy: an example that takes long is no fault of the code.
settings.register_profile("mujaz", deadline=None)
settings.load_profile("mujaz")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
