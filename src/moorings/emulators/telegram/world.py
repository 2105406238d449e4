"""Who and what there is: people, bots with their webhooks, updates and messages."""

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from moorings.emulators.telegram.answers import BOT

Json = dict[str, Any]

TOKEN = "7000000001:emulated-telegram-bot-token-00000000"
MANAGER_TOKEN = "7000000002:emulated-telegram-manager-token-0000"
ALEX = 123456789
FIRST_UPDATE, FIRST_MESSAGE, FIRST_BOT = 100000001, 42, 7000000101
KEPT_SECONDS = 24 * 60 * 60
"""How long an update waits to be fetched."""
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
USERNAME = re.compile(r"(?!.*__)[A-Za-z](?:[A-Za-z0-9_]{3,30})[A-Za-z0-9]")
RESERVED = ("admin", "telegram", "support", "security", "settings", "contacts", "service", "telegraph")


@dataclass(slots=True)
class Person:
    """Somebody with an account."""

    id: int
    first_name: str
    username: str | None = None
    blocks: set[int] = field(default_factory=set)

    def user(self) -> Json:
        """As a `User`."""
        named = {"username": self.username} if self.username else {}
        return {"id": self.id, "is_bot": False, "first_name": self.first_name, **named, "language_code": "en"}

    def chat(self) -> Json:
        """As the `Chat` that a bot has with them."""
        named = {"username": self.username} if self.username else {}
        return {"id": self.id, "first_name": self.first_name, **named, "type": "private"}


@dataclass(slots=True, eq=False)
class Webhook:
    """Where a bot's updates are sent; a new one takes the place of the old, also in the middle of its tries."""

    url: str
    secret_token: str = ""
    max_connections: int = 40
    ip_address: str = ""
    last_error: tuple[int, str] | None = None
    delivering: bool = False

    def info(self) -> Json:
        """What `getWebhookInfo` tells beside the count of waiting updates."""
        told: Json = {"url": self.url, "has_custom_certificate": False, "max_connections": self.max_connections}
        if self.ip_address:
            told["ip_address"] = self.ip_address
        if self.last_error:
            told["last_error_date"], told["last_error_message"] = self.last_error
        return told


@dataclass(slots=True, eq=False)
class Bot:
    """A bot and all that Telegram keeps of it."""

    id: int
    token: str
    name: str
    username: str
    owner_id: int
    manager_id: int | None = None
    manages: bool = False
    webhook: Webhook | None = None
    webhook_may_be_set_at: float = 0.0
    allowed: list[str] = field(default_factory=list)
    updates: list[tuple[float, Json]] = field(default_factory=list)
    next_update: int = FIRST_UPDATE
    last: Json | None = None
    messages: dict[int, dict[int, Json]] = field(default_factory=dict)
    next_message: int = FIRST_MESSAGE
    commands: dict[str, list[Json]] = field(default_factory=dict)
    restricted_to: list[int] | None = None
    poll: "Poll | None" = None

    def user(self) -> Json:
        """As a `User`, without what only `getMe` tells."""
        return {"id": self.id, "is_bot": True, "first_name": self.name, "username": self.username}

    def myself(self) -> Json:
        """As `getMe` tells it."""
        return {**BOT, **self.user(), "can_manage_bots": self.manages}

    def tell(self, kind: str, what: Json, now: float) -> Json | None:
        """A new update, unless the bot does not want to hear of its kind."""
        wanted = kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT
        if not wanted:
            return None
        update = {"update_id": self.next_update, kind: what}
        self.next_update += 1
        self.queue(update, now)
        return update

    def queue(self, update: Json, now: float) -> None:
        """Keep an update until it is fetched or delivered."""
        self.last = update
        self.updates.append((now, update))
        if self.poll:
            self.poll.end()

    def waiting(self, now: float) -> list[Json]:
        """The updates that were neither fetched nor delivered, and are not too old."""
        self.updates = [(since, update) for since, update in self.updates if since + KEPT_SECONDS > now]
        return [update for _, update in self.updates]

    def forget_before(self, update_id: int) -> None:
        """Drop the updates that were confirmed."""
        self.updates = [entry for entry in self.updates if entry[1]["update_id"] >= update_id]

    def forget(self, update: Json) -> None:
        """Drop the one that was delivered."""
        self.updates = [entry for entry in self.updates if entry[1] is not update]


