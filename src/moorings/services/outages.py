"""Providers that do not answer: what is not urgent leaves them alone for a while, and does not hold up the rest."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from moorings.domain.ids import Clock

TAKEN_FOR_ONE = 3
"""That so many credentials fail in a row is taken for an outage of their provider, and not of one account."""

PAUSE = timedelta(minutes=15)


class Outages:
    """What this process has seen of providers; whatever one answers, be it a refusal, ends its outage."""

    def __init__(self, now: Clock, chance: Callable[[], float] = random.random) -> None:
        self._now, self._chance = now, chance
        self._failed: dict[str, set[str]] = {}
        self._until: dict[str, datetime] = {}

    def until(self, name: str) -> datetime | None:
        """When to ask it again, and not all at the same moment; None for now."""
        until = self._until.get(name)
        if until is None or self._now() >= until:
            return None
        return until + PAUSE * self._chance()

    def note(self, name: str, whose: str, *, answered: bool) -> None:
        """How it went just now with one account's credential."""
        if answered:
            self._failed.pop(name, None)
            self._until.pop(name, None)
            return
        failed = self._failed.setdefault(name, set())
        if len(failed) < TAKEN_FOR_ONE:
            failed.add(whose)
        if len(failed) >= TAKEN_FOR_ONE:
            self._until[name] = self._now() + PAUSE
