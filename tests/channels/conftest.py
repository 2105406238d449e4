"""A server with Slack and Telegram behind it, as the other side of these tests."""
# ruff: noqa: F811 - a fixture that is imported is named once more by each that wants it

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from moorings.emulators.server import EmulatorServer
from moorings.emulators.telegram import Telegram
from moorings.emulators.telegram.world import MANAGER_TOKEN
from tests.channels.bots import BotFather
from tests.channels.listening import listening
from tests.channels.workspaces import Workspaces
from tests.contract.loopback import serving
from tests.http.conftest import _no_secret_in_the_log, fresh, judge, openapi  # noqa: F401 - the same fixtures
from tests.http.judge import Judge
from tests.http.world import Client, World, living

PUBLIC = "https://moorings.example.com"
PATIENT = {"provider_timeout": 5.0}


@pytest.fixture(scope="session")
async def slack(anyio_backend: str) -> AsyncIterator[tuple[Workspaces, str]]:
    """Slack and its address."""
    workspaces = Workspaces()
    async with listening(workspaces.say) as url:
        yield workspaces, url


@pytest.fixture
def workspaces(slack: tuple[Workspaces, str]) -> Workspaces:
    slack[0].heard.clear()
    slack[0].revoked.clear()
    return slack[0]


@pytest.fixture(scope="session")
def botfather() -> Iterator[BotFather]:
    """Telegram."""
    telegram = Telegram()
    with serving(EmulatorServer({"telegram": telegram})) as url:
        yield BotFather(telegram, f"{url}/telegram")


@pytest.fixture(scope="session")
async def world(
    anyio_backend: str, fresh: tuple[Path, Any], judge: Judge, slack: tuple[Workspaces, str], botfather: BotFather
) -> AsyncIterator[World]:
    """One server for all tests, with a public address; each test is an owner of its own in it."""
    folder = Path(shutil.copytree(fresh[0], fresh[0].with_name("channels")))
    upstreams = {"slack": slack[1], "telegram": botfather.url}
    given = {**PATIENT, "upstreams": upstreams, "public_url": PUBLIC, "telegram_manager_token": MANAGER_TOKEN}
    async with living(folder, judge, **given) as found:
        yield found


@pytest.fixture(scope="session")
async def hidden(
    anyio_backend: str, fresh: tuple[Path, Any], judge: Judge, botfather: BotFather
) -> AsyncIterator[World]:
    """A server that the outside world cannot reach."""
    folder = Path(shutil.copytree(fresh[0], fresh[0].with_name("hidden")))
    async with living(folder, judge, **PATIENT, upstreams={"telegram": botfather.url}) as found:
        yield found


@pytest.fixture
async def admin(anyio_backend: str, world: World) -> Client:
    """The administrator of an owner of this test's own."""
    return await world.owner()
