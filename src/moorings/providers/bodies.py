"""Writes a request's query and body in the encoding that its provider takes."""

import base64
import binascii
import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from moorings.domain.integration import CONTROL
from moorings.domain.request_form import Arrays, Encoding, RequestForm
from moorings.errors import InvalidRequest
from moorings.providers.templates import Absent, Values, resolved, text

Written = tuple[bytes | None, str | None]


def query(form: RequestForm, values: Values) -> str:
    """With its question mark; empty when nothing stands in it."""
    found = list(_pairs(resolved(dict(form.query), values), form.arrays))
    return "?" + urlencode(found, quote_via=quote) if found else ""


def body(form: RequestForm, values: Values) -> Written:
    """The bytes and their media type; None for both where the form has no body."""
    if form.body is None:
        return None, None
    content = resolved(form.body, values)
    if isinstance(content, Absent):
        content = {} if form.encoding in (Encoding.JSON, Encoding.FORM, Encoding.MULTIPART) else ""
    return _written(form, content)


def header(name: str, value: str) -> str:
    """The value, or `InvalidRequest` when a header cannot carry it."""
    if not value.isascii() or CONTROL.search(value) or value != value.strip(" "):
        raise InvalidRequest(
            f"The value for the header {name} holds characters that a header cannot carry, or a blank at an end."
        )
    return value


def _written(form: RequestForm, content: Any) -> Written:
    match form.encoding:
        case Encoding.JSON:
            return _json(content), "application/json"
        case Encoding.FORM:
            return urlencode(list(_pairs(content, form.arrays))).encode(), "application/x-www-form-urlencoded"
        case Encoding.MULTIPART:
            boundary = f"moorings-{secrets.token_hex(16)}"
            return _multipart(content, form.arrays, boundary), f"multipart/form-data; boundary={boundary}"
        case Encoding.NDJSON:
            return b"".join(_json(line) + b"\n" for line in content), "application/x-ndjson"
        case Encoding.TEXT:
            return text(content).encode(), "text/plain; charset=utf-8"
        case Encoding.BYTES:
            return decoded("The content", content), "application/octet-stream"


def _json(content: Any) -> bytes:
    try:
        return json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        raise InvalidRequest("JSON cannot carry a number that is not finite, nor half of a character.") from None


def _pairs(part: Any, arrays: Arrays, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Names and values for a query or form; objects nest in brackets (`metadata[order]=1`)."""
    if part is None or isinstance(part, Absent):  # a query and a form know no null: it is as good as absent
        return
    if isinstance(part, dict):
        for name, value in part.items():
            yield from _pairs(value, arrays, f"{prefix}[{name}]" if prefix else name)
    elif isinstance(part, list):
        yield from _listed(part, arrays, prefix)
    else:
        yield prefix, text(part)


def _listed(items: list[Any], arrays: Arrays, prefix: str) -> Iterator[tuple[str, str]]:
    if arrays is Arrays.COMMA:
        yield prefix, ",".join(text(item) for item in items)
        return
    for place, item in enumerate(items):
        if arrays is Arrays.REPEAT:
            yield from _pairs(item, arrays, prefix)
        else:
            yield from _pairs(item, arrays, f"{prefix}[{place}]" if isinstance(item, dict) else f"{prefix}[]")


def _multipart(content: Any, arrays: Arrays, boundary: str) -> bytes:
    parts = [_file_part(name, value) for name, value in content.items() if isinstance(value, dict)]
    plain = {name: value for name, value in content.items() if not isinstance(value, dict)}
    parts += [_text_part(name, value) for name, value in _pairs(plain, arrays)]
    return b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()


def _text_part(name: str, value: str) -> bytes:
    return f'Content-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n'.encode() + value.encode()


def _file_part(name: str, value: Mapping[str, Any]) -> bytes:
    """A file parameter is `{filename, contentType?, content}` with the content in base64."""
    try:
        content, filename = value["content"], _quoted(value["filename"])
    except (KeyError, AttributeError):
        raise InvalidRequest(f"{name} is a file: give filename and content, the content in base64.") from None
    kind = header("Content-Type", value.get("contentType", "application/octet-stream"))
    head = (
        f'Content-Disposition: form-data; name="{_quoted(name)}"; filename="{filename}"\r\nContent-Type: {kind}\r\n\r\n'
    )
    return head.encode() + decoded(name, content)


def decoded(name: str, content: Any) -> bytes:
    """The bytes of a parameter in base64; `InvalidRequest` where it is none."""
    try:
        return base64.b64decode(content, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise InvalidRequest(f"{name} is not base64.") from None


def _quoted(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
