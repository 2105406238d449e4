"""An integration: one entry of the catalogue."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from moorings.domain.request_form import Revocation, TokenForm, VerifyForm
from moorings.domain.secret import SecretFields
from moorings.domain.tool import Tool
from moorings.errors import Detail, InvalidCredentials, ToolNotFound

CATEGORIES = (
    "search", "scraping", "messaging", "vector-store", "developer", "productivity", "crm", "commerce", "payments",
    "email", "storage", "speech", "images", "models", "monitoring", "data",
)  # fmt: skip

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
"""Characters that no credential field and no header carries."""

_BREAKS = {ord(character): None for character in "\n\r\t"}

# A name with digits may be a secret put in the wrong place: only what surely is a name is said again.
_NAME = re.compile(r"[A-Za-z][A-Za-z_-]{0,39}")

FIELD_LIMIT = 16_384
"""The longest value a credential field takes, in characters; a PEM key or a service account file fits."""


class AuthType(StrEnum):
    """How the provider wants to be shown a credential, as the API names it."""

    API_KEY = "api_key"
    BEARER = "bearer"
    BASIC = "basic"
    BOT_TOKEN = "bot_token"  # noqa: S105 - the name of a kind
    OAUTH2 = "oauth2"
    ACCOUNT_TOKEN = "account_token"  # noqa: S105 - the name of a kind
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Field:
    """One credential field as a person fills it in."""

    name: str
    label: str
    description: str
    secret: bool
    required: bool
    order: int
    pattern: str | None = None
    example: str | None = None
    prefix: str | None = None
    help_url: str | None = None
    unconfirmed: bool = False

    def problem(self, value: str) -> str | None:
        """What is wrong with a value, in words that do not repeat it; None if nothing."""
        if not value.strip():
            return f"{self.label} is empty."
        if len(value) > FIELD_LIMIT:
            return f"{self.label} is longer than {FIELD_LIMIT} characters."
        if value != value.strip():
            return f"{self.label} begins or ends with white space; was more copied than the value?"
        if self._stray(value):
            return f"{self.label} holds a line break or another control character."
        if self.pattern and not re.search(self.pattern, value):
            return f"{self.label} does not have the expected form{self._hint}."
        return None

    def _stray(self, value: str) -> bool:
        """Whether control characters stand in it; a key file's line breaks do where the example shows some."""
        several_lines = "\n" in (self.example or "")
        return CONTROL.search(value.translate(_BREAKS) if several_lines else value) is not None

    @property
    def _hint(self) -> str:
        return f", such as {self.example}" if self.example else ""


@dataclass(frozen=True, slots=True)
class Auth:
    """Where the secret goes: header templates, or the two parts of HTTP Basic; `token` is what it is exchanged for."""

    type: AuthType
    headers: Mapping[str, str]
    basic: tuple[str, str] | None = None
    in_path: bool = False
    token: TokenForm | None = None


@dataclass(frozen=True, slots=True)
class Regions:
    """Base addresses by the value of a credential field, such as the region an account lies in."""

    field: str
    base_urls: Mapping[str, str]


@dataclass(frozen=True)
class Integration:
    """What can be connected, with everything needed to talk to it; built from one manifest.

    `installed_by` names the API call that connects it where saving credentials does not; `webhook` says whether the
    provider sends events to an address of ours. `regions` replace the base address for some values of a field. `failed`
    is a JMESPath that finds something in an answer that is an error although its status says success.
    """

    id: str
    name: str
    description: str
    category: str
    documentation_url: str
    logo_url: str | None
    base_url: str
    hosts: frozenset[str]
    headers: Mapping[str, str]
    auth: Auth
    fields: tuple[Field, ...]
    verify: VerifyForm | None
    revoke: Revocation
    limits: str | None
    tools: tuple[Tool, ...]
    installed_by: str | None = None
    webhook: bool = False
    source: str = ""
    unconfirmed: tuple[str, ...] = ()
    regions: Regions | None = None
    failed: str | None = None

    def tool(self, tool_id: str) -> Tool:
        """By its short or full name; raises `ToolNotFound`."""
        try:
            return self._tools[tool_id]
        except KeyError:
            raise ToolNotFound(
                f"{self.name} has no tool of this name; GET /v1/integrations/{self.id}/tools lists them."
            ) from None

    def check(self, values: SecretFields, below: str = "credentials.") -> None:
        """Raise `InvalidCredentials` with every missing, unknown and malformed field; `below` is where they stand."""
        problems = [
            Detail(f"{below}{place}" if place else below.rstrip("."), text) for place, text in self._problems(values)
        ]
        if problems:
            raise InvalidCredentials(f"These are not complete credentials for {self.name}.", problems)

    def _problems(self, values: SecretFields) -> Iterator[tuple[str, str]]:
        """Each field with what is wrong; no name where it may be a secret put in the wrong place."""
        known = {field.name: field for field in self.fields}
        for name in values:
            if name not in known:
                place = name if _NAME.fullmatch(name) else ""
                yield place, f"This field is unknown; {self.name} takes {', '.join(known)}."
        for field in self.fields:
            if field.name not in values:
                if field.required:
                    yield field.name, f"{field.label} is missing."
            elif problem := field.problem(values[field.name].reveal()):
                yield field.name, problem

    @cached_property
    def _tools(self) -> dict[str, Tool]:
        return {name: tool for tool in self.tools for name in (tool.id, tool.name)}
