"""A call to the API as a value: what is sent, and what its answer is read as."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from pydantic import SecretStr

from moorings.client.answer import Answer
from moorings.client.errors import NotSent

A = TypeVar("A", bound=Answer)

_NO_SEGMENTS = ("", ".", "..")


@dataclass(frozen=True, slots=True)
class Call(Generic[A]):
    """One call; `seconds` is how long its answer may take where that is longer than usual.

    A body may hold secrets in the type that does not print, and does not print itself.
    """

    method: str
    path: str
    answer: type[A]
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    idempotency_key: str | None = None
    seconds: float | None = None

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice does no more than sending it once."""
        return self.method == "GET" or self.idempotency_key is not None


def path(*segments: str) -> str:
    """An absolute path below `/v1`; raises `NotSent` for a segment that would change the way."""
    if any(segment in _NO_SEGMENTS for segment in segments):
        raise NotSent("An id is wanted, and this is none.", "INVALID_ID")
    return "/v1/" + "/".join(quote(segment, safe="") for segment in segments)


def given(**values: Any) -> dict[str, Any]:
    """The values that are not None, by their names on the wire."""
    return {name: value for name, value in values.items() if value is not None}


def hidden(value: str | SecretStr | None) -> SecretStr | None:
    """A value in the type that does not print."""
    return SecretStr(value) if isinstance(value, str) else value
