"""Requests a minute: a token bucket for each key, in this process."""

import time
from collections.abc import Callable, Collection

_MINUTE = 60 * 10**9  # nanoseconds
_SECOND = 10**9


class Bucket:
    """Holds `rate` tokens when full, and fills at `rate` a minute; each request takes one.

    So in any time of m minutes it gives at most `rate` * (1 + m). Levels are whole numbers of a token's 60-thousand-millionth
    parts, of which each nanosecond brings `rate`: nothing is rounded, and a wait that was told is long enough.
    """

    def __init__(self, rate: int, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self.rate = rate
        self._clock = clock
        self._full = rate * _MINUTE
        self._level = self._full
        self._at = clock()

    def take(self) -> int:
        """Take a token. 0 if there was one, else the whole seconds after which there will be."""
        self._fill()
        if self._level < _MINUTE:
            return self._seconds(_MINUTE)
        self._level -= _MINUTE
        return 0

    def left(self) -> tuple[int, int]:
        """The tokens that are left, and the whole seconds until it is full."""
        self._fill()
        return self._level // _MINUTE, self._seconds(self._full)

    def _fill(self) -> None:
        now = self._clock()
        self._level = min(self._full, self._level + (now - self._at) * self.rate)
        self._at = now

    def _seconds(self, level: int) -> int:
        """Whole seconds, rounded up, until there is so much in it."""
        return -(-(level - self._level) // (self.rate * _SECOND))


class Rates:
    """The buckets of the keys that were used, on the event loop only."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}

    def bucket(self, key_id: str, rate: int) -> Bucket:
        """The key's own; a new one is full."""
        if key_id not in self._buckets:
            self._buckets[key_id] = Bucket(rate)
        return self._buckets[key_id]

    def keep(self, key_ids: Collection[str]) -> None:
        """Forget all others."""
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if key in key_ids}
