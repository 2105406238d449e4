"""API keys on their way in and out."""

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from moorings.domain.api_key import ApiKey
from moorings.domain.caller import Scope
from moorings.http.schemas.part import Answer, Given, GivenTime, Time
from moorings.services.api_keys import KeyWish, Rotated, Rotation


def _text(value: object) -> object:
    """JSON numbers would be read as packed addresses and as seconds since 1970; nobody means that."""
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "Text is wanted.")
    return value


NetworkText = Annotated[IPv4Network | IPv6Network, BeforeValidator(_text)]
TimeText = Annotated[GivenTime, BeforeValidator(_text)]


class CreateKey(Given):
    """A new key of the caller's own owner."""

    name: str = Field(
        description="What it is for.",
        examples=["deploy pipeline"],
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f]+$",
    )
    scopes: Annotated[frozenset[Scope], Field(fail_fast=True, min_length=1, max_length=16)] = Field(
        description="What it may do; INTEGRATIONS:WRITE implies INTEGRATIONS:READ.", examples=[["INTEGRATIONS:READ"]]
    )
    environments: Annotated[frozenset[str], Field(fail_fast=True, min_length=1, max_length=64)] | None = Field(
        None, description="The only environments it may touch; absent for all.", examples=[["production"]]
    )
    networks: Annotated[tuple[NetworkText, ...], Field(fail_fast=True, min_length=1, max_length=64)] | None = Field(
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
    last_used_at: Time | None = Field(description="When a call last came with it; null before the first.")

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


class RotateKey(Given):
    """How a key is replaced."""

    grace_seconds: int = Field(
        3600,
        strict=True,
        ge=0,
        le=30 * 86_400,
        description="How long the old key works on; 0 ends it at once.",
        examples=[3600],
    )
    expires_at: TimeText | None = Field(
        None, description="When the new key ends; absent for the old one's end.", examples=["2030-01-01T00:00:00Z"]
    )

    def wish(self) -> Rotation:
        """The same as a value of the services."""
        return Rotation(timedelta(seconds=self.grace_seconds), self.expires_at)


class KeyRotated(KeyCreated):
    """A new key in place of an old one, shown this once."""

    previous_id: str = Field(
        description="The id of the key that it replaces.", examples=["key_01kb0h6v3m8x2q4r5s6t7v8w9x"]
    )
    previous_valid_until: Time = Field(description="Until when that one works.")

    @classmethod
    def of_rotation(cls, rotated: Rotated) -> "KeyRotated":
        """The only other answer that holds a key."""
        more = {"previous_id": rotated.previous_id, "previous_valid_until": rotated.previous_valid_until}
        return cls.model_validate({**_shown(rotated.key), "key": rotated.token.reveal(), **more})


class KeyList(Answer):
    """Keys of an owner."""

    data: list[KeyOut] = Field(description="The keys, the oldest first, revoked ones included.")
    total: int = Field(description="How many there are in all.", examples=[2])
    next_cursor: str | None = Field(
        description="To be sent as `cursor` for the next ones; null at the end.",
        examples=["key_01kb0h6v3m8x2q4r5s6t7v8w9x"],
    )


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
        "last_used_at": key.last_used_at,
    }
