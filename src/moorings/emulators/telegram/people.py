"""Plays the people: they confirm or rename bots, write, hand over, revoke, block, or simply never answer."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from moorings.emulators.contract import Call
from moorings.emulators.script import read
from moorings.emulators.telegram import deeds
from moorings.emulators.telegram.world import RESERVED, USERNAME, Bot, Json, World
from moorings.errors import InvalidRequest, MethodNotAllowed, NotFound

LONGEST_NAME = 64
_LINK = re.compile(r"https://t\.me/newbot/(?P<manager>\w+)(/(?P<username>\w+))?/?(\?(?P<query>.*))?")


class People:
    """Everybody on Telegram's side; a deed that Telegram does not let them do is a 400 with Telegram's word for it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def play(self, call: Call) -> Json:
        """See `Playable.play`."""
        name = call.path.removeprefix("/")
        if name not in DEEDS:
            raise NotFound(f"Nobody does that here; there is {', '.join(DEEDS)}.")
        method, form, deed = DEEDS[name]
        if call.method != method:
            raise MethodNotAllowed(f"This path takes {method}.")
        return deed(self, read(form, call.body, "something that somebody does") if form else call)

    def bots(self, _: Call) -> Json:
        """Every bot there is."""
        return {"bots": [self._shown(bot) for bot in self._world.bots.values()]}

    def messages(self, call: Call) -> Json:
        """What was written in a bot's chats."""
        bot = self._bot(call.query.get("bot", [""])[0])
        return {"messages": [message for chat in bot.messages.values() for message in chat.values()]}

    def open_link(self, deed: deeds.OpenLink) -> Json:
        """See `OpenLink`."""
        link = _LINK.fullmatch(deed.link)
        if link is None:
            raise InvalidRequest("A link that asks for a bot is https://t.me/newbot/<manager>[/<username>][?name=...].")
        manager = self._world.by_name(link["manager"])
        if manager is None:
            raise InvalidRequest("MANAGER_INVALID")
        if not manager.manages:
            raise InvalidRequest("MANAGER_PERMISSION_MISSING")
        suggested = _suffixed(link["username"] or "")
        name = deed.name if deed.name is not None else parse_qs(link["query"] or "").get("name", ["New bot"])[0]
        username = deed.username if deed.username is not None else suggested
        self._check(name, username)
        bot = self._world.create(name, username, self._world.person(deed.person), manager)
        self._world.announce(bot)
        return self._shown(bot)

    def _check(self, name: str, username: str) -> None:
        if not 1 <= len(name) <= LONGEST_NAME:
            raise InvalidRequest("NAME_INVALID")
        if not USERNAME.fullmatch(username) or username.lower().startswith(RESERVED):
            raise InvalidRequest("USERNAME_INVALID")
        if not username.lower().endswith("bot"):
            raise InvalidRequest("USERNAME_SUFFIX_MISSING")
        if self._world.is_taken(username):
            raise InvalidRequest("USERNAME_OCCUPIED")

    def write(self, deed: deeds.Write) -> Json:
        """See `Write`."""
        bot, person = self._bot(deed.bot), self._world.person(deed.person)
        if bot.restricted_to is not None and person.id not in (bot.owner_id, *bot.restricted_to):
            raise InvalidRequest("This bot does not let the person write to it.")
        message = self._world.received(bot, person, {"text": deed.text})
        return self._heard(bot, "message", message)

    def update(self, deed: deeds.Update) -> Json:
        """See `Update`."""
        [(kind, what)] = deed.update.items()
        return self._heard(self._bot(deed.bot), kind, what)

    def _heard(self, bot: Bot, kind: str, what: Json) -> Json:
        return bot.tell(kind, what, self._world.time()) or {}

    def repeat(self, deed: deeds.OfBot) -> Json:
        """The last update comes once more."""
        bot = self._bot(deed.bot)
        if bot.last is None:
            raise InvalidRequest("This bot has heard nothing yet.")
        bot.queue(dict(bot.last), self._world.time())
        return bot.last

    def rename(self, deed: deeds.Rename) -> Json:
        """See `Rename`."""
        bot = self._bot(deed.bot)
        if deed.username is not None:
            self._check(deed.name or bot.name, deed.username)
        bot.name, bot.username = deed.name or bot.name, deed.username or bot.username
        return self._shown(bot)

    def hand_over(self, deed: deeds.HandOver) -> Json:
        """See `HandOver`."""
        bot = self._bot(deed.bot)
        bot.owner_id = self._world.person(deed.person).id
        self._world.announce(bot)
        return self._shown(bot)

    def revoke(self, deed: deeds.OfBot) -> Json:
        """The owner revokes the token."""
        bot = self._bot(deed.bot)
        self._world.replace_token(bot)
        self._world.announce(bot)
        return self._shown(bot)

    def management(self, deed: deeds.Management) -> Json:
        """See `Management`."""
        bot = self._bot(deed.bot)
        bot.manages = deed.on
        return self._shown(bot)

    def block(self, deed: deeds.Block) -> Json:
        """See `Block`."""
        bot, person = self._bot(deed.bot), self._world.person(deed.person)
        (person.blocks.add if deed.blocked else person.blocks.discard)(bot.id)
        return self._shown(bot)

    def clock(self, deed: deeds.Clock) -> Json:
        """See `Clock`."""
        self._world.ahead = deed.ahead_seconds
        return {"now": int(self._world.time())}

    def _bot(self, named: str | int) -> Bot:
        text = str(named)
        bot = self._world.bots.get(int(text)) if text.isascii() and text.isdigit() else self._world.by_name(text)
        if bot is None:
            raise NotFound("There is no such bot; GET bots lists them.")
        return bot

    def _shown(self, bot: Bot) -> Json:
        return {
            "id": bot.id,
            "username": bot.username,
            "name": bot.name,
            "token": bot.token,
            "ownerId": bot.owner_id,
            "managerId": bot.manager_id,
            "canManageBots": bot.manages,
            "webhook": bot.webhook and bot.webhook.url,
            "pendingUpdates": len(bot.waiting(self._world.time())),
        }


def _suffixed(username: str) -> str:
    """As the apps write a suggestion that lacks its end."""
    return username if username.lower().endswith("bot") else f"{username}bot"


DEEDS: Mapping[str, tuple[str, type[deeds.Deed] | None, Callable[[People, Any], Json]]] = {
    "bots": ("GET", None, People.bots),
    "messages": ("GET", None, People.messages),
    "message": ("POST", deeds.Write, People.write),
    "open-link": ("POST", deeds.OpenLink, People.open_link),
    "rename": ("POST", deeds.Rename, People.rename),
    "owner": ("POST", deeds.HandOver, People.hand_over),
    "revoke": ("POST", deeds.OfBot, People.revoke),
    "management": ("POST", deeds.Management, People.management),
    "block": ("POST", deeds.Block, People.block),
    "update": ("POST", deeds.Update, People.update),
    "repeat": ("POST", deeds.OfBot, People.repeat),
    "clock": ("POST", deeds.Clock, People.clock),
}
