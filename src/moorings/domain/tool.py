"""A tool: one thing an integration offers to agents."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorings.domain.request_form import RequestForm

JsonSchema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """What a tool does, what it takes, and the request it becomes.

    `parameters` and `output` are JSON Schema 2020-12; `result` is a JMESPath into the provider's answer,
    None for the whole of it; `source` names the page the facts were taken from.
    """

    id: str
    integration_id: str
    title: str
    description: str
    read_only: bool
    destructive: bool
    parameters: JsonSchema
    output: JsonSchema | None
    request: RequestForm
    result: str | None
    source: str
    source_date: str
    unconfirmed: bool = False

    @property
    def name(self) -> str:
        """The full name, unique in the whole catalogue."""
        return f"{self.integration_id}_{self.id}"
