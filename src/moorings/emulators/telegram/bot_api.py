"""The Bot API itself: a token in the path, a method's name in any case, GET and POST alike."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus

from moorings.emulators.arguments import Arguments, arguments
from moorings.emulators.contract import Answer, Call, Outbound
from moorings.emulators.telegram import managed, messages, updates
from moorings.emulators.telegram.answers import DEAD, NO_METHOD, UNKNOWN, Refused, done
from moorings.emulators.telegram.deliveries import deliver
from moorings.emulators.telegram.people import People
from moorings.emulators.telegram.world import TOKEN, Bot, World

ID = "telegram"
Method = Callable[[World, Bot, Arguments], Answer]

_SHOWN = re.compile(r"/bot(?P<token>[^/]+)/(?P<method>\w+)")
_WELL_FORMED = re.compile(r"[1-9][0-9]{4,15}:[A-Za-z0-9_-]{30,64}")


def get_me(_: World, bot: Bot, __: Arguments) -> Answer:
    """Who the token belongs to."""
    return done(bot.myself())


METHODS: Mapping[str, Method] = {
    "getme": get_me,
    "getupdates": updates.get_updates,
    "setwebhook": updates.set_webhook,
    "deletewebhook": updates.delete_webhook,
    "getwebhookinfo": updates.get_webhook_info,
    "getmanagedbottoken": managed.get_token,
    "replacemanagedbottoken": managed.replace_token,
    "getmanagedbotaccesssettings": managed.get_access,
    "setmanagedbotaccesssettings": managed.set_access,
    "sendmessage": messages.send_message,
    "editmessagetext": messages.edit_message_text,
    "deletemessage": messages.delete_message,
    "sendphoto": messages.send_photo,
    "senddocument": messages.send_document,
    "sendchataction": messages.send_chat_action,
    "getchat": messages.get_chat,
    "setmycommands": messages.set_my_commands,
    "getmycommands": messages.get_my_commands,
}


class Telegram:
    """Accepts the tokens of living bots; a dead one is refused with 401, one of another form with 404.

    `now` tells the time in seconds since 1970.
    """

    integration_id = ID

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self.reset()

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"botToken": TOKEN}

    def reset(self) -> None:
        """Everything as it was in the beginning."""
        self.world = World(self._now)
        self._people = People(self.world)

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        named = self._named(call)
        if isinstance(named, Answer):
            return named
        bot, name = named
        if name not in METHODS:
            return NO_METHOD
        try:
            answer = METHODS[name](self.world, bot, arguments(call))
        except Refused as error:
            return error.answer
        return replace(answer, then=self._deliver) if any(self.world.due()) else answer

    async def wait(self, call: Call) -> Answer | None:
        """See `Patient.wait`: only getUpdates lets wait."""
        named = self._named(call)
        if isinstance(named, Answer) or named[1] != "getupdates":
            return None
        broken_off = await updates.poll(self.world, named[0], arguments(call))
        return broken_off.answer if broken_off else None

    def play(self, call: Call) -> Answer:
        """See `Playable.play`."""
        return Answer(HTTPStatus.OK, self._people.play(call), then=self._deliver)

    async def _deliver(self, outbound: Outbound) -> None:
        await deliver(self.world, outbound)

    def _named(self, call: Call) -> Answer | tuple[Bot, str]:
        shown = _SHOWN.fullmatch(call.path)
        if shown is None or not _WELL_FORMED.fullmatch(shown["token"]):
            return UNKNOWN
        bot = self.world.by_token(shown["token"])
        return DEAD if bot is None else (bot, shown["method"].lower())


EMULATOR = Telegram()
