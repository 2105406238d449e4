"""Processes that start for the first time together agree on one root key."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from moorings.app import now
from moorings.services.root_keys import RootKeys
from moorings.store import keys as rows
from moorings.store.database import Database
from moorings.store.opening import open_database
from moorings.vault.keyring import KeyFile, Keyring, KeySource, KeyText
from moorings.vault.vault import Vault
from tests.vault.made import base64_key

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    opened = open_database(None, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    """Where the root keys shall be."""
    return KeyFile(tmp_path / "root.keys")


def process(database: Database, source: KeySource) -> RootKeys:
    """What a process has loaded by now."""
    return RootKeys(Vault(Keyring(source)), database, now)


async def test_a_process_that_looked_before_the_first_key_was_made_takes_that_key(
    anyio_backend: str, database: Database, file: KeyFile
) -> None:
    one, other = process(database, file), process(database, file)
    await one.prepare()
    await other.prepare()
    assert other.vault.keyring.ids == ["k1"]
    assert set(file.load()) == {"k1"}


async def test_processes_that_start_together_agree_on_one_key(
    anyio_backend: str, database: Database, file: KeyFile
) -> None:
    starting = [process(database, file) for _ in range(4)]
    await asyncio.gather(*(each.prepare() for each in starting))
    stored = {value.root_key_id: value.value for value in await database.read(rows.roots)}
    for each in starting:
        current = each.vault.keyring.current
        assert stored[current.id] == current.check_value
        assert file.load()[current.id].check_value == current.check_value


async def test_of_two_first_starts_with_different_keys_one_is_refused(anyio_backend: str, database: Database) -> None:
    """Two servers on one database whose settings hold different keys: whoever comes second must not seal anything."""
    one, other = (process(database, KeyText(f"k1:{base64_key(first)}")) for first in (1, 2))
    told = await asyncio.gather(one.prepare(), other.prepare(), return_exceptions=True)
    assert sorted(type(each).__name__ for each in told) == ["WrongRootKey", "bool"]
