"""A world for each test; nothing a test says may reach the log as a secret."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.http.judge import CANARY, Judge
from tests.http.world import Client, World, first_start, living


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A data directory as the first start leaves it, and the OpenAPI document."""
    folder = tmp_path_factory.mktemp("fresh")
    return folder, asyncio.run(first_start(folder))


@pytest.fixture(scope="session")
def openapi(fresh: tuple[Path, Any]) -> Any:
    """The OpenAPI document."""
    return fresh[1]


@pytest.fixture(scope="session")
def judge(openapi: Any) -> Judge:
    return Judge(openapi)


@pytest.fixture(scope="session")
async def world(anyio_backend: str, fresh: tuple[Path, Any], judge: Judge) -> AsyncIterator[World]:
    """One server for all tests; each test is an owner of its own in it."""
    folder = Path(shutil.copytree(fresh[0], fresh[0].with_name("shared")))
    async with living(folder, judge) as found:
        yield found


@pytest.fixture
async def admin(anyio_backend: str, world: World) -> Client:
    """The administrator of an owner of this test's own."""
    return await world.owner()


@pytest.fixture
def data_dir(fresh: tuple[Path, Any], tmp_path: Path) -> Path:
    """A data directory of the test's own, as the first start leaves it."""
    return Path(shutil.copytree(fresh[0], tmp_path / "data"))


@pytest.fixture
async def alone(anyio_backend: str, data_dir: Path, judge: Judge) -> AsyncIterator[World]:
    """A server of the test's own, for tests that change its database or restart it."""
    async with living(data_dir, judge) as found:
        yield found


@pytest.fixture(autouse=True)
def _no_secret_in_the_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    # The test's own client logs its URLs through httpx2; the product closes these loggers (moorings.logs).
    ours = [record for record in caplog.get_records("call") if not record.name.startswith(("httpx2", "httpcore2"))]
    told = "\n".join(f"{record.getMessage()} {vars(record)}" for record in ours)
    assert CANARY not in told, "a secret stands in the log"
