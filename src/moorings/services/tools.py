"""The tools that integrations offer, and those that an owner's credentials unlock."""

from collections.abc import Iterator
from dataclasses import dataclass

from moorings.catalog.catalog import Catalog
from moorings.domain.environment import Environment, Source
from moorings.domain.tool import Tool
from moorings.services.integrations import Visible
from moorings.services.resolution import resolve


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
            resolved = resolve(visible, integration, environment)
            if resolved is not None:
                for tool in integration.tools:
                    yield ConfiguredTool(tool, integration.id, environment, resolved.source)
