"""Slack apps: made, installed, and given new credentials."""

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

from pydantic import SecretStr

from moorings.client.answer import Answer, Time
from moorings.client.call import Call, given, hidden, path
from moorings.client.operation import Noun, Operation, S


class SlackInstallation(Answer):
    """What was installed, and where the app must send its events."""

    success: bool
    integration_id: str
    status: str
    team_id: str
    team_name: str | None
    bot_id: str
    bot_user_id: str | None
    webhook_url: str


class SlackRotation(Answer):
    """The new credentials are in force; until when the old signing secret verifies, where it still does."""

    success: bool
    integration_id: str
    message: str
    rotated_at: Time
    previous_valid_until: Time | None


class SlackManifest(Answer):
    """From which Slack makes an app, and Slack's page with it filled in."""

    integration_id: str
    manifest: dict[str, Any]
    create_url: str
    webhook_url: str
    message: str
    expires_at: Time | None


class SlackConnection(Answer):
    """Slack's page, to be opened in the browser of whoever may let the app in; and the address it leads back to."""

    integration_id: str
    authorize_url: str
    redirect_url: str
    webhook_url: str
    expires_at: Time


class SlashCommand(TypedDict):
    """A word that people type to call the app, with its slash; what it does; and what may follow it."""

    command: str
    description: str
    usageHint: NotRequired[str]


class Slack(Noun[S]):
    """Slack apps."""

    @Operation
    def install(
        self, bot_token: str | SecretStr, signing_secret: str | SecretStr, *, integration: str | None = None,
        name: str | None = None, environment: str | None = None, forward_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> Call[SlackInstallation]:  # fmt: skip
        """Install an app by its bot token, completing a reserved installation where one is named."""
        secrets = given(botToken=hidden(bot_token), signingSecret=hidden(signing_secret))
        wish = given(integrationId=integration, name=name, environment=environment, forwardUrl=forward_url)
        place = path("integrations", "slack", "install")
        return Call("POST", place, SlackInstallation, body={**secrets, **wish}, idempotency_key=idempotency_key)

    @Operation
    def rotate(
        self, integration: str, *, bot_token: str | SecretStr | None = None,
        signing_secret: str | SecretStr | None = None, grace_seconds: int | None = None,
    ) -> Call[SlackRotation]:  # fmt: skip
        """Swap the token, the signing secret or both; the old ones keep working when the new are refused."""
        secrets = given(botToken=hidden(bot_token), signingSecret=hidden(signing_secret))
        body = {"integrationId": integration, **secrets, **given(graceSeconds=grace_seconds)}
        return Call("POST", path("integrations", "slack", "rotate"), SlackRotation, body=body)

    @Operation
    def manifest(
        self, *, integration: str | None = None, name: str | None = None, environment: str | None = None,
        forward_url: str | None = None, commands: Sequence[SlashCommand] | None = None,
    ) -> Call[SlackManifest]:  # fmt: skip
        """A ready app manifest for a reserved installation; one is reserved where none is named."""
        wish = given(integrationId=integration, name=name, environment=environment, forwardUrl=forward_url)
        body = {**wish, **given(commands=list(commands) if commands else None)}
        return Call("POST", path("integrations", "slack", "manifest"), SlackManifest, body=body)

    @Operation
    def connect(
        self, client_id: str, client_secret: str | SecretStr, signing_secret: str | SecretStr, *,
        scopes: Sequence[str] | None = None, integration: str | None = None, name: str | None = None,
        environment: str | None = None, forward_url: str | None = None,
    ) -> Call[SlackConnection]:  # fmt: skip
        """Begin to connect an app by OAuth; a person ends it on Slack's page."""
        secrets = {"clientSecret": hidden(client_secret), "signingSecret": hidden(signing_secret)}
        asked = given(scopes=list(scopes) if scopes else None, integrationId=integration)
        wish = given(name=name, environment=environment, forwardUrl=forward_url)
        body = {"clientId": client_id, **secrets, **asked, **wish}
        return Call("POST", path("integrations", "slack", "connect"), SlackConnection, body=body)

    @Operation
    def connect_again(self, integration: str) -> Call[SlackConnection]:
        """Begin once more, with the client id and secret that are there already."""
        query = {"integrationId": integration}
        return Call("GET", path("integrations", "slack", "connect"), SlackConnection, query)
