"""What people do in the workspace and in the app's settings, as forms of the control path."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from moorings.emulators.slack.apps import TOKEN
from moorings.emulators.slack.events import Manner
from moorings.emulators.slack.workspace import ALEX, GENERAL

FIRST_APP = "A0EMULATED"


class Deed(BaseModel):
    """One deed, by default with the app that is there from the beginning; names are camelCase."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, hide_input_in_errors=True, strict=True
    )

    app: str = FIRST_APP


class Sent(Deed):
    """Something that the app hears of: at `url` instead of its own address, in another `manner`, so many `times`."""

    url: str | None = None
    manner: Annotated[Manner, Field(strict=False)] = Manner.USUAL
    times: Annotated[int, Field(ge=1, le=1000)] = 1


class Write(Sent):
    """A person writes in a channel or, with the bot's own name as the channel, to the bot alone."""

    text: Annotated[str, Field(min_length=1)]
    channel: str = GENERAL
    user: str = ALEX
    thread_ts: str | None = None


class Command(Sent):
    """A person types a slash command of the app."""

    command: Annotated[str, Field(pattern=r"^/\S{1,31}$")]
    text: str = ""
    channel: str = GENERAL
    user: str = ALEX


class Press(Sent):
    """A person presses a button in a message of the app."""

    action_id: str = "approve"
    value: str = ""
    channel: str = GENERAL
    user: str = ALEX
    ts: str | None = None


class Event(Sent):
    """Anything else happens."""

    event: dict[str, Any]


class CreateApp(Deed):
    """A person pastes a manifest into Slack's page and installs the app."""

    manifest: dict[str, Any]
    team: str = "T0EMULATED"


class RequestUrl(Deed):
    """A person saves the address for events, and Slack asks it for the challenge."""

    url: str | None = None


class Token(Deed):
    """A token gets a word instead of an answer from now on; without a word it is good again."""

    token: str = TOKEN
    error: str | None = None


class Membership(Deed):
    """Somebody lets the bot into a channel, or out."""

    channel: str
    member: bool = True


class Rotation(Deed):
    """A person turns token rotation on; it cannot be turned off."""


class Clock(Deed):
    """Time passes, all at once."""

    ahead_seconds: Annotated[float, Field(ge=0)]
