"""The tools that integrations offer, and those that an owner's credentials unlock."""

from collections.abc import Iterator
from dataclasses import dataclass

from moorings.catalog.catalog import Catalog
from moorings.domain.environment import Environment, Source, source_of
from moorings.domain.integration import Integration
from moorings.domain.tool import Tool
from moorings.services.integrations import Visible


@dataclass(frozen=True, slots=True)
class ConfiguredTool:
    """A tool that can be run, with the entry whose credentials it would use."""

    tool: Tool
    integration_id: str
    environment: Environment
    source: Source


@dataclass(frozen=True, slots=True)
class Tools:
    """Lists tools."""

    catalog: Catalog

    def configured(self, visible: Visible, environment: Environment) -> Iterator[ConfiguredTool]:
        """The tools of every integration whose credentials resolve in the environment, each once."""
        for integration in self.catalog:
            source = self._source(visible, integration, environment)
            if source is not None:
                for tool in integration.tools:
                    yield ConfiguredTool(tool, integration.id, environment, source)

    def _source(self, visible: Visible, integration: Integration, environment: Environment) -> Source | None:
        """The default connection answers first, then the oldest installation that can."""
        places = [integration.id, *(item.id for item in visible.installations(integration.id))]
        found = (source_of({entry.environment for entry in visible.entries(place)}, environment) for place in places)
        return next((source for source in found if source is not None), None)
