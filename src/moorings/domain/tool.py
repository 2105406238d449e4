"""A tool: one thing an integration offers to agents."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorings.domain.request_form import Pages, RequestForm

JsonSchema = Mapping[str, Any]

MAX_PAGES = "maxPages"
"""The parameter that every listing tool takes beside its own: how many pages to fetch at once."""


@dataclass(frozen=True, slots=True)
class Tool:
    """What a tool does, what it takes, and the request it becomes.

    `parameters` and `output` are JSON Schema 2020-12; `result` is a JMESPath into the provider's answer,
    None for the whole of it; `source` names the page the facts were taken from. `timeout` is in seconds, None for the
    usual time. `own_calls` says that calls of the provider's adapter go before the request, and bring what its
    templates name beside the parameters.
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
    timeout: float | None = None
    pages: Pages | None = None
    own_calls: bool = False

    @property
    def name(self) -> str:
        """The full name, unique in the whole catalogue."""
        return f"{self.integration_id}_{self.id}"
