"""Limits small enough to run into."""

import pytest

from service.limits import TextLimits
from service.uploads.limits import UploadLimits


@pytest.fixture
def limits() -> UploadLimits:
    return UploadLimits(TextLimits(2000, 5000), file_bytes=2**21, memory=2**29, seconds=20.0)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
