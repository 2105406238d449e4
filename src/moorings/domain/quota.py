"""How many calls somebody may make: token buckets, kept as the one moment at which each is full again."""

from math import ceil
from typing import NamedTuple

WINDOW = 60.0
"""Seconds that a quota is for; what is unused is saved up to as much."""

KEPT = 10_000


class Taken(NamedTuple):  # made twice for every call: a frozen dataclass takes four times as long to make
    """What a call left of a quota, and in how many seconds that is full again; `wait` is 0 unless it is refused."""

    limit: int
    remaining: int
    reset: int
    wait: int = 0


class Buckets:
    """A bucket of `limit` calls for each name, refilled evenly within a minute.

    One that is full is as one that never was, and is forgotten when there are too many.
    """

    def __init__(self, limit: int) -> None:
        self._limit, self._interval = limit, WINDOW / limit
        # The sum of many small parts is not exact; a millionth of a call is not held against anybody.
        self._most = WINDOW + self._interval * 1e-6
        self._full_at: dict[str, float] = {}

    def take(self, name: str, now: float) -> Taken:
        """Take one call out, at this moment of a clock that never goes back."""
        full_at = self._full_at.get(name, now)
        after = self._interval if full_at <= now else full_at - now + self._interval
        over = after - self._most
        if over > 0:
            return Taken(self._limit, 0, ceil(after - self._interval), max(1, ceil(over)))
        if name not in self._full_at and len(self._full_at) >= KEPT:
            self._make_room(now)
        self._full_at[name] = now + after
        return Taken(self._limit, int((self._most - after) / self._interval), ceil(after))

    def _make_room(self, now: float) -> None:
        self._full_at = {name: moment for name, moment in self._full_at.items() if moment > now}
        while len(self._full_at) >= KEPT:
            del self._full_at[next(iter(self._full_at))]
