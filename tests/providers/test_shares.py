"""An owner whose provider is slow waits for itself, and takes the room of nobody else."""

import asyncio
from contextlib import suppress

import pytest

from moorings.domain.behalf import OWNER
from moorings.errors import TooManyUnderWay
from moorings.providers.shares import Shares

pytestmark = pytest.mark.anyio

A_WHILE, A_MOMENT = 5.0, 0.05


class Port:
    """Shares with requests that last until they are let go; `began` are those that have a turn."""

    def __init__(self, most: int) -> None:
        self.shares, self.began, self.end = Shares(most), list[str](), asyncio.Event()

    async def request(self, name: str, patience: float = A_WHILE) -> None:
        async with self.shares.taken(asyncio.get_running_loop().time() + patience):
            self.began.append(name)
            await self.end.wait()

    def by(self, owner: str | None, *names: str, patience: float = A_WHILE) -> list[asyncio.Task[None]]:
        OWNER.set(owner)
        return [asyncio.create_task(self.request(name, patience)) for name in names]


async def test_an_owner_s_share_ends_where_another_s_begins() -> None:
    port = Port(2)
    tasks = [*port.by("ada", "a1", "a2", "a3", "a4"), *port.by("bob", "b1"), *port.by(None, "n1", "n2", "n3")]
    await asyncio.sleep(0)
    assert port.began == ["a1", "a2", "b1", "n1", "n2", "n3"]
    assert port.shares.under_way == 6
    port.end.set()
    await asyncio.gather(*tasks)
    assert port.began[6:] == ["a3", "a4"], "the longest waiting comes first"
    assert (port.shares.under_way, port.shares.refused, port.shares._shares) == (0, 0, {})


async def test_who_waits_too_long_is_refused_and_told_why() -> None:
    port = Port(1)
    [first] = port.by("ada", "a1")
    await asyncio.sleep(0)
    [late] = port.by("ada", "a2", patience=A_MOMENT)
    with pytest.raises(TooManyUnderWay, match="1 calls to providers under way") as refused:
        await late
    assert (refused.value.status, refused.value.transient, refused.value.retry_after) == (429, True, 5)
    assert (port.shares.refused, port.began) == (1, ["a1"])
    port.end.set()
    await first
    assert port.shares._shares == {}


@pytest.mark.parametrize("which", [0, 1], ids=["who has a turn", "who waits for one"])
async def test_who_is_broken_off_gives_its_turn_back(which: int) -> None:
    port = Port(1)
    tasks = port.by("ada", "a1", "a2", "a3")
    await asyncio.sleep(0)
    tasks[which].cancel()
    with suppress(asyncio.CancelledError):
        await tasks[which]
    port.end.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(port.began) == 3 - which
    assert (port.shares.under_way, port.shares._shares) == (0, {})


async def test_without_a_limit_nobody_waits() -> None:
    port = Port(0)
    tasks = port.by("ada", *map(str, range(300)))
    await asyncio.sleep(0)
    assert len(port.began) == 300
    port.end.set()
    await asyncio.gather(*tasks)
