"""Characters a day: counted in memory at once, and carried to the database by the beat of `service.keys.access`."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from models.errors import MujazError
from service.callers import Caller
from service.errors import QuotaExceeded, row
from service.keys.records import Day, Use
from service.schemas.briefs import Article, FailedItem

_DAY = 24 * 60 * 60  # seconds
_REFUSED = (400, 413, 422, 503)  # statuses of refusals: they are not charged
Account = tuple[str, Day]
"""A key's id and a day."""
Counts = dict[Account, Use]


class Quotas:
    """What the keys have used today, on all servers: known from the database, and what is not there yet. Event loop only."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._known: Mapping[str, Use] = {}
        self._known_of: Day = ""
        self._new: Counts = {}
        self._on_its_way: Counts = {}

    def day(self) -> Day:
        """Today."""
        return datetime.fromtimestamp(self._now(), UTC).date().isoformat()

    def used(self, key_id: str) -> Use:
        """What a key has used today."""
        day = self.day()
        known = self._known.get(key_id, Use()) if day == self._known_of else Use()
        return known + self._on_its_way.get((key_id, day), Use()) + self._new.get((key_id, day), Use())

    def charge(self, caller: Caller, characters: int) -> Account:
        """Count characters that are about to be worked on, and say where. Raises `QuotaExceeded`, and then counts none."""
        if caller.quota is not None:
            left = max(0, caller.quota - self.used(caller.id).characters)
            if characters > left:
                raise QuotaExceeded(
                    f"The request has {characters} characters; of the {caller.quota} that the key has for a day "
                    f"{left} are left until midnight UTC.",
                    self._until_midnight(),
                )
        account = (caller.id, self.day())
        self.count(account, Use(characters=characters))
        return account

    def refund(self, account: Account, characters: int) -> None:
        """Take back what `charge` counted there for something that was refused after all."""
        self.count(account, Use(characters=-characters))

    @contextmanager
    def refunding(self, account: Account, characters: int) -> Iterator[None]:
        """A block that works on so many characters, charged before: if it refuses to, they are given back."""
        try:
            yield
        except MujazError as error:
            if row(error).status in _REFUSED:
                self.refund(account, characters)
            raise

    def request(self, caller: Caller) -> None:
        """Count one request."""
        self.count((caller.id, self.day()), Use(requests=1))

    def count(self, account: Account, use: Use) -> None:
        """Count without asking; callers without a key have no account."""
        if account[0]:
            self._new[account] = self._new.get(account, Use()) + use

    def take(self) -> Counts:
        """What is to be carried to the database; `carried` or `kept` says what came of it."""
        self._on_its_way, self._new = self._new, {}
        return self._on_its_way

    def carried(self, day: Day, known: Mapping[str, Use]) -> None:
        """It is in the database, and this is what that knows of `day`."""
        self._on_its_way = {}
        self._known, self._known_of = known, day

    def kept(self) -> None:
        """It is not; the next beat takes it along."""
        late, self._on_its_way = self._on_its_way, {}
        for account, use in late.items():
            self.count(account, use)

    def _until_midnight(self) -> int:
        """Whole seconds, rounded up."""
        return math.ceil(_DAY - self._now() % _DAY)


def characters(given: object) -> int:
    """What an article, a text or a list of texts is charged for: characters as they were sent, markup and title included."""
    match given:
        case str():
            return len(given)
        case Article():
            return sum(len(part) for part in (given.title, given.text, given.html) if part)
        case FailedItem():
            return 0
        case Sequence():
            return sum(map(characters, given))
    raise TypeError(type(given))
