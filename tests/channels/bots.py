"""Telegram as these tests see it: bots as @BotFather makes them, with tokens that show where they leak."""

import itertools
from dataclasses import dataclass, field

from moorings.emulators.telegram import Telegram
from moorings.emulators.telegram.world import ALEX, Bot
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
