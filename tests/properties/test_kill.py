"""kill -9 at any moment of a thousand concurrent saves loses no save that was answered with success."""

import asyncio
import itertools
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from moorings import app, settings
from moorings.domain.credential import CredentialRef
from moorings.store import credentials as rows
from tests.http.world import CATALOGUE, DATABASE
from tests.properties.live import Live, serving

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

ADMIN = "k" * 40
CONNECTIONS = 16
INSTALLATIONS = 250
PLACES = (None, "development", "staging", "production")
SAVES = INSTALLATIONS * len(PLACES)
MOMENTS = (20, 340, 660, 980)
"""Once early, once in the middle, once late: after so many answers, at random between two neighbours."""
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Slot = tuple[str, str | None]
Allowed = dict[Slot, set[str | None]]


def tail(number: int) -> str:
    """Four characters, another for every number."""
    return "".join(DIGITS[number // 36**place % 36] for place in (3, 2, 1, 0))


class Storm:
    """Saves into every slot over sixteen connections, and kills the server after so many answers."""

    def __init__(self, live: Live, numbers: Iterator[int], kill_after: int, chance: random.Random) -> None:
        self._live, self._numbers, self._kill_after, self._chance = live, numbers, kill_after, chance
        self.answered = 0
        self.killed = False

    async def blow(self, slots: list[Slot], allowed: Allowed) -> None:
        queue = iter(self._chance.sample(slots, len(slots)))
        limits = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        async with client(self._live, limits) as caller:
            await asyncio.gather(*(self._worker(caller, queue, allowed) for _ in range(CONNECTIONS)))

    async def _worker(self, caller: httpx2.AsyncClient, queue: Iterator[Slot], allowed: Allowed) -> None:
        for slot in queue:
            key = f"hb_kill-me-if-you-can-{tail(next(self._numbers))}"
            allowed[slot] = allowed[slot] | {key}  # until it is answered, the old one or the new one may stand there
            try:
                answer = await save(caller, slot, key)
            except httpx2.TransportError:
                assert self.killed, "the server broke a connection by itself"
                return
            assert answer.status_code == 200, answer.text
            allowed[slot] = {key}
            self.answered += 1
            if self.answered == self._kill_after:
                await asyncio.sleep(self._chance.uniform(0, 0.004))
                self.killed = True
                self._live.kill()


def client(live: Live, limits: httpx2.Limits | None = None) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        base_url=live.url,
        headers={"Authorization": f"Bearer {ADMIN}"},
        limits=limits or httpx2.Limits(),
        timeout=20,
        trust_env=False,
    )


async def save(caller: httpx2.AsyncClient, slot: Slot, key: str) -> httpx2.Response:
    body = {"credentials": {"apiKey": key}, "environment": slot[1], "verify": False}
    return await caller.post(f"/v1/integrations/{slot[0]}/credentials", json=body)


async def reserve(live: Live) -> list[str]:
    async with client(live) as caller:
        answers = await asyncio.gather(
            *(caller.post("/v1/integrations", json={"type": "harbour"}) for _ in range(INSTALLATIONS))
        )
    return [answer.json()["id"] for answer in answers]


async def opened(data: Path, slots: list[Slot]) -> dict[Slot, str | None]:
    """What really stands in the database, opened with the keys beside it."""
    chosen = settings.load(data_dir=data, admin_key=ADMIN, catalogue_dir=CATALOGUE)
    found: dict[Slot, str | None] = {}
    async with app.running(chosen) as running:
        credentials, owner = running.hub.credentials, (await running.hub.owners.find(None)).id
        for slot in slots:
            stored = await credentials.database.read(rows.secret, CredentialRef(owner, *slot))
            found[slot] = None
            if stored is not None:
                key = await credentials.sealing.owner_keys.by_id(owner, stored.sealed.owner_key_id)
                opened = credentials.sealing.vault.open(key, stored, stored.integration)
                found[slot] = opened["apiKey"].reveal()
    return found


def faults(data: Path) -> list[object]:
    """What SQLite finds broken, and credentials whose saving is not in the audit."""
    with closing(sqlite3.connect(data / DATABASE)) as connection:
        broken = [row for row in connection.execute("PRAGMA integrity_check") if row != ("ok",)]
        audited = "SELECT revision FROM audit WHERE revision IS NOT NULL"
        unaudited = f"SELECT integration_id FROM credentials WHERE revision NOT IN ({audited})"  # noqa: S608  # our own words
        return broken + connection.execute(unaudited).fetchall()


async def test_no_answered_save_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    chance, numbers = random.Random(), iter(range(36**4))  # noqa: S311  # chance guards nothing
    allowed: Allowed = {}
    for early, late in itertools.pairwise(MOMENTS):
        with serving(tmp_path, admin_key=ADMIN) as live:
            if not allowed:
                allowed = {(name, place): {None} for name in await reserve(live) for place in PLACES}
            storm = Storm(live, numbers, chance.randint(early, late), chance)
            await storm.blow(list(allowed), allowed)
            assert storm.killed
        found = await opened(tmp_path / "data", list(allowed))
        lost = {slot: (found[slot], values) for slot, values in allowed.items() if found[slot] not in values}
        assert lost == {}, f"of {storm.answered} answered saves {len(lost)} were lost"
        assert faults(tmp_path / "data") == []
        allowed = {slot: {value} for slot, value in found.items()}
    await shown(tmp_path, allowed)


async def shown(folder: Path, allowed: Allowed) -> None:
    """After the last kill the server starts again, and its status call tells the same."""
    with serving(folder, admin_key=ADMIN) as live:
        async with client(live) as caller:
            entries = {}
            for place in PLACES:
                asked = {"environment": place} if place else {}
                answer = await caller.get("/v1/integrations/credentials/status", params=asked)
                entries[place] = {entry["integrationId"]: entry for entry in answer.json()["data"]}
    for (name, place), [value] in ((slot, list(values)) for slot, values in allowed.items()):
        held = entries[place][name]["environments"]
        assert (place in held) is (value is not None)
        if value is not None:
            assert entries[place][name]["fields"]["apiKey"]["preview"] == f"hb_…{value[-4:]}"
