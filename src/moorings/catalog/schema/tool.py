"""Tools, and how a listing goes on."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from moorings.catalog.schema.part import Part, Sentence
from moorings.catalog.schema.request import RequestPart
from moorings.domain.request_form import Pages, Turning
from moorings.domain.tool import MAX_PAGES, Tool


class PagesPart(Part):
    """How a listing goes on."""

    turning: Turning
    items: Annotated[str, Field(pattern=r"^([A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*)?$")]
    next: str | None = None
    parameter: str | None = None
    limit: Annotated[int, Field(ge=2, le=50)] = 10
    first: Annotated[int, Field(ge=0, le=1)] = 1

    def pages(self) -> Pages:
        """The same as a value of the domain."""
        return Pages(**self.values())


class ToolPart(Part):
    """One tool."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
    title: Sentence
    description: Annotated[str, Field(min_length=40)]
    read_only: bool
    destructive: bool
    parameters: dict[str, Any]
    output: dict[str, Any] | None = None
    request: RequestPart
    result: str | None = None
    source: Sentence
    source_date: date
    unconfirmed: bool = False
    timeout: Annotated[float | None, Field(gt=0, le=300)] = None
    pages: PagesPart | None = None
    own_calls: bool = False

    def tool(self, integration_id: str) -> Tool:
        """The same as a value of the domain; a listing takes one more parameter, how many pages to fetch."""
        return Tool(
            integration_id=integration_id,
            request=self.request.form(),
            source_date=self.source_date.isoformat(),
            pages=self.pages.pages() if self.pages else None,
            parameters=_paged(self.parameters, self.pages.limit) if self.pages else self.parameters,
            **self.values(but=("request", "source_date", "pages", "parameters")),
        )


def _paged(parameters: dict[str, Any], limit: int) -> dict[str, Any]:
    description = "How many pages to fetch and join in one answer."
    own = {"type": "integer", "minimum": 1, "maximum": limit, "default": 1, "description": description}
    return {**parameters, "properties": {**parameters.get("properties", {}), MAX_PAGES: own}}
