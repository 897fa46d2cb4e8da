"""Work that is waiting, measured in the time it takes: what a lane lets in depends on how fast it has lately been."""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from models.errors import Overloaded
from service.turns import Turns

FULL = "The work ahead of this request would take too long; try again shortly."

_WINDOW = 1.0  # seconds in which a rate is measured at least
_WEIGHT = 0.3  # of the newest measurement


Answer = TypeVar("Answer")


class Answered(Protocol):
    def __call__(self, size: int, *, computed: bool = True) -> None:
        """An article of `size` bytes is answered; one that was not computed, but known, says nothing about the rate."""
        ...


class Backlog:
    """The articles of one lane that are in work, and how long they will take at the rate of the last seconds.

    `at_once` articles, or more short texts, are worked on at one time (begun all together, none would be finished before the
    last), the others wait for their turn. The rate is learned from what was computed while at least half as many were here, so
    that a server which has little to do is not taken for a slow one. Until it is known, and below `at_once`, everything is let
    in. For one event loop.
    """

    def __init__(self, seconds: float, at_once: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`seconds` is how much work may be ahead of a newcomer, `clock` counts in seconds."""
        self._seconds = seconds
        self._at_once = at_once
        self._clock = clock
        self._articles = 0
        self._size = 0  # bytes of the articles in work
        self._rate: float | None = None  # bytes/s
        self._since = 0.0  # when the present measurement began,
        self._done = 0  # and the bytes answered since
        self._turns = Turns(at_once)

    def full(self) -> bool:
        """Whether a newcomer would have to wait too long."""
        return self._articles >= self._at_once and self._rate is not None and self._size > self._seconds * self._rate

    @contextmanager
    def enter(self, articles: int, size: int) -> Iterator[Answered]:
        """Room for articles of `size` bytes together until the block ends; gives what is told of each answered one.

        Raises `Overloaded` when the lane is full.
        """
        if self.full():
            raise Overloaded(FULL)
        if not self._busy():
            self._measure_anew()
        self._articles += articles
        self._size += size
        left = size

        def answered(size: int, *, computed: bool = True) -> None:
            nonlocal left
            left -= size
            self._size -= size
            if computed:
                self._learn(size)

        try:
            yield answered
        finally:
            self._articles -= articles
            self._size -= left

    async def in_turn(self, size: int, make: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer that `make` gives, called when the turn of this article has come; it has `size` bytes."""
        async with self._turns.turn(size):
            return await make()

    def _busy(self) -> bool:
        return self._articles >= self._at_once // 2

    def _measure_anew(self) -> None:
        self._since, self._done = self._clock(), 0

    def _learn(self, size: int) -> None:
        self._done += size
        seconds = self._clock() - self._since
        if not self._busy() or seconds < _WINDOW:
            return
        rate = self._done / seconds
        self._rate = rate if self._rate is None else self._rate + _WEIGHT * (rate - self._rate)
        self._measure_anew()
