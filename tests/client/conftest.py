"""Both clients, against a hub on loopback."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from moorings.client import Moorings
from tests.client.awaited import awaited, waiting
from tests.client.served import hub
from tests.http.world import ADMIN_KEY

Opens = Callable[..., AbstractContextManager[Moorings]]


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a hub that all tests share."""
    with hub(tmp_path_factory.mktemp("client")) as address:
        yield address


@pytest.fixture(params=[waiting, awaited], ids=["Moorings", "AsyncMoorings"])
def opens(request: pytest.FixtureRequest) -> Opens:
    """Opens one of the two clients."""
    found: Opens = request.param
    return found


@pytest.fixture
def client(opens: Opens, url: str) -> Iterator[Moorings]:
    """The administrator's client."""
    with opens(url, ADMIN_KEY) as found:
        yield found
