"""How a bot hears: getUpdates, setWebhook, deleteWebhook, getWebhookInfo."""

import asyncio
import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from moorings.emulators.arguments import Arguments
from moorings.emulators.contract import Answer
from moorings.emulators.telegram.answers import Refused, bad, conflict, done, too_many
from moorings.emulators.telegram.world import Bot, Poll, Webhook, World

LONGEST_POLL, MOST_UPDATES, MOST_CONNECTIONS, LONGEST_SECRET = 50, 100, 100, 256
PORTS = frozenset({80, 88, 443, 8443})
_SECRET = re.compile(r"[A-Za-z0-9_-]*")
WEBHOOK_IS_SET = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
OTHER_POLL = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_CAME = "terminated by setWebhook request"


def get_updates(world: World, bot: Bot, given: Arguments) -> Answer:
    """What is there now; `offset` confirms all before it, a negative one all but so many."""
    if bot.webhook:
        raise conflict(WEBHOOK_IS_SET)
    _allow(bot, given)
    confirm(world, bot, given)
    return done(bot.waiting(world.time())[: given.bounded("limit", MOST_UPDATES, 1, MOST_UPDATES)])


async def poll(world: World, bot: Bot, given: Arguments) -> Refused | None:
    """Wait until there is an update, the time is over, or another call takes this one's place."""
    if bot.webhook:
        return None
    _allow(bot, given)
    confirm(world, bot, given)
    seconds = given.bounded("timeout", 0, 0, LONGEST_POLL)
    if bot.poll:
        bot.poll.end(OTHER_POLL)
    if not seconds or bot.waiting(world.time()):
        return None
    waiting = bot.poll = Poll()
    try:
        await asyncio.wait_for(waiting.over(), seconds)
    except TimeoutError:
        return None
    finally:
        if bot.poll is waiting:
            bot.poll = None
    return conflict(waiting.broken_off) if waiting.broken_off else None


def confirm(world: World, bot: Bot, given: Arguments) -> None:
    """Forget what the caller says it has."""
    offset = given.integer("offset")
    waiting = bot.waiting(world.time())
    if offset > 0:
        bot.forget_before(offset)
    elif offset < 0 and len(waiting) > -offset:
        bot.forget_before(waiting[offset]["update_id"])


def set_webhook(world: World, bot: Bot, given: Arguments) -> Answer:
    """At most once a second and bot; without an address it deletes."""
    url = given.text("url")
    if not url:
        return delete_webhook(world, bot, given)
    now = world.time()
    if now < bot.webhook_may_be_set_at:
        raise too_many(1)
    bot.webhook_may_be_set_at = now + 1
    wanted = _webhook(url, given)
    if bot.webhook and not given.flag("drop_pending_updates") and _same(bot.webhook, wanted):
        _allow(bot, given)
        return done(True, "Webhook is already set")  # noqa: FBT003 - the API's own result
    _drop(bot, given)
    if bot.poll:
        bot.poll.end(WEBHOOK_CAME)
    bot.webhook = None  # as the reference server: an address that is refused leaves none
    _check(wanted)
    bot.webhook = wanted
    _allow(bot, given)
    return done(True, "Webhook was set")  # noqa: FBT003


def delete_webhook(_: World, bot: Bot, given: Arguments) -> Answer:
    """Back to getUpdates."""
    had, bot.webhook = bot.webhook, None
    _drop(bot, given)
    return done(True, "Webhook was deleted" if had else "Webhook is already deleted")  # noqa: FBT003


def get_webhook_info(world: World, bot: Bot, _: Arguments) -> Answer:
    """Where the updates go, how many wait, and what went wrong last."""
    webhook = bot.webhook or Webhook("")
    told = {**webhook.info(), "pending_update_count": len(bot.waiting(world.time()))}
    if not bot.webhook:
        del told["max_connections"]
    return done({**told, **({"allowed_updates": bot.allowed} if bot.allowed else {})})


def _webhook(url: str, given: Arguments) -> Webhook:
    connections = given.bounded("max_connections", 40, 1, MOST_CONNECTIONS)
    return Webhook(url, given.text("secret_token"), connections, given.text("ip_address"))


def _same(one: Webhook, other: Webhook) -> bool:
    return (one.url, one.secret_token, one.max_connections, one.ip_address) == (
        other.url, other.secret_token, other.max_connections, other.ip_address,
    )  # fmt: skip


def _check(webhook: Webhook) -> None:
    parts = _split(webhook.url if "://" in webhook.url else f"https://{webhook.url}")
    if len(webhook.secret_token) > LONGEST_SECRET:
        raise bad("secret token is too long")
    if not _SECRET.fullmatch(webhook.secret_token):
        raise bad("secret token contains unallowed characters")
    if parts.scheme != "https":
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if (parts.port or 443) not in PORTS:
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if _is_reserved(parts.hostname or ""):
        raise bad(f"bad webhook: IP address {parts.hostname} is reserved")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise bad("invalid webhook URL specified") from None
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise bad("invalid webhook URL specified")
    return parts


def _is_reserved(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False


def _allow(bot: Bot, given: Arguments) -> None:
    """A list persists until another is given; an empty one means the usual kinds."""
    wanted = given.value("allowed_updates")
    if isinstance(wanted, list):
        bot.allowed = [kind for kind in wanted if isinstance(kind, str)]


def _drop(bot: Bot, given: Arguments) -> None:
    if given.flag("drop_pending_updates"):
        bot.updates.clear()
