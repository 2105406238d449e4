"""The arguments of a call: in the query, a form, parts or JSON, and all of them texts until they are read."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import HTTP
from typing import Any, cast
from urllib.parse import parse_qsl

from moorings.emulators.contract import Call


@dataclass(frozen=True, slots=True)
class File:
    """A file that came as a part of the call."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Arguments:
    """Read leniently, as providers do: what is not a number counts as none."""

    texts: Mapping[str, str]
    files: Mapping[str, File]

    def text(self, name: str) -> str:
        """The text; empty where none was given."""
        return self.texts.get(name, "")

    def integer(self, name: str, default: int = 0) -> int:
        """The number; the default where there is none."""
        try:
            return int(self.texts[name])
        except (KeyError, ValueError):
            return default

    def bounded(self, name: str, default: int, least: int, most: int) -> int:
        """The number, moved to the nearer bound where it lies outside."""
        return min(max(self.integer(name, default), least), most)

    def flag(self, name: str) -> bool:
        """Whether it was given and means yes."""
        return self.text(name).lower() in ("true", "yes", "1")

    def value(self, name: str) -> Any:
        """JSON in a text; None where there is none."""
        try:
            return json.loads(self.text(name))
        except (ValueError, RecursionError):
            return None

    def file(self, name: str) -> File | None:
        """The part of this name, or the part that `attach://part` names."""
        return self.files.get(self.text(name).removeprefix("attach://")) or self.files.get(name)


def arguments(call: Call) -> Arguments:
    """Everything that a call says; the body wins over the query."""
    files: dict[str, File] = {}
    texts = {name: values[-1] for name, values in call.query.items()}
    match call.headers.get("content-type", "").partition(";")[0].strip().lower():
        case "application/json":
            texts |= dict(_json(call.json()))
        case "multipart/form-data":
            for name, part in _parts(call):
                if isinstance(part, File):
                    files[name] = part
                else:
                    texts[name] = part
        case "application/x-www-form-urlencoded":
            texts |= dict(parse_qsl(call.body.decode(errors="replace"), keep_blank_values=True))
    return Arguments({name: _whole(text) for name, text in texts.items()}, files)


def _whole(text: str) -> str:
    """Without halves of characters, which JSON may name and no answer can hold."""
    return text.encode(errors="replace").decode()


def _json(body: Any) -> Iterator[tuple[str, str]]:
    for name, value in body.items() if isinstance(body, dict) else ():
        if value is not None:
            yield name, value if isinstance(value, str) else json.dumps(value)


def _parts(call: Call) -> Iterator[tuple[str, str | File]]:
    head = f"Content-Type: {call.headers['content-type']}\r\n\r\n".encode("latin-1")
    for part in message_from_bytes(head + call.body, policy=HTTP).iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        content, filename = cast("bytes", part.get_payload(decode=True)), part.get_filename()
        if filename is None:
            yield name, content.decode(errors="replace")
        else:
            yield name, File(filename, part.get_content_type(), content)
