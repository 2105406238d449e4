"""One integration, as a manifest declares it."""

from typing import Annotated, Literal

from pydantic import Field

from moorings.catalog.schema.auth import AuthPart
from moorings.catalog.schema.field import FieldPart
from moorings.catalog.schema.part import Part, Sentence, Url
from moorings.catalog.schema.proof import VerifyPart
from moorings.catalog.schema.request import RegionsPart
from moorings.catalog.schema.revocation import RevokePart
from moorings.catalog.schema.tool import ToolPart
from moorings.domain import integration as domain


class Manifest(Part):
    """One integration."""

    schema_version: Literal[1] = Field(alias="schema")
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
    name: Sentence
    description: Sentence
    category: Literal[domain.CATEGORIES]  # type: ignore[valid-type]  # the tuple is the one list of categories
    documentation_url: Url
    logo_url: Url | None = None
    base_url: Annotated[str, Field(pattern=r"^(https://[^\s]+|\{fields\.[A-Za-z]+\})$")]
    hosts: Annotated[frozenset[str], Field(min_length=1)]
    headers: dict[str, str] = Field(default_factory=dict)
    installed_by: str | None = None
    webhook: bool = False
    source: Sentence
    unconfirmed: tuple[str, ...] = ()
    limits: str | None = None
    failed: str | None = None
    regions: RegionsPart | None = None
    auth: AuthPart
    fields: Annotated[tuple[FieldPart, ...], Field(min_length=1)]
    verify: VerifyPart | None = None
    revoke: RevokePart
    tools: tuple[ToolPart, ...] = ()

    def integration(self) -> domain.Integration:
        """The same as a value of the domain."""
        fields = sorted((part.field() for part in self.fields), key=lambda field: field.order)
        return domain.Integration(
            id=self.id, name=self.name, description=self.description, category=self.category,
            documentation_url=self.documentation_url, logo_url=self.logo_url, base_url=self.base_url.rstrip("/"),
            hosts=self.hosts, headers=self.headers, auth=self.auth.auth(), fields=tuple(fields),
            verify=self.verify.form() if self.verify else None, revoke=self.revoke.revocation(), limits=self.limits,
            tools=tuple(part.tool(self.id) for part in self.tools), installed_by=self.installed_by,
            webhook=self.webhook, source=self.source,
            unconfirmed=self.unconfirmed,
            regions=self.regions.regions() if self.regions else None, failed=self.failed,
        )  # fmt: skip
