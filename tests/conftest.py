"""What every test shares."""

from collections.abc import Iterator

import pytest

from tests import postgresql


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def databases() -> Iterator[postgresql.Server]:
    """A real PostgreSQL, one for all tests of a process."""
    with postgresql.running() as found:
        yield found
