"""What configurations of all vector stores have in common."""

from collections.abc import Mapping
from typing import Any, Generic, Literal, TypeVar

from pydantic import Field, SecretStr

from moorings.domain.secret import Secret
from moorings.http.schemas.part import Answer, Given, Time
from moorings.services.vector_configs import ConfigChange, ConfigView, ConfigWish

PLAIN_TEXT = r"^[^\x00-\x1f\x7f]+$"
NAME = "What it is called; no two of a kind bear the same name."
ENVIRONMENT = "The environment it is for; null or absent means all environments."
IS_DEFAULT = (
    "Let it answer for its environment where several could. The first one of an environment does so anyway; to take it "
    "from one, give it to another."
)
DESCRIPTION = "What it is for, in your own words."
VERIFY = "Look first whether it works, and store nothing unless it does."

OWN = ("name", "environment", "description", "is_default")

C = TypeVar("C", bound="ConfigOut")


class ConfigOut(Answer):
    """One configuration, as far as all of them are alike."""

    id: str = Field(description="The configuration's id.", examples=["vec_01kb0h6v3m8x2q4r5s6t7v8w9x"])
    name: str = Field(description="What it is called.", examples=["Production articles"])
    environment: str | None = Field(description="The environment it is for; null for all.", examples=["production"])
    is_default: bool = Field(description="Whether it is the one that answers for its environment.")
    description: str | None = Field(description="What it is for.")
    status: Literal["unverified", "connected", "failing", "unreadable"] = Field(
        description="What is known of it: it may have stopped to work, or never have been looked at."
    )
    reason: str | None = Field(description="Why it fails; null while it does not.")
    verified_at: Time | None = Field(description="When it was last seen to work.")
    created_at: Time = Field(description="When it was made.")
    updated_at: Time = Field(description="When it was last changed.")


class Configurations(Answer, Generic[C]):
    """Those of one kind."""

    data: list[C] = Field(description="The configurations.")
    total: int = Field(description="How many there are.", examples=[2])


class ConfigDeleted(Answer):
    """What was removed."""

    success: Literal[True] = Field(description="Always true; a failure is an error.")
    id: str = Field(description="The id it had.", examples=["vec_01kb0h6v3m8x2q4r5s6t7v8w9x"])
    message: str = Field(description="What happened, for a person.")


def shown(view: ConfigView) -> dict[str, Any]:
    """The values of `ConfigOut`."""
    config, state = view.config, view.state
    return {
        "id": config.id,
        "name": config.name,
        "environment": config.environment,
        "is_default": config.is_default,
        "description": config.description,
        "status": view.status,
        "reason": state.reason if state else None,
        "verified_at": state.verified_at if state else None,
        "created_at": config.created_at,
        "updated_at": config.updated_at,
    }


def preview(view: ConfigView, field: str) -> str | None:
    """The last characters of a secret field."""
    return view.state.previews.get(field) if view.state else None


def secret(value: object) -> Secret:
    """A value in the type that does not print."""
    return Secret(value.get_secret_value() if isinstance(value, SecretStr) else str(value))


def wish(given: Given, fields: Mapping[str, Secret]) -> ConfigWish:
    """The configuration that a body wishes for."""
    own = {name: getattr(given, name) for name in OWN if getattr(given, name, None) is not None}
    return ConfigWish(fields=fields, verify=getattr(given, "verify", True), **own)


def change(
    given: Given, fields: Mapping[str, Secret | None], headers: Mapping[str, Secret] | None = None
) -> ConfigChange:
    """What a body changes: only what stands in it."""
    named = given.model_fields_set
    own = {name: getattr(given, name) for name in OWN if name in named}
    return ConfigChange(own, fields, headers, verify=getattr(given, "verify", True))
