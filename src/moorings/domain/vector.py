"""Vector stores: configurations of them, what a look at one finds, and the indexes and collections in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from moorings.domain.credential import CredentialRef, CredentialState, Status
from moorings.domain.environment import Environment
from moorings.domain.ids import VECTORIZE_CONFIG, WEAVIATE_CONFIG
from moorings.errors import InvalidRequest

HEADER = "headers."
"""What a module key's field is called before the name of its header, among the sealed fields of a configuration."""


class StoreType(StrEnum):
    """The vector stores that are configured by calls of their own; the values are catalogue ids."""

    VECTORIZE = "vectorize"
    WEAVIATE = "weaviate"

    @property
    def prefix(self) -> str:
        """What the ids of its configurations begin with."""
        return VECTORIZE_CONFIG if self is StoreType.VECTORIZE else WEAVIATE_CONFIG


class ConfigStatus(StrEnum):
    """What is known of a configuration."""

    UNVERIFIED = "unverified"
    CONNECTED = "connected"
    FAILING = "failing"
    UNREADABLE = "unreadable"

    @classmethod
    def of(cls, state: CredentialState | None) -> "ConfigStatus":
        """What the state of its sealed credential means; without one it cannot be opened."""
        if state is None or state.status is Status.UNREADABLE:
            return cls.UNREADABLE
        if state.failing or state.status in (Status.INVALID, Status.EXPIRED):
            return cls.FAILING
        return cls.CONNECTED if state.status is Status.VALID else cls.UNVERIFIED


@dataclass(frozen=True, slots=True)
class VectorConfig:
    """One configuration; its secrets, and with them all that decides where they are sent, are sealed under its id.

    `shown` are the fields that are no secrets, for listing alone. `facts` are what the last good look found.
    """

    id: str
    owner: str
    type: StoreType
    name: str
    environment: Environment
    is_default: bool
    description: str | None
    shown: Mapping[str, str]
    facts: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime

    @property
    def ref(self) -> CredentialRef:
        """Where its secrets are kept."""
        return CredentialRef(self.owner, self.id, self.environment)


@dataclass(frozen=True, slots=True)
class Examination:
    """What a look at a store found; `lacks` is why the configuration will not work although its secret is good."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    lacks: InvalidRequest | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """One index of Cloudflare Vectorize; `preset` is the embedding model it was made for, where one was named."""

    name: str
    dimensions: int | None
    metric: str | None
    preset: str | None = None
    description: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


@dataclass(frozen=True, slots=True)
class NewIndex:
    """The index that somebody wishes for: dimensions and metric, or a preset that means both."""

    name: str
    dimensions: int | None = None
    metric: str | None = None
    preset: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a collection's objects."""

    name: str
    data_type: Sequence[str]
    description: str | None


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection of a Weaviate; `vectorizers` are named by vector, the unnamed one is called `default`."""

    name: str
    description: str | None
    vectorizers: Mapping[str, str]
    properties: Sequence[Property]
    multi_tenant: bool
