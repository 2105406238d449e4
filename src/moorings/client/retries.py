"""Which calls are sent again, when, and how often."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moorings.client.call import Call
from moorings.client.errors import ClientError, ProviderFailed, TooManyCalls, Unreachable

_PASSING = (502, 503)


@dataclass(frozen=True, slots=True)
class Retries:
    """How patiently calls are sent again that do no harm twice: reading ones, and those with an idempotency key.

    `attempts` counts the first one. Waits in seconds double from `first_wait`, each shortened at random by up to a
    half, and are at most `longest_wait`: a server that wants to be left alone for longer is not asked again.
    """

    attempts: int = 3
    first_wait: float = 0.25
    longest_wait: float = 10.0
    chance: Callable[[], float] = random.random

    def wait(self, call: Call[Any], error: ClientError, attempt: int) -> float | None:
        """Seconds until the call is sent again after this attempt failed; None for not at all."""
        if attempt >= self.attempts or not call.repeatable or not _passing(call, error):
            return None
        if error.retry_after is not None:
            return float(error.retry_after) if error.retry_after <= self.longest_wait else None
        return min(self.first_wait * 2.0 ** (attempt - 1), self.longest_wait) * (1 - self.chance() / 2)


NEVER = Retries(attempts=1)


def _passing(call: Call[Any], error: ClientError) -> bool:
    if isinstance(error, Unreachable):
        return error.broken
    if isinstance(error, TooManyCalls):
        return error.retry_after is not None
    # A failed tool gives its idempotency key free, and its provider may have done half of it.
    harmless = call.method == "GET" or not isinstance(error, ProviderFailed)
    return error.status in _PASSING and harmless
