"""The methods that a bot calls: messages, reactions, conversations, people, files."""

import re
from typing import Any

from moorings.emulators.arguments import Arguments
from moorings.emulators.contract import Answer
from moorings.emulators.slack.answers import Json, Refused, done
from moorings.emulators.slack.apps import Grant
from moorings.emulators.slack.paging import page
from moorings.emulators.slack.workspace import Channel, Workspace

LONGEST_TEXT, MOST_BLOCKS = 40_000, 50
_EMOJI = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")


def post_message(workspace: Workspace, grant: Grant, given: Arguments) -> Answer:
    """Text, blocks or both, into a channel, a direct message or a thread."""
    channel = _writable(workspace, grant, given)
    thread = {"thread_ts": given.text("thread_ts")} if given.text("thread_ts") else {}
    message = workspace.post(channel, grant.app, {**_content(given), **thread})
    return done(channel=channel.id, ts=message["ts"], message=message)


def update(workspace: Workspace, grant: Grant, given: Arguments) -> Answer:
    """Its own messages alone."""
    channel, message = _own(workspace, grant, given, "cant_update_message")
    message |= {**_content(given), "edited": {"user": grant.app.bot_user_id, "ts": message["ts"]}}
    return done(channel=channel.id, ts=message["ts"], text=message["text"], message=_changed(message))


def delete(workspace: Workspace, grant: Grant, given: Arguments) -> Answer:
    """Its own messages alone."""
    channel, message = _own(workspace, grant, given, "cant_delete_message")
    del channel.messages[message["ts"]]
    return done(channel=channel.id, ts=message["ts"])


def add_reaction(workspace: Workspace, grant: Grant, given: Arguments) -> Answer:
    """Each emoji once."""
    channel, name = _readable(workspace, grant, given), given.text("name").strip(":")
    if not _EMOJI.fullmatch(name):
        raise Refused("invalid_name")
    if not given.text("timestamp"):
        raise Refused("no_item_specified")
    message = channel.messages.get(given.text("timestamp"))
    if message is None:
        raise Refused("message_not_found")
    users = message.setdefault("reactions", {}).setdefault(name, [])
    if grant.app.bot_user_id in users:
        raise Refused("already_reacted")
    users.append(grant.app.bot_user_id)
    return done()


def list_conversations(workspace: Workspace, grant: Grant, given: Arguments) -> Answer:
    """Public channels unless other kinds are asked for; private ones that the bot is in."""
    kinds = (given.text("types") or "public_channel").split(",")
    found = [
        channel.shown(grant.app)
        for channel in workspace.channels.values()
        if channel.kind in kinds
        and (channel.kind == "public_channel" or channel.holds(grant.app))
        and not (channel.is_archived and given.flag("exclude_archived"))
    ]
    channels, more = page(found, given, 100)
    return done(channels=channels, response_metadata=more)


def history(workspace: Workspace, grant: Grant, given: Arguments) -> Answer:
    """The channel's own messages, newest first."""
    found = [_shown(entry) for entry in _readable(workspace, grant, given).top() if _within(entry, given)]
    messages, more = page(found, given, 100)
    rest: Json = {"pin_count": 0, "channel_actions_ts": None, "channel_actions_count": 0}
    return done(messages=messages, **_has_more(more), **rest)


def replies(workspace: Workspace, grant: Grant, given: Arguments) -> Answer:
    """A thread, oldest first."""
    channel = _readable(workspace, grant, given)
    first = channel.messages.get(given.text("ts"))
    if first is None:
        raise Refused("thread_not_found")
    found = channel.thread(str(first.get("thread_ts", first["ts"])))
    messages, more = page([_shown(entry) for entry in found if _within(entry, given)], given, 1_000, 1_001)
    return done(messages=messages, **_has_more(more))


def list_users(workspace: Workspace, _: Grant, given: Arguments) -> Answer:
    """Everybody."""
    members, more = page([person.shown() for person in workspace.people.values()], given, 999)
    return done(members=members, cache_ts=1763899200, response_metadata=more)


def lookup_by_email(workspace: Workspace, _: Grant, given: Arguments) -> Answer:
    """Somebody with this address."""
    person = workspace.by_email(given.text("email"))
    if person is None:
        raise Refused("users_not_found")
    return done(user=person.shown())


def _content(given: Arguments) -> Json:
    text, blocks = given.text("text"), given.value("blocks") if given.text("blocks") else None
    if not text and not blocks:
        raise Refused("no_text")
    if len(text) > LONGEST_TEXT:
        raise Refused("msg_too_long")
    if given.text("blocks") and not _are_blocks(blocks):
        raise Refused("invalid_blocks")
    return {"text": text, **({"blocks": blocks} if blocks else {})}


def _are_blocks(blocks: Any) -> bool:
    several = isinstance(blocks, list) and 0 < len(blocks) <= MOST_BLOCKS
    return several and all(isinstance(block, dict) and block.get("type") for block in blocks)


def _changed(message: Json) -> Json:
    return {name: message[name] for name in ("text", "blocks") if name in message}


def _own(workspace: Workspace, grant: Grant, given: Arguments, error: str) -> tuple[Channel, Json]:
    channel = _readable(workspace, grant, given)
    message = channel.messages.get(given.text("ts"))
    if message is None:
        raise Refused("message_not_found")
    if message.get("bot_id") != grant.app.bot_id:
        raise Refused(error)
    return channel, message


def _writable(workspace: Workspace, grant: Grant, given: Arguments) -> Channel:
    channel = _readable(workspace, grant, given)
    if channel.is_archived:
        raise Refused("is_archived")
    return channel


def _readable(workspace: Workspace, grant: Grant, given: Arguments) -> Channel:
    channel = workspace.channel(given.text("channel"))
    if channel is None or (channel.is_private and not channel.holds(grant.app)):
        raise Refused("channel_not_found")
    if not channel.holds(grant.app):
        raise Refused("not_in_channel")
    return channel


def _within(message: Json, given: Arguments) -> bool:
    ts, oldest, latest = float(message["ts"]), _moment(given, "oldest"), _moment(given, "latest")
    if given.flag("inclusive"):
        return (oldest is None or ts >= oldest) and (latest is None or ts <= latest)
    return (oldest is None or ts > oldest) and (latest is None or ts < latest)


def _moment(given: Arguments, name: str) -> float | None:
    try:
        return float(given.text(name)) if given.text(name) else None
    except ValueError:
        raise Refused(f"invalid_ts_{name}") from None


def _shown(message: Json) -> Json:
    reactions = [
        {"name": name, "users": users, "count": len(users)} for name, users in message.get("reactions", {}).items()
    ]
    return {**message, **({"reactions": reactions} if reactions else {})}


def _has_more(more: Json) -> Json:
    return {"has_more": True, "response_metadata": more} if more["next_cursor"] else {"has_more": False}
