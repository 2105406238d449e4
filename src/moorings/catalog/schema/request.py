"""Requests to the provider, and where they go."""

from typing import Annotated, Any, Literal

from pydantic import Field

from moorings.catalog.schema.part import Part, Url
from moorings.domain.integration import Regions
from moorings.domain.request_form import Arrays, Encoding, RequestForm


class RequestPart(Part):
    """One request to the provider; see `moorings.domain.request_form` for the templates."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: Annotated[str, Field(pattern=r"^/")]
    query: dict[str, Any] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None
    encoding: Encoding = Encoding.JSON
    arrays: Arrays = Arrays.REPEAT
    authenticated: bool = True
    base_url: Annotated[str | None, Field(pattern=r"^https://[^\s]+$")] = None
    in_path: bool = False

    def form(self) -> RequestForm:
        """The same as a value of the domain."""
        return RequestForm(**self.values())


class RegionsPart(Part):
    """Other base addresses, by the value of a credential field."""

    field: str
    base_urls: Annotated[dict[str, Url], Field(min_length=1)]

    def regions(self) -> Regions:
        """The same as a value of the domain."""
        return Regions(self.field, {name: url.rstrip("/") for name, url in self.base_urls.items()})
