"""What people do in Telegram and in @BotFather, as forms of the control path."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from moorings.emulators.telegram.world import ALEX

BotName = Annotated[str | int, Field(description="A bot's username or number.")]


class Deed(BaseModel):
    """One deed; names are camelCase."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, strict=True, hide_input_in_errors=True
    )


class OpenLink(Deed):
    """A person opens a link that asks for a bot, and confirms it: as suggested, or under names of their own."""

    link: str
    person: int = ALEX
    name: str | None = None
    username: str | None = None


class Write(Deed):
    """A person writes to a bot."""

    bot: BotName
    text: Annotated[str, Field(min_length=1)]
    person: int = ALEX


class Update(Deed):
    """Anything else happens that a bot hears of: `update` is its kind with what it holds, such as `callback_query`."""

    bot: BotName
    update: Annotated[dict[str, Any], Field(min_length=1, max_length=1)]


class OfBot(Deed):
    """Something happens to a bot."""

    bot: BotName


class Rename(OfBot):
    """Its owner names it anew in @BotFather; nobody is told."""

    name: str | None = None
    username: str | None = None


class HandOver(OfBot):
    """Its owner gives it to another person."""

    person: int


class Management(OfBot):
    """Its owner turns Bot Management Mode on or off."""

    on: bool


class Block(OfBot):
    """A person blocks it, or does so no longer."""

    person: int = ALEX
    blocked: bool = True


class Clock(Deed):
    """Time passes, all at once."""

    ahead_seconds: Annotated[float, Field(ge=0)]
