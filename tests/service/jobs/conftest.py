"""An open store of each kind that there is."""

from collections.abc import Iterator

import pytest

from service.store.database import Store


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    opened.open(serving=True)
    yield opened
    opened.close()
