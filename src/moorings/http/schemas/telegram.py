"""Telegram bots on their way in, and what is said of them afterwards; never a token."""

from typing import Literal

from pydantic import Field, SecretStr

from moorings.domain.secret import Secret
from moorings.http.schemas.integrations import ForwardUrl, InstallationName, ServedEnvironment
from moorings.http.schemas.part import Answer, Given, Time
from moorings.services.installing import InstallWish
from moorings.services.telegram import TelegramInstalled, TokenReplaced

ID = "intg_01kb0h6v3m8x2q4r5s6t7v8w9x"
TOKEN_EXAMPLE = "1234567890:EXAMPLE-not-a-real-bot-token-000000"  # noqa: S105 - as it says


class InstallTelegram(Given):
    """A bot that exists, by the token that @BotFather gave for it."""

    bot_token: SecretStr = Field(description="The bot's token.", examples=[TOKEN_EXAMPLE])
    integration_id: str | None = Field(
        None, description="A reserved installation to complete; a new one without it.", examples=[ID]
    )
    name: InstallationName = None
    environment: ServedEnvironment = None
    forward_url: ForwardUrl = None
    drop_pending_updates: bool = Field(
        default=False, strict=True, description="Forget what people wrote to the bot before."
    )

    def token(self) -> Secret:
        """The token in the type that does not print."""
        return Secret(self.bot_token.get_secret_value())

    def wish(self) -> InstallWish:
        """How the installation shall be."""
        return InstallWish(self.integration_id, self.name, self.environment, self.forward_url)


class RotateTelegram(Given):
    """An installed bot, and the token that @BotFather has given it since."""

    integration_id: str = Field(description="The installation; `telegram` means the only one.", examples=[ID])
    bot_token: SecretStr = Field(description="The same bot's new token.", examples=[TOKEN_EXAMPLE])

    def token(self) -> Secret:
        """The token in the type that does not print."""
        return Secret(self.bot_token.get_secret_value())


class TelegramRotation(Answer):
    """The new token is in force."""

    success: Literal[True] = Field(description="Always true; a failure is an error.")
    integration_id: str = Field(description="The installation's id.", examples=[ID])
    message: str = Field(description="What happened, for a person.")
    rotated_at: Time = Field(description="Since when the new token is in force.")

    @classmethod
    def of(cls, replaced: TokenReplaced) -> "TelegramRotation":
        """The answer to a rotation."""
        return cls(
            success=True, integration_id=replaced.installation_id, rotated_at=replaced.rotated_at,
            message="Telegram knows the new token as this bot's, and it is in force.",
        )  # fmt: skip


class TelegramInstallation(Answer):
    """What was installed."""

    success: Literal[True] = Field(description="Always true; a failure is an error.")
    integration_id: str = Field(description="The installation's id.", examples=[ID])
    status: Literal["connected"] = Field(description="Where it stands.")
    bot_id: str = Field(description="The bot's number.", examples=["1234567890"])
    bot_username: str = Field(description="The bot's username, without its @.", examples=["acme_support_bot"])
    webhook_url: str | None = Field(description="Where Telegram sends the bot's updates; null where we fetch them.")
    delivery: Literal["webhook", "polling"] = Field(
        description="How updates come: sent by Telegram, or fetched where this server has no public https address."
    )

    @classmethod
    def of(cls, installed: TelegramInstalled) -> "TelegramInstallation":
        """The answer to an installation."""
        return cls(
            success=True, integration_id=installed.installation.id, status="connected", bot_id=str(installed.bot.id),
            bot_username=installed.bot.username, webhook_url=installed.webhook_url, delivery=installed.delivery.value,
        )  # fmt: skip
