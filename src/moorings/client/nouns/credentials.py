"""Credentials: they go in and never come out."""

from collections.abc import Mapping, Sequence

from pydantic import SecretStr

from moorings.client.answer import Answer, Time
from moorings.client.call import Call, given, hidden, path
from moorings.client.nouns.integrations import Account
from moorings.client.operation import Noun, Operation, S


class CredentialsSaved(Answer):
    """What was stored; `verified_at` is None when the provider was not asked."""

    success: bool
    integration_id: str
    environment: str | None
    message: str
    account: Account | None
    verified_at: Time | None


class CredentialsDeleted(Answer):
    """What was removed for good."""

    environment: str | None
    integration_id: str
    message: str
    success: bool


class FieldStatus(Answer):
    """One stored field; its preview is None where the value is too short for one."""

    preview: str | None
    updated_at: Time


class Revoking(Answer):
    """A deleted credential that its provider has not revoked yet; the installation that it was of may be gone."""

    integration_id: str = ""
    environment: str | None
    since: Time
    problem: str | None


class CredentialStatus(Answer):
    """The credentials of one integration or installation, as they stand for one environment.

    `source` is `environment` or `all`: which entry answers; `status` is `unverified`, `valid`, `invalid`, `expired` or
    `unreadable`; both None where nothing does.
    """

    integration_id: str
    configured: bool
    environment: str | None
    source: str | None
    environments: list[str | None]
    fields: dict[str, FieldStatus]
    status: str | None
    verified_at: Time | None
    last_used_at: Time | None
    expires_at: Time | None
    reason: str | None = None
    revoking: Sequence[Revoking] = ()


class CredentialStatusList(Answer):
    """Every catalogue entry and every installation."""

    data: list[CredentialStatus]


class Credentials(Noun[S]):
    """Sealed fields for an integration and an environment."""

    @Operation
    def status(
        self, *, environment: str | None = None, integrations: Sequence[str] = (), configured: bool | None = None
    ) -> Call[CredentialStatusList]:
        """What is held, and which entry answers in the environment."""
        query = given(environment=environment, integrationId=list(integrations) or None, configured=configured)
        return Call("GET", path("integrations", "credentials", "status"), CredentialStatusList, query)

    @Operation
    def save(
        self, integration: str, credentials: Mapping[str, str | SecretStr], *, environment: str | None = None,
        verify: bool = True, idempotency_key: str | None = None,
    ) -> Call[CredentialsSaved]:  # fmt: skip
        """Store the whole set of fields, for all environments without one; nothing unless the provider agrees."""
        concealed = {name: hidden(value) for name, value in credentials.items()}
        body = {"credentials": concealed, "verify": verify, **given(environment=environment)}
        place = path("integrations", integration, "credentials")
        return Call("POST", place, CredentialsSaved, body=body, idempotency_key=idempotency_key)

    @Operation
    def delete(
        self, integration: str, *, environment: str | None = None, revoke: bool | None = None
    ) -> Call[CredentialsDeleted]:
        """Delete one entry for good: the environment's own, or the one for all; an installation is uninstalled.

        Its provider is told to revoke it, where it takes such word, unless `revoke` is False.
        """
        place = path("integrations", integration, "credentials")
        return Call("DELETE", place, CredentialsDeleted, given(environment=environment, revoke=revoke))
