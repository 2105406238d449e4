"""What every test shares."""

from collections.abc import Iterator

import pytest

from tests import postgresql


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow ones first: whoever works beside fills the time with the others, and none ends long after the rest."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def databases() -> Iterator[postgresql.Server]:
    """A real PostgreSQL, one for all tests of a process."""
    with postgresql.running() as found:
        yield found
