"""The issuer's keys: fetched once for all, again at most once a minute, and believed while it cannot be asked."""

import asyncio
import json
from typing import Any

import pytest

from moorings.errors import IssuerUnavailable, ProviderTimeout, Unauthenticated
from moorings.sessions.published import KEYS_AT_MOST, PublishedKeys
from tests.services.house import Clock
from tests.sessions.minting import jwk

pytestmark = pytest.mark.anyio

DOCUMENT = json.dumps({"keys": [jwk("one")]}).encode()


class Issuer:
    """What is published, how often it was asked for, and whether it answers."""

    def __init__(self, published: bytes = DOCUMENT) -> None:
        self.published, self.asked, self.down = published, 0, False
        self.answering = asyncio.Event()
        self.answering.set()

    async def __call__(self) -> bytes:
        self.asked += 1
        await self.answering.wait()
        if self.down:
            raise ProviderTimeout("clerk.example.com did not answer.")
        return self.published


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_keys_are_fetched_when_first_wanted_and_once_for_all(clock: Clock) -> None:
    issuer = Issuer()
    keys = PublishedKeys(issuer, clock)
    issuer.answering.clear()
    waiting = [asyncio.create_task(keys.get("one")) for _ in range(20)]
    await asyncio.sleep(0)
    issuer.answering.set()
    assert len({id(key) for key in await asyncio.gather(*waiting)}) == 1
    assert issuer.asked == 1


async def test_invented_key_ids_do_not_become_fetches(clock: Clock) -> None:
    issuer = Issuer()
    keys = PublishedKeys(issuer, clock)
    for number in range(100):
        with pytest.raises(Unauthenticated):
            await keys.get(f"invented-{number}")
        clock.advance(seconds=0.5)
    assert issuer.asked == 1


@pytest.mark.parametrize("odd", [None, 7, ["one"], {"one": 1}, "", "ONE"])
async def test_an_odd_key_id_is_an_unknown_one(clock: Clock, odd: object) -> None:
    with pytest.raises(Unauthenticated):
        await PublishedKeys(Issuer(), clock).get(odd)


async def test_a_new_key_is_found_a_minute_later_at_the_latest(clock: Clock) -> None:
    issuer = Issuer()
    keys = PublishedKeys(issuer, clock)
    await keys.get("one")
    issuer.published = json.dumps({"keys": [jwk("one"), jwk("two")]}).encode()
    with pytest.raises(Unauthenticated):
        await keys.get("two")
    clock.advance(seconds=60)
    assert await keys.get("two") is not None


async def test_a_withdrawn_key_stops_to_count_and_nobody_waits_for_the_news(clock: Clock) -> None:
    issuer = Issuer()
    keys = PublishedKeys(issuer, clock)
    await keys.get("one")
    issuer.published = json.dumps({"keys": [jwk("two")]}).encode()
    clock.advance(minutes=10)
    issuer.answering.clear()
    await keys.get("one")  # answered at once; the fetch is under way
    issuer.answering.set()
    assert await _good(keys, "two")  # whoever needs the new key waits for the same fetch
    assert not await _good(keys, "one")
    assert issuer.asked == 2


async def test_known_keys_are_believed_for_a_day_while_the_issuer_is_down(clock: Clock) -> None:
    issuer = Issuer()
    keys = PublishedKeys(issuer, clock)
    await keys.get("one")
    issuer.down = True
    for _ in range(23):
        clock.advance(hours=1)
        assert await _good(keys, "one")
    clock.advance(hours=1)
    with pytest.raises(IssuerUnavailable):
        await keys.get("one")


async def test_an_issuer_that_is_down_is_asked_once_a_minute_and_told_as_such(clock: Clock) -> None:
    issuer = Issuer()
    issuer.down = True
    keys = PublishedKeys(issuer, clock)
    for _ in range(10):
        with pytest.raises(IssuerUnavailable):
            await keys.get("one")
    assert issuer.asked == 1
    issuer.down = False
    clock.advance(minutes=1)
    assert await _good(keys, "one")


@pytest.mark.parametrize(
    "published",
    [b"", b"<html>", b"[]", b"{}", b'{"keys": 7}', b'{"keys": null}', b"[" * 100_000, b"\xff",
     json.dumps({"keys": [jwk("one")] * (KEYS_AT_MOST + 1)}).encode()],
    ids=lambda value: value[:20],
)  # fmt: skip
async def test_what_is_no_set_of_keys_is_none(clock: Clock, published: bytes) -> None:
    with pytest.raises(IssuerUnavailable):
        await PublishedKeys(Issuer(published), clock).get("one")


BROKEN: list[Any] = [
    7, {}, {"kid": "x"}, jwk("x", use="enc"), jwk("x", alg="RS512"), {**jwk("x"), "kid": 7}, {**jwk("x"), "n": "!"},
    {"kty": "oct", "k": "c2VjcmV0", "kid": "x", "alg": "RS256"}, {**jwk("x"), "d": "AQAB"}, {**jwk("x"), "n": None},
]  # fmt: skip


async def test_keys_that_cannot_be_used_are_left_alone(clock: Clock) -> None:
    issuer = Issuer(json.dumps({"keys": [*BROKEN, jwk("one")]}).encode())
    keys = PublishedKeys(issuer, clock)
    assert await _good(keys, "one")
    assert not await _good(keys, "x")


async def _good(keys: PublishedKeys, key_id: str) -> bool:
    try:
        await keys.get(key_id)
    except Unauthenticated:
        return False
    return True
