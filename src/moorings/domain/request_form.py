"""A request to a provider as a manifest declares it: templates, no code.

A template is text in which `{name}` stands for a parameter and `{fields.name}` for a credential field;
in a path `{+name}` keeps the slashes of its value (a file's path inside a repository).
In a body only a string that is wholly one template is replaced (and by the value with its type), so that
GraphQL documents and JSON examples with braces pass unharmed. A part whose value is absent disappears.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Encoding(StrEnum):
    """How a body is written."""

    JSON = "json"
    FORM = "form"
    MULTIPART = "multipart"


class Arrays(StrEnum):
    """How a list stands in a query or a form: `a=1&a=2`, `a=1,2` or `a[]=1&a[]=2`."""

    REPEAT = "repeat"
    COMMA = "comma"
    BRACKETS = "brackets"


@dataclass(frozen=True, slots=True)
class RequestForm:
    """One request; `path` is relative to the integration's base address and begins with a slash."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    encoding: Encoding = Encoding.JSON
    arrays: Arrays = Arrays.REPEAT
    authenticated: bool = True


class Outcome(StrEnum):
    """What an answer says about a credential."""

    WORKS = "works"
    REJECTED = "rejected"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Rule:
    """Reads an answer where its status alone would mislead.

    Applies when the status is one of `status` (any, if empty) and the value at the JMESPath `at` equals one of
    `equals` or contains one of `contains`, letter case aside. With neither, the status alone decides.
    """

    outcome: Outcome
    status: frozenset[int] = frozenset()
    at: str | None = None
    equals: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class VerifyForm:
    """The cheapest read-only request that proves a credential, and how to read what comes back.

    Rules are asked in their order, then the status lists. `expect` is a JMESPath that must find something in a
    good answer; `account_id` and `account_label` are JMESPaths to what the provider says we are;
    `error` is a JMESPath to the provider's own error word.
    """

    request: RequestForm
    ok: frozenset[int]
    rejected: frozenset[int]
    unavailable: frozenset[int]
    expect: str
    rules: tuple[Rule, ...] = ()
    account_id: str | None = None
    account_label: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Revocation:
    """How the provider is told to revoke a credential, or where a person does it."""

    supported: bool
    how: str
    url: str | None = None
    request: RequestForm | None = None
    ok: frozenset[int] = frozenset()
