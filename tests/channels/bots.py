"""Telegram as these tests see it: bots as @BotFather makes them, with tokens that show where they leak."""

import itertools
from dataclasses import dataclass, field
from typing import Any

from moorings.emulators.telegram import Telegram
from moorings.emulators.telegram.deeds import OpenLink
from moorings.emulators.telegram.world import ALEX, MANAGER_TOKEN, Bot
from tests.http.judge import CANARY

_numbers = itertools.count(1)


@dataclass
class BotFather:
    """The stand-in and its address."""

    telegram: Telegram
    url: str
    made: list[Bot] = field(default_factory=list)

    def bot(self) -> Bot:
        """A new bot of Alex's."""
        number = next(_numbers)
        bot = self.telegram.world.create("Helper", f"helper_{number}_bot", self.telegram.world.person(ALEX), None)
        bot.token = f"{bot.id}:{CANARY}-{number:030d}"
        return bot

    def kill(self, bot: Bot) -> None:
        """Its owner revokes its token."""
        self.telegram.world.replace_token(bot)

    @property
    def manager(self) -> Bot:
        """The operator's bot, which manages others."""
        found = self.telegram.world.by_token(MANAGER_TOKEN)
        assert found is not None
        return found

    def opened(self, link: str, username: str | None = None, name: str | None = None) -> Bot:
        """A person opens a link and makes the bot, as suggested or under names of their own."""
        made = self.telegram._people.open_link(OpenLink(link=link, username=username, name=name))
        bot = self.telegram.world.bots[made["id"]]
        bot.token = f"{bot.id}:{CANARY}-{next(_numbers):030d}"
        return bot

    @property
    def told(self) -> dict[str, Any]:
        """What the managing bot heard last."""
        assert self.manager.last is not None
        return self.manager.last
