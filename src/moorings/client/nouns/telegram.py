"""Telegram bots: installed by their token, or made by a person who opens a link."""

from pydantic import SecretStr

from moorings.client.answer import Answer, Time
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


class ManagedAvailability(Answer):
    """Whether a managed bot can be had, and why not; of a username whether Telegram would take such a one."""

    available: bool
    manager_bot_username: str | None
    reason: str | None
    username: str | None
    username_valid: bool | None


class ManagedInvitation(Answer):
    """The link, and its QR code as an SVG in a data URI, by which a person makes the bot."""

    request_id: str
    status: str
    deep_link: str
    qr_code: str
    suggested_username: str
    suggested_name: str
    expires_at: Time


class ManagedRequest(Answer):
    """Where a request stands.

    `status` is `pending`, `rename_pending`, `completed`, `rejected`, `cancelled`, `expired` or `failed`.
    """

    request_id: str
    status: str
    suggested_username: str
    suggested_name: str
    actual_username: str | None
    actual_name: str | None
    bot_id: str | None
    integration_id: str | None
    error: str | None
    created_at: Time
    expires_at: Time


class ManagedRequestCancelled(Answer):
    """The request has ended."""

    success: bool
    request_id: str
    status: str
    message: str


class TelegramRotation(Answer):
    """The bot's new token is in force."""

    success: bool
    integration_id: str
    message: str
    rotated_at: Time


class ManagedBotRotation(Answer):
    """The bot has a new token, which nobody was shown; the old one has ended at once."""

    success: bool
    integration_id: str
    message: str
    rotated_at: Time
    previous_valid_until: Time | None


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

    @Operation
    def replace_token(self, integration: str, bot_token: str | SecretStr) -> Call[TelegramRotation]:
        """Bring the token that @BotFather gave a bot in place of one that it revoked."""
        body = {"integrationId": integration, "botToken": hidden(bot_token)}
        return Call("POST", path("integrations", "telegram", "rotate"), TelegramRotation, body=body)

    @Operation
    def availability(self, username: str | None = None) -> Call[ManagedAvailability]:
        """Whether the server has a bot that may make others."""
        return Call("GET", _managed("availability"), ManagedAvailability, given(username=username))

    @Operation
    def initiate(
        self, name: str, *, username: str | None = None, integration: str | None = None,
        environment: str | None = None, forward_url: str | None = None, idempotency_key: str | None = None,
    ) -> Call[ManagedInvitation]:  # fmt: skip
        """Ask for a bot that a person makes by a link; `username` is how its suggestion shall begin."""
        wish = given(integrationId=integration, environment=environment, forwardUrl=forward_url)
        body = {"name": name, **given(username=username), **wish}
        return Call("POST", _managed("initiate"), ManagedInvitation, body=body, idempotency_key=idempotency_key)

    @Operation
    def request(self, request: str) -> Call[ManagedRequest]:
        """Where a request stands."""
        return Call("GET", _managed(request, "status"), ManagedRequest)

    @Operation
    def cancel(self, request: str) -> Call[ManagedRequestCancelled]:
        """End a request before a bot is bound by it."""
        return Call("DELETE", _managed(request), ManagedRequestCancelled)

    @Operation
    def confirm_rename(self, request: str) -> Call[ManagedRequest]:
        """Bind the bot that a person made under another username than the suggested one."""
        return Call("POST", _managed(request, "confirm-rename"), ManagedRequest)

    @Operation
    def reject_rename(self, request: str) -> Call[ManagedRequest]:
        """Leave that bot to its owner, with its token replaced and forgotten."""
        return Call("POST", _managed(request, "reject-rename"), ManagedRequest)

    @Operation
    def rotate(self, integration: str) -> Call[ManagedBotRotation]:
        """Give a managed bot a new token."""
        return Call("POST", _managed("rotate"), ManagedBotRotation, body={"integrationId": integration})


def _managed(*segments: str) -> str:
    return path("integrations", "telegram", "managed", *segments)
