"""Slack apps on their way in, and what is said of them afterwards; never a token."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr

from moorings.domain.bot import SlashCommand
from moorings.domain.secret import Secret
from moorings.http.schemas.integrations import ForwardUrl, InstallationName, ServedEnvironment
from moorings.http.schemas.part import Answer, Given, Time
from moorings.services.installing import InstallWish
from moorings.services.slack import NewCredentials, SlackInstalled, SlackRotated
from moorings.services.slack_authorisation import Begun

DAY = 86_400
ID = "intg_01kb0h6v3m8x2q4r5s6t7v8w9x"
EVENTS = f"https://moorings.example.com/hooks/slack/{ID}"

_TOKEN = Field(description="The app's bot token, xoxb-... or xoxe.xoxb-...", examples=["xoxb-example-not-a-real-token"])
_SIGNING = Field(
    description="The app's signing secret, from Basic Information.", examples=["example-not-a-signing-secret"]
)
_MANIFEST = {"display_information": {"name": "Support"}}
_RESERVED = Field(None, description="A reserved installation to complete; a new one without it.", examples=[ID])


class InstallSlack(Given):
    """An app that was installed in a workspace, by its bot token."""

    bot_token: SecretStr = _TOKEN
    signing_secret: SecretStr = _SIGNING
    integration_id: str | None = _RESERVED
    name: InstallationName = None
    environment: ServedEnvironment = None
    forward_url: ForwardUrl = None

    def fields(self) -> dict[str, Secret]:
        """The secrets in the type that does not print."""
        return {
            "botToken": Secret(self.bot_token.get_secret_value()),
            "signingSecret": Secret(self.signing_secret.get_secret_value()),
        }

    def wish(self) -> InstallWish:
        """How the installation shall be."""
        return InstallWish(self.integration_id, self.name, self.environment, self.forward_url)


class SlackInstallation(Answer):
    """What was installed."""

    success: Literal[True] = Field(description="Always true; a failure is an error.")
    integration_id: str = Field(description="The installation's id.", examples=[ID])
    status: Literal["connected"] = Field(description="Where it stands.")
    team_id: str = Field(description="The workspace's id.", examples=["T0123ABCDEF"])
    team_name: str | None = Field(description="The workspace's name.", examples=["Acme"])
    bot_id: str = Field(description="The bot's id in the workspace.", examples=["B0123ABCDEF"])
    bot_user_id: str | None = Field(description="The id by which people mention it.", examples=["U0123ABCDEF"])
    webhook_url: str = Field(description="Where the app must send its events.", examples=[EVENTS])

    @classmethod
    def of(cls, installed: SlackInstalled, webhook_url: str) -> "SlackInstallation":
        """The answer to an installation."""
        bot = installed.bot
        return cls(
            success=True, integration_id=installed.installation.id, status="connected", team_id=bot.team_id,
            team_name=bot.team_name, bot_id=bot.bot_id, bot_user_id=bot.user_id, webhook_url=webhook_url,
        )  # fmt: skip


class RotateSlack(Given):
    """New credentials of an installed app; what is not given stays."""

    integration_id: str = Field(description="The installation; `slack` means the only one.", examples=[ID])
    bot_token: SecretStr | None = Field(None, description=_TOKEN.description, examples=_TOKEN.examples)
    signing_secret: SecretStr | None = Field(None, description=_SIGNING.description, examples=_SIGNING.examples)
    grace_seconds: int = Field(
        3600, ge=0, le=DAY, strict=True, description="How long the old signing secret still verifies."
    )

    def new(self) -> NewCredentials:
        """The secrets in the type that does not print."""
        return NewCredentials(
            _secret(self.bot_token), _secret(self.signing_secret), timedelta(seconds=self.grace_seconds)
        )


class SlackRotation(Answer):
    """The new credentials are in force."""

    success: Literal[True] = Field(description="Always true; a failure is an error.")
    integration_id: str = Field(description="The installation's id.", examples=[ID])
    message: str = Field(description="What happened, for a person.")
    rotated_at: Time = Field(description="Since when the new credentials are in force.")
    previous_valid_until: Time | None = Field(
        description="Until when the old signing secret verifies; null where there is none any more."
    )

    @classmethod
    def of(cls, rotated: SlackRotated) -> "SlackRotation":
        """The answer to a rotation."""
        grace = " Requests signed with the old signing secret are believed for a while." * bool(
            rotated.previous_valid_until
        )
        return cls(
            success=True, integration_id=rotated.installation_id, rotated_at=rotated.rotated_at,
            message=f"Slack accepts the new credentials, and they are in force.{grace}",
            previous_valid_until=rotated.previous_valid_until,
        )  # fmt: skip


class GivenCommand(Given):
    """A slash command that the app shall have; its limits are Slack's."""

    command: str = Field(
        description="The word with its slash.", examples=["/ask"], pattern=r"^/[^\s/]{1,31}$", max_length=32
    )
    description: str = Field(
        description="What it does, for the people who type it.", examples=["Ask the agent"], min_length=1,
        max_length=2000,
    )  # fmt: skip
    usage_hint: str | None = Field(
        None, description="What may follow it.", examples=["[question]"], min_length=1, max_length=1000
    )

    def wanted(self) -> SlashCommand:
        """The command as the adapter takes it."""
        return SlashCommand(self.command, self.description, self.usage_hint)


