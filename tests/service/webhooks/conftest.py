"""A receiver, and an open store of each kind that there is."""

from collections.abc import Iterator

import pytest

from service.store.database import Store
from tests.support.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    opened.open(serving=True)
    yield opened
    opened.close()
