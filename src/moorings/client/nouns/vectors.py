"""What configurations of all vector stores have in common."""

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from moorings.client.answer import Answer, Time
from moorings.client.call import hidden


class Unset:
    """Stands for what is not given, where None has a meaning of its own."""


UNSET = Unset()


class Configuration(Answer):
    """One configuration; `status` is `unverified`, `connected`, `failing` or `unreadable`, `reason` why it fails."""

    id: str
    name: str
    environment: str | None
    is_default: bool
    description: str | None
    status: str
    reason: str | None
    verified_at: Time | None
    created_at: Time
    updated_at: Time


class ConfigurationDeleted(Answer):
    """A configuration is gone, its sealed bytes included."""

    success: bool
    id: str
    message: str


class Check(Answer):
    """What came of a test; `error` and `code` say why it is not `valid`, `metadata` what was found."""

    valid: bool
    error: str | None
    code: str | None
    metadata: dict[str, Any]
    checked_at: Time
    latency_ms: int


def changed(**values: Any) -> dict[str, Any]:
    """The values that were given, None among them, by their names on the wire."""
    return {name: value for name, value in values.items() if not isinstance(value, Unset)}


def hidden_values(values: Mapping[str, str | SecretStr] | None) -> dict[str, SecretStr | None] | None:
    """The same for a map of them."""
    return None if values is None else {name: hidden(value) for name, value in values.items()}
