"""The workspace: people, channels, messages and files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from moorings.emulators.slack.answers import Json
from moorings.emulators.slack.apps import App

ALEX, SAM, ROBIN = "U0123456789", "U0223456789", "U0323456789"
GENERAL, RANDOM, QUIET, CLOSED = "C0123456789", "C0223456789", "C0323456789", "C0423456789"
FOUNDED = 1763812800
FIRST_QUESTION, FIRST_ANSWER = "1763899100.000200", "1763899200.000100"


@dataclass(slots=True, eq=False)
class Person:
    """Somebody in the workspace."""

    id: str
    name: str
    real_name: str
    email: str

    def shown(self) -> Json:
        """As a user object."""
        words = {"real_name": self.real_name, "real_name_normalized": self.real_name, "display_name": self.name}
        empty = dict.fromkeys(("title", "phone", "skype", "status_text", "status_emoji"), "")
        profile = {**words, **empty, "display_name_normalized": self.name, "email": self.email, "team": "T0EMULATED"}
        return {
            "id": self.id, "team_id": "T0EMULATED", "name": self.name, "real_name": self.real_name, "deleted": False,
            "is_bot": False, "is_app_user": False, "updated": FOUNDED,
            "profile": {**profile, "avatar_hash": "0123456789ab", "fields": {}},
        }  # fmt: skip


@dataclass(slots=True, eq=False)
class Channel:
    """A channel or a direct message; `bots` are the bot users that are in it, None for every one."""

    id: str
    name: str
    is_private: bool = False
    is_archived: bool = False
    person: str | None = None
    bots: set[str] | None = None
    messages: dict[str, Json] = field(default_factory=dict)

    def holds(self, app: App) -> bool:
        """Whether the app's bot is a member."""
        return self.bots is None or app.bot_user_id in self.bots

    @property
    def kind(self) -> str:
        """As `types` names it."""
        return "im" if self.person else "private_channel" if self.is_private else "public_channel"

    @property
    def event_kind(self) -> str:
        """As events name it."""
        return "im" if self.person else "group" if self.is_private else "channel"

    def shown(self, app: App) -> Json:
        """As a conversation object."""
        if self.person:
            return {"id": self.id, "created": FOUNDED, "is_im": True, "is_org_shared": False, "user": self.person}
        told = {"creator": ALEX, "last_set": FOUNDED}
        no = ("is_group", "is_im", "is_mpim", "is_org_shared", "is_shared")
        return {
            "id": self.id, "name": self.name, "name_normalized": self.name, "created": FOUNDED, "creator": ALEX,
            "is_archived": self.is_archived, "is_channel": True, "is_general": self.id == GENERAL,
            "is_private": self.is_private, "is_member": self.holds(app), "num_members": 4, "previous_names": [],
            "topic": {"value": f"All of {self.name}", **told}, "purpose": {"value": "To be tried", **told},
            **dict.fromkeys(no, False),
        }  # fmt: skip

    def thread(self, ts: str) -> list[Json]:
        """The message and its answers, oldest first."""
        return [self.messages[key] for key in sorted(self.messages) if ts in (key, self.messages[key].get("thread_ts"))]

    def top(self) -> Iterator[Json]:
        """What stands in the channel itself, newest first."""
        for ts in sorted(self.messages, reverse=True):
            message = self.messages[ts]
            if message.get("thread_ts") in (None, ts):
                answers = len(self.thread(ts)) - 1
                yield {**message, "thread_ts": ts, "reply_count": answers} if answers else message


@dataclass(slots=True, eq=False)
class Upload:
    """A file on its way."""

    id: str
    filename: str
    length: int
    content: bytes | None = None


class Workspace:
    """Three people, four channels, and what is written there; `now` tells the time in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now, self._last, self._serial = now, 0, 0
        people = (
            Person(ALEX, "alex", "Alex Example", "alex@example.com"),
            Person(SAM, "sam", "Sam Example", "sam@example.com"),
            Person(ROBIN, "robin", "Robin Example", "robin@example.com"),
        )
        channels = (
            Channel(GENERAL, "general"), Channel(RANDOM, "random"), Channel(QUIET, "quiet", bots=set()),
            Channel(CLOSED, "harbour-masters", is_private=True),
        )  # fmt: skip
        self.people = {person.id: person for person in people}
        self.channels = {channel.id: channel for channel in channels}
        self.uploads: dict[str, Upload] = {}

    def begin(self, app: App) -> None:
        """A question and the bot's answer, so that there is something to read."""
        messages = self.channels[GENERAL].messages
        asked = {"type": "message", "user": ALEX, "text": "Is the build done?", "ts": FIRST_QUESTION}
        messages[FIRST_QUESTION] = asked
        answered = {**self._of_bot(app), "text": "The build is done.", "ts": FIRST_ANSWER}
        messages[FIRST_ANSWER] = {**answered, "thread_ts": FIRST_QUESTION, "parent_user_id": ALEX}

    def channel(self, named: str) -> Channel | None:
        """By id, by name, or the direct message with a person."""
        if named in self.people:
            return self.direct(named)
        wanted = named.removeprefix("#")
        return self.channels.get(named) or next((one for one in self.channels.values() if one.name == wanted), None)

    def direct(self, person: str) -> Channel:
        """The direct message with somebody, opened where there is none."""
        return self.channels.setdefault(f"D{person[1:]}", Channel(f"D{person[1:]}", "", person=person))

    def by_email(self, address: str) -> Person | None:
        """Somebody with this address."""
        return next((person for person in self.people.values() if person.email == address.lower()), None)

    def post(self, channel: Channel, app: App, content: Json) -> Json:
        """A message of the app's bot, kept."""
        return self._kept(channel, {**self._of_bot(app), **content})

    def write(self, channel: Channel, person: str, content: Json) -> Json:
        """A message of a person, kept."""
        return self._kept(channel, {"type": "message", "user": person, **content})

    def upload(self, filename: str, length: int) -> Upload:
        """A place for a file."""
        self._serial += 1
        upload = Upload(f"F{self._serial:010d}", filename, length)
        self.uploads[upload.id] = upload
        return upload

    def _of_bot(self, app: App) -> Json:
        return {"type": "message", "user": app.bot_user_id, "bot_id": app.bot_id, "team": app.team_id}

    def _kept(self, channel: Channel, message: Json) -> Json:
        self._last = max(self._last + 1, int(self._now() * 1_000_000))
        ts = f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"
        channel.messages[ts] = {**message, "ts": ts}
        return channel.messages[ts]
