"""A local data directory and a live server, so that each command can be asked the same of both."""

import asyncio
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from moorings import app
from moorings import local as inside
from moorings.domain.caller import Scope
from moorings.providers.registry import FOLDER
from moorings.services.api_keys import KeyWish
from moorings.services.owners import administrator
from moorings.settings import load
from tests.cli.terminal import Terminal
from tests.serving.process import Server, serving

OWN_KEY = "a-key-of-the-operator-with-enough-characters"

OWNERS = 150
"""More than there are tests that want one."""


@pytest.fixture(autouse=True)
def _only_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("MOORINGS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the stand-ins beside it."""
    with serving(tmp_path_factory.mktemp("live"), "--emulators", admin_key=OWN_KEY) as server:
        yield server


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory as a first start leaves it."""
    folder = tmp_path_factory.mktemp("prepared")

    async def start() -> None:
        async with app.running(load(data_dir=folder)):
            pass

    asyncio.run(start())
    return folder


@pytest.fixture
def data(prepared: Path, tmp_path: Path) -> Path:
    """A data directory of the test's own."""
    return Path(shutil.copytree(prepared, tmp_path / "data"))


@pytest.fixture
def local(data: Path, upstreams: str) -> Terminal:
    """Commands on the data directory; providers are the live server's stand-ins."""
    return Terminal("local", {"MOORINGS_DATA_DIR": str(data), "MOORINGS_UPSTREAMS": upstreams})


@pytest.fixture(scope="session")
def upstreams(live: Server) -> str:
    """Every integration's address at the stand-ins."""
    names = sorted(path.parent.name for path in FOLDER.glob("*/manifest.toml"))
    return json.dumps({name: f"{live.stand_ins}/{name}" for name in names})


@pytest.fixture(scope="session")
def admin_keys(live: Server) -> Iterator[str]:
    """Admin keys on the live server, each of an owner of its own; made together, for each process costs a start."""

    async def make() -> list[str]:
        async with inside.operator(live.folder / "data") as operator:
            owners = [await operator.create_owner(f"owner {number}") for number in range(OWNERS)]
            wish = KeyWish("admin", frozenset({Scope.ALL}))
            made = [await operator.hub.api_keys.create(administrator(owner), wish) for owner in owners]
            return [token.reveal() for _, token in made]

    return iter(asyncio.run(make()))


@pytest.fixture
def remote(live: Server, admin_keys: Iterator[str]) -> Terminal:
    """Commands on the live server, with an admin key of a fresh owner."""
    return Terminal("remote", {"MOORINGS_URL": live.address, "MOORINGS_API_KEY": next(admin_keys)})


@pytest.fixture(params=["local", "remote"])
def place(request: pytest.FixtureRequest) -> Terminal:
    """The data directory, and a server by its address."""
    found: Terminal = request.getfixturevalue(request.param)
    return found
