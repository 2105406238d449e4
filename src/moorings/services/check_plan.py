"""When stored credentials are looked at: hours apart and never all at once, sooner after a failure."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from moorings.domain.ids import Clock

SOON = timedelta(minutes=15)
JITTER = 0.1
MOST_DOUBLINGS = 16


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """`interval` lies between two checks of what works; none at all where it is zero."""

    now: Clock
    interval: timedelta
    chance: Callable[[], float] = random.random

    def after(self, failures: int = 0) -> datetime | None:
        """When to look again after so many failures in a row: ever more rarely, up to the interval; None for never."""
        if not self.interval:
            return None
        pause = min(SOON * 2 ** min(failures - 1, MOST_DOUBLINGS), self.interval) if failures else self.interval
        return self.now() + pause * (1 + JITTER * (2 * self.chance() - 1))


NEVER = CheckPlan(lambda: datetime.now(UTC), timedelta())
"""Nothing is checked by itself."""
