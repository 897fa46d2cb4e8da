"""Which lane the compute thread steps next while readers and bulk work wait for it. Pure: no clock, no thread, no engine.

Bulk's share of the time is kept as in deficit round robin (Shreedhar and Varghese, 1995), with seconds in place of bytes.
"""

from collections.abc import Collection

from models.batching.packing import BULK_SHARE, Lane


class Turns:
    """Interactive work goes first; alone, a lane has every turn.

    The seconds that interactive turns take while bulk waits earn bulk credit. As soon as that pays for a turn as long as bulk's
    last one, bulk has a turn, and pays what it really took: one in `BULK_SHARE` of the seconds is bulk's.
    """

    def __init__(self) -> None:
        self._credit = 0.0
        self._price = 0.0  # of a turn of bulk: what its last one took
        self._both = False  # whether both lanes had work when the running turn began

    def next(self, lanes: Collection[Lane]) -> Lane:
        """The lane that goes next, of those that have work (at least one)."""
        self._both = len(lanes) == 2
        if not self._both:
            self._credit = 0.0
            return "bulk" if "bulk" in lanes else "interactive"
        return "bulk" if self._credit > self._price else "interactive"

    def took(self, lane: Lane, seconds: float) -> None:
        """Note how long that lane's turn was."""
        if lane == "bulk":
            self._price = seconds
        if self._both:
            self._credit += -seconds if lane == "bulk" else seconds / (BULK_SHARE - 1)
