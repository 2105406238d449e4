"""Keys and owners have their quotas; wrong guesses are slowed and good keys are not."""

import asyncio

import pytest

from moorings.domain.caller import Caller
from moorings.errors import RateLimited
from moorings.services.limits import PAUSED_AT_MOST, Guesses, Limits, Quotas

pytestmark = pytest.mark.anyio

ADA, BOB = Caller("key_1", "org_a", frozenset()), Caller("key_2", "org_a", frozenset())


class Time:
    """Stands still until it is moved, and pauses nobody; `pauses` are those asked for."""

    def __init__(self) -> None:
        self.moment, self.pauses = 0.0, 0

    def __call__(self) -> float:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.pauses += 1


def test_a_key_that_has_made_its_calls_waits_and_others_do_not() -> None:
    limits = Limits(Quotas(key=2, owner=0, guesses=0), Time())
    for _ in range(2):
        limits.take(ADA)
    with pytest.raises(RateLimited, match="This key") as refused:
        limits.take(ADA)
    assert refused.value.retry_after == 30
    assert limits.take(BOB) is not None


def test_all_keys_of_an_owner_share_its_quota_and_the_narrower_one_is_told() -> None:
    limits = Limits(Quotas(key=10, owner=3, guesses=0), Time())
    first = limits.take(ADA)
    assert first is not None
    assert (first.limit, first.remaining) == (3, 2)
    limits.take(BOB)
    limits.take(BOB)
    with pytest.raises(RateLimited, match="owner"):
        limits.take(ADA)
    other = limits.take(Caller("key_9", "org_b", frozenset()))
    assert other is not None


def test_without_quotas_nothing_is_counted() -> None:
    limits = Limits(Quotas(0, 0, 0), Time())
    assert [limits.take(ADA) for _ in range(1_000)] == [None] * 1_000


def test_several_processes_share_what_is_allowed() -> None:
    assert Quotas(100, 10, 0).shared(4) == Quotas(25, 3, 0)


async def test_an_address_that_guesses_is_slowed_and_then_told_to_wait() -> None:
    time = Time()
    guesses = Guesses(Quotas(0, 0, guesses=3), time, time.sleep)
    for _ in range(3):
        await guesses.count("203.0.113.9")
    assert time.pauses == 0
    with pytest.raises(RateLimited) as refused:
        await guesses.count("203.0.113.9")
    assert (time.pauses, refused.value.retry_after) == (1, 20)
    await guesses.count("203.0.113.10")
    time.moment = 20.0
    await guesses.count("203.0.113.9")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True), ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:203.0.113.9", "203.0.113.9", True), (None, "unix", True), ("203.0.113.9", "203.0.113.8", False),
    ],
)  # fmt: skip
async def test_who_counts_as_one_address(one: str | None, other: str | None, same: bool) -> None:  # noqa: FBT001
    time = Time()
    guesses = Guesses(Quotas(0, 0, guesses=1), time, time.sleep)
    await guesses.count(one)
    if same:
        with pytest.raises(RateLimited):
            await guesses.count(other)
    else:
        await guesses.count(other)


async def test_only_so_many_guessers_are_kept_waiting() -> None:
    time, waiting = Time(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        time.pauses += 1
        await waiting.wait()

    guesses = Guesses(Quotas(0, 0, guesses=1), time, sleep)
    await guesses.count("x")
    tasks = [asyncio.create_task(guesses.count("x")) for _ in range(PAUSED_AT_MOST + 20)]
    await asyncio.wait(tasks, timeout=0.05)
    assert time.pauses == PAUSED_AT_MOST
    waiting.set()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(end, RateLimited) for end in ends)
