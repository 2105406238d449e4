"""A house on each database, made anew for each test from one that a first start has prepared."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from moorings.store.opening import open_database
from moorings.vault.keyring import KeyFile
from tests.services.house import House, Process


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a migrated database and a root key, and nobody in it."""
    folder = tmp_path_factory.mktemp("prepared")
    open_database(None, folder).close()
    KeyFile(folder / "root.keys").add()
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, prepared: Path, tmp_path: Path) -> Iterator[House]:
    """On both databases."""
    url = request.getfixturevalue("databases").emptied() if request.param == "postgresql" else None
    yield from _open(url, prepared, tmp_path)


@pytest.fixture
def sqlite_house(prepared: Path, tmp_path: Path) -> Iterator[House]:
    """Where the database makes no difference, or only this one can."""
    yield from _open(None, prepared, tmp_path)


def _open(url: str | None, prepared: Path, folder: Path) -> Iterator[House]:
    made = House(url, Path(shutil.copytree(prepared, folder / "data")))
    yield made
    made.close()


@pytest.fixture
def process(sqlite_house: House) -> Process:
    """One process in a house on SQLite."""
    return sqlite_house.process()