class MakeSlackManifest(Given):
    """An app that does not exist yet."""

    integration_id: str | None = Field(
        None, description="The reserved installation it is for; one is reserved now without it.", examples=[ID]
    )
    name: InstallationName = None
    environment: ServedEnvironment = None
    forward_url: ForwardUrl = None
    commands: list[GivenCommand] = Field([], description="The slash commands that the app shall have.", max_length=50)

    def wish(self) -> InstallWish:
        """How the installation shall be."""
        return InstallWish(self.integration_id, self.name, self.environment, self.forward_url)

    def slash_commands(self) -> list[SlashCommand]:
        """The commands as the adapter takes them."""
        return [one.wanted() for one in self.commands]


class SlackManifest(Answer):
    """From which Slack makes the app."""

    integration_id: str = Field(description="The reserved installation, to be completed by installing.", examples=[ID])
    manifest: dict[str, Any] = Field(
        description="To be pasted on Slack's page under 'From a manifest'.", examples=[_MANIFEST]
    )
    create_url: str = Field(
        description="Slack's page with the manifest filled in.", examples=["https://api.slack.com/apps?new_app=1"]
    )
    webhook_url: str = Field(description="Where the app will send its events.", examples=[EVENTS])
    message: str = Field(description="What to do next, for a person.")
    expires_at: Time | None = Field(description="When the reservation ends unless the app is installed by then.")


class ConnectSlack(Given):
    """An app that a person shall let into a workspace on Slack's own page."""

    client_id: str = Field(
        description="The app's client id, from Basic Information.", examples=["100000000000.200000000000"],
        pattern=r"^[0-9A-Za-z.]{3,100}$",
    )  # fmt: skip
    client_secret: SecretStr = Field(
        description="The app's client secret.", examples=["example-not-a-client-secret"], min_length=1, max_length=200
    )
    signing_secret: SecretStr = _SIGNING
    scopes: list[Annotated[str, Field(pattern=r"^[a-z_.:]{2,64}$")]] | None = Field(
        None, description="The bot scopes to ask for; those that our tools and events need without them.",
        examples=[["chat:write", "app_mentions:read"]], min_length=1, max_length=100,
    )  # fmt: skip
    integration_id: str | None = _RESERVED
    name: InstallationName = None
    environment: ServedEnvironment = None
    forward_url: ForwardUrl = None

    def fields(self) -> dict[str, Secret]:
        """What the app is authorised with, in the type that does not print."""
        return {
            "clientId": Secret(self.client_id),
            "clientSecret": Secret(self.client_secret.get_secret_value()),
            "signingSecret": Secret(self.signing_secret.get_secret_value()),
        }

    def wish(self) -> InstallWish:
        """How the installation shall be."""
        return InstallWish(self.integration_id, self.name, self.environment, self.forward_url)


class SlackConnection(Answer):
    """Where a person goes now."""

    integration_id: str = Field(description="The installation that will be connected.", examples=[ID])
    authorize_url: str = Field(
        description="Slack's page, to be opened in the browser of whoever may let the app in.",
        examples=["https://slack.com/oauth/v2/authorize?client_id=1.2&scope=chat%3Awrite&state=example"],
    )
    redirect_url: str = Field(
        description="Where Slack leads back to; the app must list it under OAuth & Permissions.",
        examples=["https://moorings.example.com/hooks/slack/oauth/callback"],
    )
    webhook_url: str = Field(description="Where the app must send its events.", examples=[EVENTS])
    expires_at: Time = Field(description="Until when the person can come back; once.")

    @classmethod
    def of(cls, begun: Begun, webhook_url: str) -> "SlackConnection":
        """The answer to a beginning."""
        return cls(
            integration_id=begun.installation.id, authorize_url=begun.authorize_url, redirect_url=begun.redirect_url,
            webhook_url=webhook_url, expires_at=begun.expires_at,
        )  # fmt: skip


def _secret(given: SecretStr | None) -> Secret | None:
    return None if given is None else Secret(given.get_secret_value())
