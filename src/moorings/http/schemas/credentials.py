"""Credentials on their way in, and what may be shown of them afterwards."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from moorings.domain.secret import Secret, SecretFields
from moorings.http.schemas.integrations import AccountOut
from moorings.http.schemas.part import Answer, Given, Time


class SaveCredentials(Given):
    """The whole set of credentials for one integration and environment; it replaces what was there."""

    credentials: dict[Annotated[str, Field(min_length=1, max_length=64)], SecretStr] = Field(
        description="Values by field name; the integration's details name its fields.",
        examples=[{"apiKey": "fc-0123456789abcdef0123456789abcdef"}],
        min_length=1,
        max_length=32,
    )
    environment: str | None = Field(
        None,
        description="The environment they are for; null or absent means all environments.",
        examples=["production"],
    )
    verify: bool = Field(
        default=True, strict=True, description="Ask the provider first, and store nothing unless it agrees."
    )

    def secrets(self) -> SecretFields:
        """The values in the type that does not print."""
        return {name: Secret(value.get_secret_value()) for name, value in self.credentials.items()}


class CredentialsSaved(Answer):
    """What was stored."""

    success: Literal[True] = Field(description="Always true; a failure is an error.")
    integration_id: str = Field(description="The id that was given.", examples=["firecrawl"])
    environment: str | None = Field(
        description="The environment they answer for; null for all.", examples=["production"]
    )
    message: str = Field(description="What happened, for a person.")
    account: AccountOut | None = Field(description="What the provider says we are; null where it does not say.")
    verified_at: Time | None = Field(description="When the provider agreed; null when it was not asked.")


class CredentialsDeleted(Answer):
    """What was removed."""

    environment: str | None = Field(description="The environment whose entry was removed; null for all environments.")
    integration_id: str = Field(description="The id that was given.", examples=["firecrawl"])
    message: str = Field(description="What happened, for a person.")
    success: bool = Field(description="Whether it was removed.")


class FieldStatus(Answer):
    """One stored field."""

    preview: str | None = Field(
        description="Its published prefix and at most four last characters; null for short ones.", examples=["fc-…9a2c"]
    )
    updated_at: Time = Field(description="When it was saved.")


class RevokingOut(Answer):
    """A deleted credential that its provider has not revoked yet."""

    integration_id: str = Field(
        description="What it was of: a catalogue id, or an installation's, which may be gone.", examples=["github"]
    )
    environment: str | None = Field(description="Where it stood; null for all environments.")
    since: Time = Field(description="When it was deleted.")
    problem: str | None = Field(description="Why the provider could not be told, or what it said.")


class CredentialStatus(Answer):
    """The credentials of one integration or installation, as they stand for one environment."""

    integration_id: str = Field(description="A catalogue id or an installation's.", examples=["firecrawl"])
    configured: bool = Field(
        description="Whether something answers in the environment asked for; or anywhere, if none was."
    )
    environment: str | None = Field(
        description="The environment asked for; null when none was.", examples=["production"]
    )
    source: Literal["environment", "all"] | None = Field(
        description="Which entry answers: the environment's own, or the one for all environments; null when none does."
    )
    environments: list[str | None] = Field(description="Where entries are held; null means all environments.")
    fields: dict[str, FieldStatus] = Field(
        description="The fields of the entry that answers; without an environment, of that for all or else the newest."
    )
    status: Literal["unverified", "valid", "invalid", "expired", "unreadable"] | None = Field(
        description="What is known of that entry; null when there is none."
    )
    verified_at: Time | None = Field(description="When the provider last accepted it.")
    last_used_at: Time | None = Field(description="When it was last used for a tool.")
    expires_at: Time | None = Field(description="When it ends, where that is known.")
    reason: str | None = Field(description="Why the last check of it failed; null where none has.")
    revoking: list[RevokingOut] = Field(
        description="What was deleted here and is not confirmed as revoked by its provider yet; it is told again."
    )


class CredentialStatusList(Answer):
    """Every catalogue entry and every installation."""

    data: list[CredentialStatus] = Field(description="One entry for each.")
