"""What a bot writes: texts, photos, documents, and what becomes of them."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from moorings.emulators.arguments import Arguments, File
from moorings.emulators.contract import Answer
from moorings.emulators.telegram.answers import bad, done, forbidden
from moorings.emulators.telegram.world import Bot, Json, Person, World

LONGEST_TEXT, LONGEST_CAPTION, MOST_COMMANDS = 4096, 1024, 100
MODES = frozenset({"", "markdown", "markdownv2", "html"})
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")


def send_message(world: World, bot: Bot, given: Arguments) -> Answer:
    """A text to somebody."""
    person = _reader(world, bot, given)
    text = _text(given, "text", LONGEST_TEXT)
    if not text:
        raise bad("message text is empty")
    return done(dict(world.written(bot, person.chat(), {**_reply(bot, person, given), "text": text})))


def edit_message_text(world: World, bot: Bot, given: Arguments) -> Answer:
    """Another text for a message of its own."""
    message = _message(world, bot, given, "message to edit not found")
    text = _text(given, "text", LONGEST_TEXT)
    if not text:
        raise bad("message text is empty")
    if message["from"]["id"] != bot.id or "text" not in message:
        raise bad("message can't be edited")
    if message["text"] == text:
        raise bad(
            "message is not modified: specified new message content and reply markup are exactly the same as a "
            "current content and reply markup of the message"
        )
    message |= {"text": text, "edit_date": int(world.time())}
    return done(dict(message))


def delete_message(world: World, bot: Bot, given: Arguments) -> Answer:
    """Gone for both."""
    message = _message(world, bot, given, "message to delete not found")
    del bot.messages[message["chat"]["id"]][message["message_id"]]
    return done(True)  # noqa: FBT003 - the API's own result


def send_photo(world: World, bot: Bot, given: Arguments) -> Answer:
    """A photo that comes with the call, lies at an address, or is here already."""

    def photo(file: Json) -> Json:
        return {"photo": [{**file, "width": 90, "height": 60}]}

    return _send_file(world, bot, given, "photo", photo)


def send_document(world: World, bot: Bot, given: Arguments) -> Answer:
    """A file that comes with the call, lies at an address, or is here already."""

    def document(file: Json) -> Json:
        return {"document": {**file, **world.files[file["file_id"]]}}

    return _send_file(world, bot, given, "document", document)


def get_chat(world: World, bot: Bot, given: Arguments) -> Answer:
    """What is known of somebody the bot may write to."""
    person = _known(world, bot, given)
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    more = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(gifts, True)}
    return done({**person.chat(), **more})


def set_my_commands(_: World, bot: Bot, given: Arguments) -> Answer:
    """All commands at once, for everybody or for one language."""
    commands = given.value("commands") if given.text("commands") else []
    if not isinstance(commands, list):
        raise bad("expected an Array of BotCommand")
    if len(commands) > MOST_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    bot.commands[given.text("language_code")] = [_command(entry) for entry in commands]
    return done(True)  # noqa: FBT003


def get_my_commands(_: World, bot: Bot, given: Arguments) -> Answer:
    """The commands, none where none were set."""
    return done(bot.commands.get(given.text("language_code"), []))


def send_chat_action(world: World, bot: Bot, given: Arguments) -> Answer:
    """Such as that it is typing."""
    _reader(world, bot, given)
    if not given.text("action"):
        raise bad("wrong parameter action in request")
    return done(True)  # noqa: FBT003


def _send_file(world: World, bot: Bot, given: Arguments, kind: str, content: Callable[[Json], Json]) -> Answer:
    person = _reader(world, bot, given)
    file = _file(world, given, kind)
    caption = _text(given, "caption", LONGEST_CAPTION)
    words = {"caption": caption} if caption else {}
    sent = {**_reply(bot, person, given), **content(file), **words}
    return done(dict(world.written(bot, person.chat(), sent)))


def _file(world: World, given: Arguments, kind: str) -> Json:
    sent, named = given.file(kind), given.text(kind)
    if sent:
        return _kept(world, kind, sent)
    if not named:
        raise bad(f"there is no {kind} in the request")
    if named in world.files:
        return {"file_id": named, "file_unique_id": f"unique-{named}", "file_size": 1234}
    if urlsplit(named).scheme in ("http", "https") and "." in (urlsplit(named).hostname or ""):
        return _kept(world, kind, File(urlsplit(named).path.rpartition("/")[2] or "file", _kind(named), b" " * 1234))
    raise bad("wrong file identifier/HTTP URL specified")


def _kept(world: World, kind: str, file: File) -> Json:
    if not file.content:
        raise bad("file must be non-empty")
    file_id = f"emulated-{kind}-{world.serial():08d}"
    world.files[file_id] = {"file_name": file.name, "mime_type": file.kind}
    return {"file_id": file_id, "file_unique_id": f"unique-{file_id}", "file_size": len(file.content)}


def _kind(address: str) -> str:
    return "application/zip" if address.endswith(".zip") else "application/pdf"


def _text(given: Arguments, name: str, longest: int) -> str:
    text = given.text(name).strip()
    if given.text("parse_mode").lower() not in MODES:
        raise bad("unsupported parse_mode")
    if len(text) > longest:
        raise bad("message is too long" if name == "text" else "message caption is too long")
    return text


def _reply(bot: Bot, person: Person, given: Arguments) -> dict[str, Any]:
    wished = given.value("reply_parameters")
    number = wished.get("message_id") if isinstance(wished, dict) else given.integer("reply_to_message_id") or None
    if number is None:
        return {}
    answered = bot.messages.get(person.id, {}).get(number)
    if answered is None:
        raise bad("message to be replied not found")
    return {"reply_to_message": {name: part for name, part in answered.items() if name != "reply_to_message"}}


def _message(world: World, bot: Bot, given: Arguments, absent: str) -> Json:
    number = given.integer("message_id")
    if not number:
        raise bad("message identifier is not specified")
    person = _known(world, bot, given)
    message = bot.messages.get(person.id, {}).get(number)
    if message is None:
        raise bad(absent)
    return message


def _reader(world: World, bot: Bot, given: Arguments) -> Person:
    person = _known(world, bot, given)
    if bot.id in person.blocks:
        raise forbidden("bot was blocked by the user")
    return person


def _known(world: World, bot: Bot, given: Arguments) -> Person:
    """Somebody who has written to the bot before; it cannot begin."""
    wanted = given.text("chat_id")
    if not wanted:
        raise bad("chat_id is empty")
    person = world.people.get(given.integer("chat_id"))
    if person is None or person.id not in bot.messages:
        raise bad("chat not found")
    return person


def _command(entry: Any) -> Json:
    command = entry.get("command") if isinstance(entry, dict) else None
    if not isinstance(command, str) or not _COMMAND.fullmatch(command.removeprefix("/")):
        raise bad("BOT_COMMAND_INVALID")
    if not entry.get("description"):
        raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": command.removeprefix("/"), "description": entry["description"]}
