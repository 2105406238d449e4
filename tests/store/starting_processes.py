"""A program of its own for tests: several processes start at once on one empty place.

    python starting_processes.py store|server <data directory> [<PostgreSQL address>]

Prints as JSON how each of them fared. A server among them also saves one credential; at the end all of these are
opened by a process that starts afterwards, as after a restart. It forks, and so must not run within the tests' own
process, which has threads.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from moorings import app, settings
from moorings.domain.credential import CredentialRef
from moorings.domain.secret import Secret
from moorings.services.owners import administrator
from moorings.store import credentials as rows
from moorings.store.opening import open_database

TOGETHER = 4
ENVIRONMENTS = tuple(f"e{number}" for number in range(TOGETHER))
VALUE = "fc-0123456789abcdef"


def start_store(folder: Path, url: str | None, _number: int) -> str:
    """Open the database and read from it."""
    database = open_database(url, folder)
    asyncio.run(database.read(rows.states, "nobody", frozenset[str]()))
    database.close()
    return "good"


def start_server(folder: Path, url: str | None, number: int) -> str:
    """Start a whole server and save a credential."""

    async def start() -> None:
        async with app.running(_settings(folder, url)) as running:
            owner, _ = await running.hub.owners.first()
            fields = {"apiKey": Secret(VALUE)}
            await running.hub.credentials.save(
                administrator(owner), "firecrawl", ENVIRONMENTS[number], fields, verify=False
            )

    asyncio.run(start())
    return "good"


async def opened_afterwards(folder: Path, url: str | None) -> int:
    """How many of the saved credentials a later start can open."""
    count = 0
    async with app.running(_settings(folder, url)) as running:
        saving = running.hub.credentials
        owner, _ = await running.hub.owners.first()
        for environment in ENVIRONMENTS:
            ref = CredentialRef(owner.id, "firecrawl", environment)
            stored = await saving.database.read(rows.secret, ref)
            if stored is not None:
                key = await saving.sealing.owner_keys.by_id(owner.id, stored.sealed.owner_key_id)
                opened = saving.sealing.vault.open(key, stored, ref.integration_id)
                count += opened["apiKey"].reveal() == VALUE
    return count


def _settings(folder: Path, url: str | None) -> settings.Settings:
    return settings.load(data_dir=folder, database_url=url, environments=",".join(ENVIRONMENTS))


def together(what: str, folder: Path, url: str | None) -> list[str]:
    """What each of the processes says of its start."""
    start = start_store if what == "store" else start_server
    begin, go = os.pipe()
    told, tell = os.pipe()
    for number in range(TOGETHER):
        if os.fork() == 0:
            os.close(go)
            os.read(begin, 1)  # returns in all of them at once, when the last one with the other end lets go of it
            os.write(tell, _fared(start, folder, url, number))
            os._exit(0)
    os.close(go)
    for _ in range(TOGETHER):
        os.wait()
    os.close(tell)
    return os.read(told, 65_536).decode().splitlines()


def _fared(start: object, folder: Path, url: str | None, number: int) -> bytes:
    try:
        said: str = start(folder, url, number)  # type: ignore[operator]
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is what the test wants to know
        said = f"{type(error).__name__}: {error}".splitlines()[0]
    return said.encode() + b"\n"


def main(what: str, folder: Path, url: str | None) -> None:
    """Start together, then look."""
    if what == "server":
        # Migrating makes the processes wait for each other; without it they meet at what comes after.
        open_database(url, folder).close()
    said = together(what, folder, url)
    found: dict[str, object] = {"started": said}
    if what == "server":
        try:
            found["opened"] = asyncio.run(opened_afterwards(folder, url))
        except Exception as error:  # noqa: BLE001
            found["opened"] = f"{type(error).__name__}: {error}"
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None)
