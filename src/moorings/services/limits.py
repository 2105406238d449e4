"""How much one key, one owner and one stranger may ask of a server process."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from moorings.domain.caller import Caller
from moorings.domain.quota import Buckets, Taken
from moorings.errors import RateLimited

PAUSE_SECONDS = 1.0
PAUSED_AT_MOST = 100
"""How many wrong guesses wait at once; each holds a connection, and more of them are answered without a pause."""

Monotonic = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Quotas:
    """Calls a minute; 0 is no limit."""

    key: int
    owner: int
    guesses: int

    def shared(self, processes: int) -> "Quotas":
        """What one of several processes gives out, so that all together give out what is said."""
        return Quotas(*(-(-limit // processes) for limit in (self.key, self.owner, self.guesses)))


class Guesses:
    """Slows whoever tries keys. A good key is never refused for others at its address: only wrong ones are counted."""

    def __init__(self, quotas: Quotas, clock: Monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self._clock, self._sleep, self._paused = clock, sleep, 0
        self._addresses = Buckets(quotas.guesses) if quotas.guesses else None

    async def count(self, address: str | None) -> None:
        """Note a wrong key; raises `RateLimited`, after a pause, for an address that has tried too many."""
        taken = self._addresses.take(_network(address), self._clock()) if self._addresses else None
        if taken is None or not taken.wait:
            return
        if self._paused < PAUSED_AT_MOST:
            self._paused += 1
            try:
                await self._sleep(PAUSE_SECONDS)
            finally:
                self._paused -= 1
        raise _refused("Too many wrong keys came from this address; it has", taken)


class Limits:
    """Each process counts for itself: a count that all share would cost every call a write."""

    def __init__(self, quotas: Quotas, clock: Monotonic) -> None:
        self._clock = clock
        self._keys = Buckets(quotas.key) if quotas.key else None
        self._owners = Buckets(quotas.owner) if quotas.owner else None
        self.guesses = Guesses(quotas, clock)

    def take(self, caller: Caller) -> Taken | None:
        """What the call leaves of the narrower quota, None where there is none; raises `RateLimited`."""
        now = self._clock()
        # A person is limited apart from others of the same organisation; ids of keys and sessions never collide.
        key = self._keys.take(f"{caller.owner} {caller.id}", now) if self._keys else None
        if key is not None and key.wait:
            raise _refused("This key has", key)
        owner = self._owners.take(caller.owner, now) if self._owners else None
        if owner is not None and owner.wait:
            raise _refused("All keys of this owner together have", owner)
        if key is None or owner is None:
            return key or owner
        return key if key.remaining <= owner.remaining else owner


def _network(address: str | None) -> str:
    """Whom an address stands for: of IPv6 everybody has 2^64 of their own."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(int(found) >> 64)
    return str(getattr(found, "ipv4_mapped", None) or found)


def _refused(who: str, taken: Taken) -> RateLimited:
    return RateLimited(f"{who} made its {taken.limit} calls of this minute; try again in {taken.wait} s.", taken.wait)
