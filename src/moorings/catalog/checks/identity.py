"""An id is its folder's name and no word of the API's paths."""

from collections.abc import Iterator

from moorings.catalog.names import RESERVED
from moorings.domain.integration import Integration
from moorings.errors import Detail


def identity(integration: Integration, folder: str) -> Iterator[Detail]:
    """What is wrong with the id."""
    if integration.id != folder:
        yield Detail("id", f"the id is {integration.id} but the folder is called {folder}")
    if integration.id in RESERVED:
        yield Detail("id", f"{integration.id} is a word of the API's paths")
