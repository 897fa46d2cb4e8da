"""A database with keys, as `mujaz keys` makes them."""

from collections.abc import Callable

import pytest

from service.keys import access, records, tokens
from service.store.database import Store

Add = Callable[..., str]


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server looks at the database so often that tests do not wait for it."""
    monkeypatch.setattr(access, "BEAT", 0.02)


@pytest.fixture
def serving() -> bool:
    """Not this: the database is that of a server beside it."""
    return False


def made(store: Store, **given: object) -> str:
    """A new key in the database, whole."""
    token = tokens.mint()
    glossary = given.pop("glossary", None)
    own = {"name": "desk", "scopes": frozenset({"read"}), "rate": None, "quota": None, "created": 1.0}
    own |= {"expires": None, "revoked": None} | given
    key = records.Key(id=token.id, hash=token.hash, glossary=glossary is not None, **own)
    store.transact(records.add, key, glossary)
    return token.written()


@pytest.fixture
def add(store: Store) -> Add:
    """`add(rate=5)`: a new key in the database, whole."""
    return lambda **given: made(store, **given)
