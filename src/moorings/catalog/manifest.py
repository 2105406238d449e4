"""The manifest's schema: what a folder under `providers/` declares, checked and turned into an `Integration`."""

import sys
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import tomli
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from moorings.catalog.checks import problems_of
from moorings.domain import integration as domain
from moorings.domain.integration import AuthType
from moorings.domain.request_form import (
    Arrays,
    Encoding,
    Outcome,
    Pages,
    RequestForm,
    Revocation,
    Rule,
    TokenForm,
    Turning,
    VerifyForm,
)
from moorings.domain.tool import MAX_PAGES, Tool
from moorings.errors import Detail, ManifestError

FILE = "manifest.toml"

Sentence = Annotated[str, Field(min_length=3)]
Statuses = frozenset[Annotated[int, Field(ge=100, le=599)]]
Url = Annotated[str, Field(pattern=r"^https://[^\s]+$")]


class Part(BaseModel):
    """A table of the manifest; unknown keys are an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RequestPart(Part):
    """One request to the provider; see `moorings.domain.request_form` for the templates."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: Annotated[str, Field(pattern=r"^/")]
    query: dict[str, Any] = {}
    headers: dict[str, str] = {}
    body: Any = None
    encoding: Encoding = Encoding.JSON
    arrays: Arrays = Arrays.REPEAT
    authenticated: bool = True
    base_url: Annotated[str | None, Field(pattern=r"^https://[^\s]+$")] = None
    in_path: bool = False

    def form(self) -> RequestForm:
        """The same as a value of the domain."""
        return RequestForm(**{name: getattr(self, name) for name in RequestPart.model_fields})


class TokenPart(Part):
    """The exchange of credentials for an access token."""

    request: RequestPart
    token: str
    expires_in: str
    rejected: Statuses
    error: str | None = None
    words: tuple[str, ...] = ()
    basic: tuple[str, str] | None = None
    given: str | None = None

    def form(self) -> TokenForm:
        """The same as a value of the domain."""
        plain = {name: getattr(self, name) for name in TokenPart.model_fields if name != "request"}
        return TokenForm(request=self.request.form(), **plain)


class RegionsPart(Part):
    """Other base addresses, by the value of a credential field."""

    field: str
    base_urls: Annotated[dict[str, Url], Field(min_length=1)]

    def regions(self) -> domain.Regions:
        """The same as a value of the domain."""
        return domain.Regions(self.field, {name: url.rstrip("/") for name, url in self.base_urls.items()})


class AuthPart(Part):
    """Where the secret goes."""

    type: AuthType
    headers: dict[str, str] = {}
    basic: tuple[str, str] | None = None
    in_path: bool = False
    token: TokenPart | None = None

    def auth(self) -> domain.Auth:
        """The same as a value of the domain."""
        token = self.token.form() if self.token else None
        return domain.Auth(self.type, self.headers, self.basic, self.in_path, token)


class FieldPart(Part):
    """One credential field."""

    name: Annotated[str, Field(pattern=r"^[a-z][A-Za-z]{0,39}$")]
    label: Sentence
    description: Sentence
    secret: bool
    required: bool
    order: int = 0
    pattern: str | None = None
    example: str | None = None
    prefix: str | None = None
    help_url: Url | None = None
    unconfirmed: bool = False

    def field(self) -> domain.Field:
        """The same as a value of the domain."""
        return domain.Field(**{name: getattr(self, name) for name in FieldPart.model_fields})


class RulePart(Part):
    """How to read an answer whose status would mislead."""

    outcome: Outcome
    status: Statuses = frozenset()
    at: str | None = None
    equals: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    note: str | None = None

    def rule(self) -> Rule:
        """The same as a value of the domain."""
        return Rule(**{name: getattr(self, name) for name in RulePart.model_fields})


class VerifyPart(Part):
    """The request that proves a credential."""

    request: RequestPart | None = None
    ok: Statuses = frozenset({200})
    rejected: Statuses
    unavailable: Statuses
    expect: str
    rules: tuple[RulePart, ...] = ()
    account_id: str | None = None
    account_label: str | None = None
    error: str | None = None
    source: Sentence

    def form(self) -> VerifyForm:
        """The same as a value of the domain."""
        return VerifyForm(
            self.request.form() if self.request else None, self.ok, self.rejected, self.unavailable, self.expect,
            tuple(part.rule() for part in self.rules), self.account_id, self.account_label, self.error,
        )  # fmt: skip


class RevokePart(Part):
    """How a credential is revoked at the provider."""

    supported: bool
    how: Sentence
    url: Url | None = None
    request: RequestPart | None = None
    ok: Statuses = frozenset()
    confirmed: str | None = None
    gone: str | None = None
    ends: tuple[str, ...] = ()

    def revocation(self) -> Revocation:
        """The same as a value of the domain."""
        plain = {name: getattr(self, name) for name in RevokePart.model_fields if name != "request"}
        return Revocation(request=self.request.form() if self.request else None, **plain)


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
        return Pages(**{name: getattr(self, name) for name in PagesPart.model_fields})


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
        formed = ("request", "source_date", "pages", "parameters")
        plain = {name: getattr(self, name) for name in ToolPart.model_fields if name not in formed}
        return Tool(
            integration_id=integration_id,
            request=self.request.form(),
            source_date=self.source_date.isoformat(),
            pages=self.pages.pages() if self.pages else None,
            parameters=_paged(self.parameters, self.pages.limit) if self.pages else self.parameters,
            **plain,
        )


def _paged(parameters: dict[str, Any], limit: int) -> dict[str, Any]:
    description = "How many pages to fetch and join in one answer."
    own = {"type": "integer", "minimum": 1, "maximum": limit, "default": 1, "description": description}
    return {**parameters, "properties": {**parameters.get("properties", {}), MAX_PAGES: own}}


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
    headers: dict[str, str] = {}
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


def load(folder: Path) -> domain.Integration:
    """Read and check `<folder>/manifest.toml`; raises `ManifestError` with every problem found.

    A file that has not changed since is not read again in this process.
    """
    try:
        known = (folder / FILE).stat()
    except OSError:
        return _checked(folder)
    return _loaded(folder, known.st_mtime_ns, known.st_size, known.st_ino)


@lru_cache(maxsize=1_024)
def _loaded(folder: Path, *_: int) -> domain.Integration:
    return _checked(folder)


def _checked(folder: Path) -> domain.Integration:
    manifest = _parse(folder / FILE)
    integration = manifest.integration()
    problems = list(problems_of(integration, folder.name))
    if problems:
        raise ManifestError(f"The manifest of {folder.name} contradicts itself: {problems[0].message}", problems)
    return integration


def _parse(path: Path) -> Manifest:
    try:
        return Manifest.model_validate(_interned(tomli.loads(path.read_text(encoding="utf-8"))))
    except ValidationError as error:
        details = [Detail(".".join(str(part) for part in item["loc"]), item["msg"]) for item in error.errors()]
        raise ManifestError(
            f"{_where(path)} does not follow the manifest's schema: {_first(details)}", details
        ) from error
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"{_where(path)} is not readable TOML: {error}") from error


def _interned(value: Any) -> Any:
    """The same with each text kept once: all manifests together say most of theirs a hundred times."""
    if isinstance(value, str):
        return sys.intern(value)
    if isinstance(value, dict):
        return {sys.intern(name): _interned(inner) for name, inner in value.items()}
    return [_interned(inner) for inner in value] if isinstance(value, list) else value


def _where(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _first(details: list[Detail]) -> str:
    return f"{details[0].field}: {details[0].message}"
