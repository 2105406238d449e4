"""Tells webhooks: in order, with the secret token, again after a failure at once and then ever later."""

import asyncio
import json
from http import HTTPStatus

from moorings.emulators.contract import Heard, Outbound
from moorings.emulators.telegram.world import Bot, Json, Webhook, World

LONGEST_DELAY, LONGEST_WISH = 60.0, 3600.0
GIVEN_UP_AFTER = 23 * 60 * 60
SUCCESS = range(200, 300)


async def deliver(world: World, outbound: Outbound) -> None:
    """Tell every webhook what it has not heard; return when all have heard everything."""
    async with asyncio.TaskGroup() as tasks:
        for bot, webhook in list(world.due()):
            webhook.delivering = True
            tasks.create_task(_tell(world, bot, webhook, outbound))


async def _tell(world: World, bot: Bot, webhook: Webhook, outbound: Outbound) -> None:
    delay, gone_since = 0.0, None
    try:
        while bot.webhook is webhook and (waiting := bot.waiting(world.time())):
            heard = await _sent(world, webhook, waiting[0], outbound)
            if heard and heard.status in SUCCESS:
                bot.forget(waiting[0])
                delay, gone_since = 0.0, None
                continue
            gone_since = (gone_since or world.time()) if heard and heard.status == HTTPStatus.GONE else None
            if gone_since and world.time() > gone_since + GIVEN_UP_AFTER:
                bot.webhook = None
            await outbound.rest(_wished(heard) or delay)
            delay = min(max(delay, 1.0) * 2, LONGEST_DELAY)
    finally:
        webhook.delivering = False


async def _sent(world: World, webhook: Webhook, update: Json, outbound: Outbound) -> Heard | None:
    headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip, deflate"}
    if webhook.secret_token:
        headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret_token
    try:
        heard = await outbound.post(webhook.url, headers, json.dumps(update).encode())
    except (TimeoutError, OSError) as error:
        webhook.last_error = (int(world.time()), "Read timeout expired" if _timed_out(error) else "Connection refused")
        return None
    if heard.status not in SUCCESS:
        words = f"Wrong response from the webhook: {heard.status} {_reason(heard.status)}"
        webhook.last_error = (int(world.time()), words.strip())
    return heard


def _timed_out(error: Exception) -> bool:
    return isinstance(error, TimeoutError)


def _wished(heard: Heard | None) -> float:
    told = heard.headers.get("retry-after", "") if heard else ""
    return min(float(told), LONGEST_WISH) if told.isdigit() else 0.0


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
