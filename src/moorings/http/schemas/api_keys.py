"""API keys on their way in and out."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal

from pydantic import AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from moorings.domain.api_key import ApiKey
from moorings.domain.caller import Scope
from moorings.http.schemas.part import Answer, Given, Time
from moorings.services.api_keys import KeyWish


def _text(value: object) -> object:
    """JSON numbers would be read as packed addresses and as seconds since 1970; nobody means that."""
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "Text is wanted.")
    return value


NetworkText = Annotated[IPv4Network | IPv6Network, BeforeValidator(_text)]
TimeText = Annotated[AwareDatetime, BeforeValidator(_text)]


class CreateKey(Given):
    """A new key of the caller's own owner."""

    name: str = Field(
        description="What it is for.",
        examples=["deploy pipeline"],
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f]+$",
    )
    scopes: Annotated[frozenset[Scope], Field(min_length=1)] = Field(
        description="What it may do; INTEGRATIONS:WRITE implies INTEGRATIONS:READ.", examples=[["INTEGRATIONS:READ"]]
    )
    environments: Annotated[frozenset[str], Field(min_length=1)] | None = Field(
        None, description="The only environments it may touch; absent for all.", examples=[["production"]]
    )
    networks: Annotated[tuple[NetworkText, ...], Field(min_length=1, max_length=64)] | None = Field(
        None, description="The only networks it may be used from; absent for anywhere.", examples=[["203.0.113.0/24"]]
    )
    expires_at: TimeText | None = Field(
        None, description="When it ends; absent for never.", examples=["2030-01-01T00:00:00Z"]
    )

    def wish(self) -> KeyWish:
        """The same as a value of the services."""
        return KeyWish(self.name, self.scopes, self.environments, self.networks, self.expires_at)


class KeyOut(Answer):
    """What may be shown of a key."""

    id: str = Field(description="The key's id; not the key.", examples=["key_01kb0h6v3m8x2q4r5s6t7v8w9x"])
    name: str = Field(description="What it is for.", examples=["deploy pipeline"])
    preview: str = Field(description="The key's last four characters.", examples=["mrg_…9a2c"])
    scopes: list[Scope] = Field(description="What it may do.")
    environments: list[str] | None = Field(description="The only environments it may touch; null for all.")
    networks: list[str] | None = Field(description="The only networks it may be used from; null for anywhere.")
    created_at: Time = Field(description="When it was made.")
    expires_at: Time | None = Field(description="When it ends; null for never.")
    revoked_at: Time | None = Field(description="When it was revoked; null while it is good.")

    @classmethod
    def of(cls, key: ApiKey) -> "KeyOut":
        """What may be shown."""
        return cls.model_validate(_shown(key))


class KeyCreated(KeyOut):
    """A new key, shown this once."""

    key: str = Field(description="The key itself: it is shown now and never again.", examples=["mrg_" + "0" * 36])

    @classmethod
    def with_token(cls, key: ApiKey, token: str) -> "KeyCreated":
        """The only answer that holds a key."""
        return cls.model_validate({**_shown(key), "key": token})


class KeyList(Answer):
    """All keys of an owner."""

    data: list[KeyOut] = Field(description="The keys, the oldest first, revoked ones included.")
    total: int = Field(description="How many there are.", examples=[2])


class KeyRevoked(Answer):
    """A key has ended."""

    success: Literal[True] = Field(description="Always true; a failure is an error.")
    id: str = Field(description="The key's id.", examples=["key_01kb0h6v3m8x2q4r5s6t7v8w9x"])
    message: str = Field(description="What happened, for a person.")


def _shown(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "preview": key.preview,
        "scopes": sorted(key.scopes),
        "environments": None if key.environments is None else sorted(key.environments),
        "networks": None if key.networks is None else [str(network) for network in key.networks],
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
    }
