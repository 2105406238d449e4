"""One harbour for the tests that do not change its course, and one of its own for those that do."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.events.harbour import Harbour, harbour
from tests.http.conftest import _no_secret_in_the_log, data_dir, fresh, judge, openapi
from tests.http.judge import Judge
from tests.http.world import Client

__all__ = ["_no_secret_in_the_log", "data_dir", "fresh", "judge", "openapi"]


@pytest.fixture(scope="session")
async def shared(anyio_backend: str, fresh: tuple[Path, Any], judge: Judge) -> AsyncIterator[Harbour]:
    """A harbour for all tests; each test is an owner of its own in it."""
    folder = Path(shutil.copytree(fresh[0], fresh[0].with_name("events")))
    async with harbour(folder, judge) as found:
        yield found


@pytest.fixture
async def owner(anyio_backend: str, shared: Harbour) -> Client:
    """The administrator of an owner of this test's own."""
    shared.program.deliveries.clear()
    shared.program.answers.clear()
    return await shared.world.owner()
