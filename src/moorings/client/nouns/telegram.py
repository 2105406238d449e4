"""Telegram bots: installed by their token."""

from pydantic import SecretStr

from moorings.client.answer import Answer
from moorings.client.call import Call, given, hidden, path
from moorings.client.operation import Noun, Operation, S


class TelegramInstallation(Answer):
    """What was installed; `delivery` is `webhook`, or `polling` where the server has no public https address."""

    success: bool
    integration_id: str
    status: str
    bot_id: str
    bot_username: str
    webhook_url: str | None
    delivery: str


class Telegram(Noun[S]):
    """Telegram bots."""

    @Operation
    def install(
        self, bot_token: str | SecretStr, *, integration: str | None = None, name: str | None = None,
        environment: str | None = None, forward_url: str | None = None, drop_pending_updates: bool | None = None,
        idempotency_key: str | None = None,
    ) -> Call[TelegramInstallation]:  # fmt: skip
        """Install a bot by its token, completing a reserved installation where one is named."""
        wish = given(integrationId=integration, name=name, environment=environment, forwardUrl=forward_url)
        body = {"botToken": hidden(bot_token), **wish, **given(dropPendingUpdates=drop_pending_updates)}
        place = path("integrations", "telegram", "install")
        return Call("POST", place, TelegramInstallation, body=body, idempotency_key=idempotency_key)
