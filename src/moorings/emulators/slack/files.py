"""Uploads in three steps: an address for the file, the file, and where it is shared."""

from http import HTTPStatus
from typing import Any

from moorings.emulators.arguments import Arguments, arguments
from moorings.emulators.contract import Answer, Call
from moorings.emulators.slack.answers import Json, Refused, done
from moorings.emulators.slack.apps import Grant
from moorings.emulators.slack.workspace import Channel, Upload, Workspace

HOST = "files.slack.com"
PATH = f"/@{HOST}/upload/v1/"


def upload_url(workspace: Workspace, given: Arguments, call: Call) -> Answer:
    """The address, at Slack's own host or below the one where this stand-in was asked."""
    filename, length = given.text("filename"), given.integer("length")
    if not filename or length <= 0:
        raise Refused("invalid_arguments")
    upload, host = workspace.upload(filename, length), call.headers.get("host")
    base = f"http://{host}/slack{PATH}" if host else f"https://{HOST}/upload/v1/"
    return done(upload_url=f"{base}{upload.id}", file_id=upload.id)


def take(workspace: Workspace, call: Call) -> Answer:
    """The file itself, raw or as a part; no token is wanted here."""
    upload = workspace.uploads.get(call.path.removeprefix(PATH))
    files = list(arguments(call).files.values())
    content = files[0].content if files else call.body
    if upload is None or len(content) != upload.length:
        return Answer(HTTPStatus.BAD_REQUEST, b"Bad request", {"content-type": "text/plain"})
    upload.content = content
    return Answer(HTTPStatus.OK, f"OK - {len(content)}".encode(), {"content-type": "text/plain"})


def complete(workspace: Workspace, grant: Grant, given: Arguments) -> Answer:
    """Share what was uploaded, with a word beside it."""
    wanted = given.value("files")
    if not isinstance(wanted, list) or not wanted or not all(isinstance(entry, dict) for entry in wanted):
        raise Refused("invalid_arguments")
    uploads = [_uploaded(workspace, entry) for entry in wanted]
    shown = [{"id": upload.id, "title": entry.get("title") or upload.filename} for upload, entry in uploads]
    for named in _named(given):
        _share(workspace, grant, named, given, shown)
    return done(files=shown)


def _uploaded(workspace: Workspace, entry: Json) -> tuple[Upload, Json]:
    upload = workspace.uploads.get(str(entry.get("id")))
    if upload is None or upload.content is None:
        raise Refused("file_not_found")
    return upload, entry


def _named(given: Arguments) -> list[str]:
    names = given.text("channel_id") or given.text("channels")
    return [name for name in names.split(",") if name]


def _share(workspace: Workspace, grant: Grant, named: str, given: Arguments, files: list[Any]) -> None:
    channel: Channel | None = workspace.channel(named)
    if channel is None:
        raise Refused("channel_not_found")
    if not channel.holds(grant.app):
        raise Refused("not_in_channel")
    thread = {"thread_ts": given.text("thread_ts")} if given.text("thread_ts") else {}
    workspace.post(channel, grant.app, {"text": given.text("initial_comment"), "files": files, **thread})
