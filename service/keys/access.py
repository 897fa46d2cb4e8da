"""Who may do what, decided from memory: no request waits for the database.

A beat once a second reads the valid keys, stores what was used and reads what all servers have used today. So a key that is
added or revoked beside a running server counts there within about a second, servers know of each other's use as late, and a
crash loses what was counted since the last beat.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from models.glossary import Glossary
from service.callers import ANYBODY, Caller, Scope
from service.errors import KeyInvalid, KeyMissing, NotReady, RateExceeded, ScopeMissing, StoreUnavailable
from service.keys import records, tokens
from service.keys.quotas import Counts, Quotas
from service.keys.rates import Bucket, Rates
from service.keys.records import Key, Use
from service.store.database import Store

logger = logging.getLogger(__name__)

BEAT = 1.0
"""Seconds from one look at the database to the next."""
_PATIENCE = 60.0  # seconds for which the keys that were read last count while the database cannot be read
_HOW = "send it as `Authorization: Bearer KEY` or `X-API-Key: KEY`; the operator makes one with `mujaz keys add`"


@dataclass(frozen=True, slots=True)
class _Known:
    """The valid keys, as of a time of the monotonic clock."""

    keys: Mapping[str, Key]
    at: float


class Access:
    """The keys of one app; used on the event loop only. Where keys are not required, everybody may do everything."""

    def __init__(self, store: Store, *, required: bool, now: Callable[[], float] = time.time) -> None:
        self.required = required
        self.quotas = Quotas(now)
        self._store = store
        self._now = now
        self._rates = Rates()
        self._known: _Known | None = None
        self._glossaries: dict[str, Glossary] = {}
        self._ending = asyncio.Event()

    async def identify(self, given: str, scope: Scope) -> Caller:
        """Who `given` is the key of, if the key is for `scope` and has a request left, which is counted.

        Raises what `find` and `admit` raise; where no keys are required, nothing.
        """
        return await self.admit(self.find(given), scope) if self.required else ANYBODY

    def find(self, given: str) -> Key:
        """The valid key that `given` is. Raises `KeyMissing`, `KeyInvalid`; `NotReady` and `StoreUnavailable` where keys
        cannot be told."""
        if not given:
            raise KeyMissing(f"An API key is needed: {_HOW}.")
        if self._known is None:
            raise NotReady("The API keys are being read; try again shortly.")
        if time.monotonic() - self._known.at > _PATIENCE:
            raise StoreUnavailable("The API keys cannot be read from the database; the log says why.")
        token = tokens.parse(given)
        if token is not None:
            key = self._known.keys.get(token.id)
            proven = tokens.proves(token, key.hash if key else None)
            if key and proven and (key.expires is None or key.expires > self._now()):
                return key
        raise KeyInvalid("The API key is not known, was revoked or has expired.")

    def bucket(self, key: Key) -> Bucket | None:
        """What the key's requests are taken from; None if it has no rate."""
        return None if key.rate is None else self._rates.bucket(key.id, key.rate)

    async def admit(self, key: Key, scope: Scope) -> Caller:
        """Its holder, who makes one request more. Raises `RateExceeded`, `ScopeMissing`, `StoreUnavailable`."""
        if (bucket := self.bucket(key)) and (seconds := bucket.take()):
            raise RateExceeded(
                f"The key has {bucket.rate} requests a minute; the next is free in {seconds} s.", seconds
            )
        if scope not in key.scopes:
            raise ScopeMissing(f"This needs a key with the scope {scope}, which this key has not.", scope)
        caller = Caller(key.id, key.scopes, await self._glossary(key), key.quota)
        self.quotas.request(caller)
        return caller

    @asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """In this block keys are known; at its end, what was used is stored. Where none are required, nothing is done."""
        if not self.required:
            yield
            return
        beat = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            self._ending.set()
            await beat

    async def refresh(self) -> None:
        """One beat. Raises `StoreUnavailable`; what was to be stored is kept then."""
        at = time.monotonic()
        day = self.quotas.day()
        try:
            keys, used = await self._store.run(_exchange, self.quotas.take(), day, self._now())
        except Exception:
            self.quotas.kept()
            raise
        self.quotas.carried(day, used)
        if not keys and (self._known is None or self._known.keys):
            logger.warning("an API key is required and there is none: make one with `mujaz keys add NAME`")
        self._known = _Known({key.id: key for key in keys}, at)
        self._rates.keep(self._known.keys.keys())
        self._glossaries = {key: own for key, own in self._glossaries.items() if key in self._known.keys}

    async def _beat(self) -> None:
        while not self._ending.is_set():
            if self._store.ready:
                await self._try()
            pause = BEAT if self._store.ready else BEAT / 20  # it is being opened
            try:
                async with asyncio.timeout(pause):
                    await self._ending.wait()
            except TimeoutError:
                continue
        if self._store.ready:
            await self._try()

    async def _try(self) -> None:
        try:
            await self.refresh()
        except StoreUnavailable:
            logger.warning("the API keys could not be read; those known are used for a minute")
        except Exception:
            logger.exception("the API keys could not be read")

    async def _glossary(self, key: Key) -> Glossary | None:
        if not key.glossary:
            return None
        if key.id not in self._glossaries:
            found = await records.glossary_of(self._store, key.id)
            if found is not None:
                self._glossaries[key.id] = found
        return self._glossaries.get(key.id)


def _exchange(connection: Connection, new: Counts, day: str, now: float) -> tuple[list[Key], dict[str, Use]]:
    records.count(connection, new)
    return records.valid(connection, now), records.used(connection, day)
