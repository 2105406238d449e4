"""What can be connected; read once at start, never changed after."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from moorings.catalog.manifest import FILE, load
from moorings.domain.integration import CATEGORIES, Integration
from moorings.errors import CategoryNotFound, IntegrationNotFound, ManifestError


class Catalog:
    """All integrations, sorted by name."""

    def __init__(self, integrations: Iterable[Integration]) -> None:
        ordered = sorted(integrations, key=lambda integration: integration.name.casefold())
        self._by_id: Mapping[str, Integration] = {integration.id: integration for integration in ordered}

    def __iter__(self) -> Iterator[Integration]:
        return iter(self._by_id.values())

    def __contains__(self, integration_id: object) -> bool:
        return integration_id in self._by_id

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, integration_id: str) -> Integration:
        """By its id; raises `IntegrationNotFound`."""
        try:
            return self._by_id[integration_id]
        except KeyError:
            raise IntegrationNotFound("There is no integration of this id; GET /v1/integrations lists them.") from None

    def by_category(self, category: str) -> list[Integration]:
        """The entries of one category; raises `CategoryNotFound`, listing the known ones."""
        if category not in CATEGORIES:
            raise CategoryNotFound(f"There is no such category; the known ones are {', '.join(CATEGORIES)}.")
        return [integration for integration in self if integration.category == category]


def load_catalog(folders: Iterable[Path]) -> Catalog:
    """Every folder with a manifest below the given ones; raises `ManifestError` for the first bad or doubled one."""
    found: dict[str, Integration] = {}
    for parent in folders:
        for manifest in sorted(parent.glob(f"*/{FILE}")):
            integration = load(manifest.parent)
            if integration.id in found:
                raise ManifestError(f"Two manifests bear the id {integration.id}; an operator's may not replace ours.")
            found[integration.id] = integration
    return Catalog(found.values())
