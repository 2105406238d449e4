"""Telegram's Bot API, its people and @BotFather, as the published pages and the reference server describe them."""

from moorings.emulators.telegram.answers import SUBTLE
from moorings.emulators.telegram.bot_api import EMULATOR, Telegram

__all__ = ["EMULATOR", "SUBTLE", "Telegram"]
