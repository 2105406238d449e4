"""Telegram's Bot API, as far as bots are installed, managed and heard; the token stands in every path.

Facts: https://core.telegram.org/bots/api (10.1), its JSON schema, and the reference server tdlib/telegram-bot-api.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from moorings.domain.bot import TelegramBot, Webhook
from moorings.domain.integration import Integration
from moorings.domain.secret import Secret
from moorings.errors import CredentialsRejected, Detail, ProviderFailed
from moorings.providers.declarative import DeclarativeVerifier
from moorings.providers.request import PreparedRequest
from moorings.providers.transport import Reply, Transport

TOKEN = re.compile(r"[1-9][0-9]{4,15}:[A-Za-z0-9_-]{30,64}")
POLL_GRACE_SECONDS = 10.0
"""How much longer than asked a long poll may take before it counts as lost."""

SOON_SECONDS, SOON_TIMES = 3, 3
"""A bot's webhook is set once a second at most: after pauses as short as this the same call is made so many times more.

Once would not do: of several that have waited for the same second only one comes through.
"""

_SAID = re.compile(r"[A-Za-z0-9 :,.'_-]{1,120}")


class Adapter:
    """See `BotHost`."""

    def __init__(
        self, transport: Transport, integration: Integration, upstream: str | None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._transport, self._upstream, self._sleep = transport, upstream, sleep
        self._base = (upstream or integration.base_url).rstrip("/")
        self._verifier = DeclarativeVerifier(transport, integration, upstream)

    async def me(self, token: Secret) -> TelegramBot:
        """See `BotHost.me`; for a token that is dead Telegram answers 401, for one of no known form 404."""
        verification, answer = await self._verifier.proven({"botToken": _formed(token)})
        user = answer["result"]
        if str(user["id"]) != token.reveal().partition(":")[0] or user.get("is_bot") is not True:
            raise ProviderFailed("Telegram answered for another bot than the token names; nothing was stored.")
        return TelegramBot(
            user["id"], str(user.get("username", "")), str(user.get("first_name", "")),
            user.get("can_manage_bots") is True, verification,
        )  # fmt: skip

    async def set_webhook(self, token: Secret, webhook: Webhook) -> None:
        """See `BotHost.set_webhook`; the kinds of updates are named, for a list that was set before stays otherwise."""
        await self._call(token, "setWebhook", {
            "url": webhook.url, "secret_token": webhook.secret.reveal(), "allowed_updates": list(webhook.updates),
            "drop_pending_updates": webhook.drop_pending,
        })  # fmt: skip

    async def webhook_url(self, token: Secret) -> str:
        """See `BotHost.webhook_url`."""
        return str(_object(await self._call(token, "getWebhookInfo", {})).get("url", ""))

    async def delete_webhook(self, token: Secret, *, drop_pending: bool = False) -> None:
        """See `BotHost.delete_webhook`."""
        await self._call(token, "deleteWebhook", {"drop_pending_updates": drop_pending})

    async def updates(
        self, token: Secret, offset: int | None, seconds: int, wanted: Sequence[str]
    ) -> Sequence[Mapping[str, Any]]:
        """See `BotHost.updates`."""
        body = {"timeout": seconds, "allowed_updates": list(wanted), **({} if offset is None else {"offset": offset})}
        found = await self._call(token, "getUpdates", body, waits_for=seconds)
        if not isinstance(found, list):
            raise ProviderFailed("Telegram sent updates that are none; try again later.")
        return [update for update in found if isinstance(update, dict)]

    async def managed_token(self, manager: Secret, bot_id: int) -> Secret:
        """See `BotHost.managed_token`."""
        return _token(await self._call(manager, "getManagedBotToken", {"user_id": bot_id}), bot_id)

    async def replace_managed_token(self, manager: Secret, bot_id: int) -> Secret:
        """See `BotHost.replace_managed_token`."""
        return _token(await self._call(manager, "replaceManagedBotToken", {"user_id": bot_id}), bot_id)

    async def _call(self, token: Secret, method: str, body: Mapping[str, Any], *, waits_for: int | None = None) -> Any:
        """`waits_for` is how many seconds Telegram may let the call wait."""
        request = self._request(token, method, body, waits=waits_for is not None)
        seconds = None if waits_for is None else waits_for + POLL_GRACE_SECONDS
        reply = await self._transport.send(request, seconds=seconds)
        for _ in range(SOON_TIMES):
            pause = _pause(reply)
            if pause is None or pause > SOON_SECONDS:
                break
            await self._sleep(pause)
            reply = await self._transport.send(request, seconds=seconds)
        return _result(reply)

    def _request(self, token: Secret, method: str, body: Mapping[str, Any], *, waits: bool) -> PreparedRequest:
        address = f"{self._base}/bot{_formed(token).reveal()}/{method}"
        hosts = frozenset({urlsplit(self._base).hostname or ""})
        headers = {"Content-Type": "application/json"}
        return PreparedRequest(
            "POST", address, headers, json.dumps(body).encode(), hosts, trusted=self._upstream is not None, waits=waits
        )


def _formed(token: Secret) -> Secret:
    """The token; what has not its form would leave its place in the path."""
    if not TOKEN.fullmatch(token.reveal()):
        raise CredentialsRejected("This is no bot token: it is the bot's number, a colon and a secret part.")
    return token


def _token(result: Any, bot_id: int) -> Secret:
    """A bot's own token; its number must not have changed."""
    if not isinstance(result, str) or not TOKEN.fullmatch(result) or result.partition(":")[0] != str(bot_id):
        raise ProviderFailed("Telegram gave a token that is not the bot's; nothing was stored.")
    return Secret(result)


def _object(result: Any) -> Mapping[str, Any]:
    return result if isinstance(result, dict) else {}


def _result(reply: Reply) -> Any:
    body = _object(reply.json())
    if body.get("ok") is True and "result" in body:
        return body["result"]
    said = str(body.get("description", ""))
    details = [Detail("provider", said)] if _SAID.fullmatch(said) else []
    if reply.status == HTTPStatus.UNAUTHORIZED or (reply.status == HTTPStatus.NOT_FOUND and said == "Not Found"):
        raise CredentialsRejected("Telegram no longer knows this bot token.", details)
    raise ProviderFailed(f"Telegram did not do it: it answered {reply.status}. Try again later.", details)


def _pause(reply: Reply) -> int | None:
    """How many seconds Telegram wants to be left alone, where that is why it refused."""
    if reply.status != HTTPStatus.TOO_MANY_REQUESTS:
        return None
    told = _object(_object(reply.json()).get("parameters")).get("retry_after")
    return told if isinstance(told, int) else None
