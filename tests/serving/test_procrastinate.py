"""Servers that leave their jobs to Procrastinate pass events on as others do, and share the work."""

import asyncio
from pathlib import Path

import pytest

from tests import postgresql
from tests.events.program import program
from tests.events.storm import Storm, arrived, install, out_of_order, until_arrived
from tests.serving.process import serving

pytestmark = pytest.mark.anyio

OWN_KEY = "a-key-of-the-operator-with-enough-characters"
EVENTS = 60


async def test_two_processes_on_procrastinate_pass_every_event_on_once(
    databases: postgresql.Server, tmp_path: Path
) -> None:
    settings = {
        "database_url": databases.migrated(), "admin_key": OWN_KEY, "jobs": "procrastinate",
        "egress_allow": "127.0.0.1", "workers": "2",
    }  # fmt: skip
    async with program() as receiver:
        with serving(tmp_path, "--emulators", **settings) as server:
            installation = await asyncio.to_thread(install, server.address, OWN_KEY, receiver.url)
            storm = Storm(server.address, installation, 30, EVENTS)
            await storm.blow()
            assert len(storm.acknowledged) == EVENTS
            await until_arrived(receiver, storm.acknowledged)
            await asyncio.sleep(1)
            assert "ERROR" not in server.logged
    assert set(arrived(receiver).values()) == {1}
    assert out_of_order(receiver) == []