class Poll:
    """A call that waits for updates; `broken_off` says why it gets none."""

    def __init__(self) -> None:
        self.broken_off: str | None = None
        self._over = asyncio.Event()

    def end(self, why: str | None = None) -> None:
        """Let it answer."""
        self.broken_off = why
        self._over.set()

    async def over(self) -> None:
        """Return when there is something to say."""
        await self._over.wait()


class World:
    """All bots and people; `now` tells the time in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.ahead = 0.0
        self._serial = 0
        self._next_bot = FIRST_BOT
        self.people = {ALEX: Person(ALEX, "Alex", "alex_example")}
        self.files: dict[str, Json] = {}
        self.bots: dict[int, Bot] = {}
        for bot in (
            Bot(BOT["id"], TOKEN, BOT["first_name"], BOT["username"], ALEX),
            Bot(7000000002, MANAGER_TOKEN, "Emulated manager", "emulated_manager_bot", ALEX, manages=True),
        ):
            self.bots[bot.id] = bot
            self.written(bot, self.people[ALEX].chat(), {"text": "The harbour is open."})

    def time(self) -> float:
        """Seconds since 1970, as far ahead as somebody wished."""
        return self.now() + self.ahead

    def by_token(self, token: str) -> Bot | None:
        """The bot of a living token."""
        return next((bot for bot in self.bots.values() if bot.token == token), None)

    def by_name(self, username: str) -> Bot | None:
        """The bot of a username, with or without its @."""
        wanted = username.removeprefix("@").lower()
        return next((bot for bot in self.bots.values() if bot.username.lower() == wanted), None)

    def is_taken(self, username: str) -> bool:
        """Whether somebody bears this name."""
        people = (person.username for person in self.people.values() if person.username)
        return self.by_name(username) is not None or username.lower() in {name.lower() for name in people}

    def person(self, person_id: int) -> Person:
        """Somebody, who signs up where nobody had this number."""
        return self.people.setdefault(person_id, Person(person_id, f"Person {person_id}"))

    def create(self, name: str, username: str, owner: Person, manager: Bot | None) -> Bot:
        """A new bot, as @BotFather or a managing bot makes it."""
        bot_id, self._next_bot = self._next_bot, self._next_bot + 1
        bot = Bot(bot_id, self._token(bot_id), name, username, owner.id, manager.id if manager else None)
        self.bots[bot.id] = bot
        return bot

    def replace_token(self, bot: Bot) -> str:
        """A new token; the old one is dead at once, and what hung on it is gone."""
        bot.token = self._token(bot.id)
        bot.webhook = None
        if bot.poll:
            bot.poll.end()
        return bot.token

    def announce(self, bot: Bot) -> None:
        """Tell the managing bot that this one was made, or that its token or owner is another."""
        manager = self.bots.get(bot.manager_id) if bot.manager_id else None
        if manager:
            told = {"user": self.person(bot.owner_id).user(), "bot": bot.user()}
            manager.tell("managed_bot", told, self.time())

    def written(self, bot: Bot, chat: Json, content: Json) -> Json:
        """A message of the bot in one of its chats, kept."""
        return self._kept(bot, chat, bot.user(), content)

    def received(self, bot: Bot, person: Person, content: Json) -> Json:
        """A message of a person to the bot, kept."""
        return self._kept(bot, person.chat(), person.user(), content)

    def serial(self) -> int:
        """The next number of what must be unlike all before."""
        self._serial += 1
        return self._serial

    def due(self) -> Iterator[tuple[Bot, Webhook]]:
        """Webhooks that have something to hear and are not being told already."""
        for bot in self.bots.values():
            if bot.webhook and not bot.webhook.delivering and bot.updates:
                yield bot, bot.webhook

    def _kept(self, bot: Bot, chat: Json, sender: Json, content: Json) -> Json:
        number, bot.next_message = bot.next_message, bot.next_message + 1
        message = {"message_id": number, "from": sender, "chat": chat, "date": int(self.time()), **content}
        bot.messages.setdefault(chat["id"], {})[number] = message
        return message

    def _token(self, bot_id: int) -> str:
        return f"{bot_id}:emulated-telegram-token-{self.serial():016d}"
