"""A request to a provider as a manifest declares it: templates, no code.

A template is text in which `{name}` stands for a parameter, `{fields.name}` for a credential field and `{auth.token}`
for the access token that the credentials are exchanged for. `{name|fields.name}` takes the first that is given.
In a path `{+name}` keeps the slashes of its value (a file's path inside a repository).
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
    NDJSON = "ndjson"
    TEXT = "text"
    BYTES = "bytes"


class Arrays(StrEnum):
    """How a list stands in a query or a form: `a=1&a=2`, `a=1,2` or `a[]=1&a[]=2`."""

    REPEAT = "repeat"
    COMMA = "comma"
    BRACKETS = "brackets"


@dataclass(frozen=True, slots=True)
class RequestForm:
    """One request; `path` is relative to the base address and begins with a slash.

    `base_url` is another address of the integration than its usual one; `in_path` says that the provider leaves no
    choice but a secret in this path.
    """

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    encoding: Encoding = Encoding.JSON
    arrays: Arrays = Arrays.REPEAT
    authenticated: bool = True
    base_url: str | None = None
    in_path: bool = False


class Turning(StrEnum):
    """How the next page is asked for: by a cursor, a page number, how many items to pass over, or a link's query."""

    CURSOR = "cursor"
    NUMBER = "number"
    OFFSET = "offset"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Pages:
    """How a listing goes on, at most `limit` pages at once.

    `items` is a dotted path to the list in an answer (empty: the answer is the list). `next` is a JMESPath to the
    cursor or address of the next page; None with `LINK` means the Link header. `parameter` takes the cursor, the number
    (`first` is that of the first page) or the count of items to pass over.
    """

    turning: Turning
    items: str
    next: str | None = None
    parameter: str | None = None
    limit: int = 10
    first: int = 1


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
class TokenForm:
    """Credentials that are exchanged for a short-lived access token, which every other request carries.

    `token` and `expires_in` (seconds) are JMESPaths into the answer. A refusal with one of the statuses `rejected` and,
    where `words` are given, one of them at `error` means that the credentials are dead. Where the credential field
    `given` holds such a token already, nothing is exchanged.
    """

    request: RequestForm
    token: str
    expires_in: str
    rejected: frozenset[int]
    error: str | None = None
    words: tuple[str, ...] = ()
    basic: tuple[str, str] | None = None
    given: str | None = None


@dataclass(frozen=True, slots=True)
class VerifyForm:
    """The cheapest read-only request that proves a credential, and how to read what comes back.

    Without a request it is the exchange for an access token that proves it, and its answer that is read. Rules are
    asked in their order, then the status lists. `expect` is a JMESPath that must find something in a good answer;
    `account_id` and `account_label` are JMESPaths to what the provider says we are; `error` is a JMESPath to the
    provider's own error word.
    """

    request: RequestForm | None
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
    """How the provider is told to revoke a credential, or where a person does it.

    An answer with a status in `ok` confirms it; where a status proves nothing, only if the JMESPath `confirmed` finds
    something true in it. `gone` finds something true in an answer to credentials that were dead before; without it the
    rules of the proof decide. `ends` names the fields that are worth nothing afterwards; without it, all secrets are.
    """

    supported: bool
    how: str
    url: str | None = None
    request: RequestForm | None = None
    ok: frozenset[int] = frozenset()
    confirmed: str | None = None
    gone: str | None = None
    ends: tuple[str, ...] = ()
