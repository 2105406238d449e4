"""Builds a provider's request from a declared form, with the encoding that each place needs."""

import base64
import binascii
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from moorings.domain.integration import CONTROL, Integration
from moorings.domain.request_form import Arrays, Encoding, RequestForm
from moorings.domain.secret import SecretFields
from moorings.errors import InvalidRequest

_TEMPLATE = re.compile(r"\{(\+?)([A-Za-z_][A-Za-z0-9_.-]*)\}")
_HOST_PART = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?")
_FIELDS = "fields."

Values = Mapping[str, Any]


class _Absent:
    """Marks a part whose value was not given; it disappears from the request."""


_ABSENT = _Absent()


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """A request ready to be sent; it holds the secret in the open and therefore does not print."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    hosts: frozenset[str] = frozenset()


def build(
    integration: Integration, form: RequestForm, fields: SecretFields, parameters: Values | None = None,
    upstream: str | None = None,
) -> PreparedRequest:  # fmt: skip
    """The request of a form for these credential fields and parameters.

    `upstream` replaces the integration's base address and with it the declared hosts: it is the operator's word.
    Raises `InvalidRequest` when a value would leave its place (a path segment `..`, a line break in a header).
    """
    values = {**(parameters or {}), **{_FIELDS + name: secret.reveal() for name, secret in fields.items()}}
    base = (upstream or _host_filled(integration.base_url, values)).rstrip("/")
    body, content_type = _body(form, values)
    headers = dict(_headers(integration, form, values))
    if content_type:
        headers["Content-Type"] = content_type
    url = base + _path(form.path, values) + _query(form, values)
    hosts = frozenset({urlsplit(base).hostname or ""}) if upstream else integration.hosts
    return PreparedRequest(form.method, url, headers, body, hosts)


def _path(template: str, values: Values) -> str:
    def fill(match: re.Match[str]) -> str:
        value = _text(_needed(values, match[2]))
        segments = value.split("/") if match[1] else [value]
        if any(segment in {".", ".."} for segment in segments):
            raise InvalidRequest(f"{match[2]} may not hold the path segments . or ..")
        return "/".join(quote(segment, safe="") for segment in segments)

    return _TEMPLATE.sub(fill, template)


def _host_filled(template: str, values: Values) -> str:
    def fill(match: re.Match[str]) -> str:
        value = _text(_needed(values, match[2]))
        if not _HOST_PART.fullmatch(value):
            raise InvalidRequest(f"{match[2].removeprefix(_FIELDS)} is not a part of a host name.")
        return value

    return _TEMPLATE.sub(fill, template)


def _headers(integration: Integration, form: RequestForm, values: Values) -> Iterator[tuple[str, str]]:
    auth = integration.auth
    declared = [*integration.headers.items(), *form.headers.items()]
    if form.authenticated:
        declared += auth.headers.items()
    for name, template in declared:
        value = _filled(template, values)
        if not isinstance(value, _Absent):
            yield name, _header_text(name, _text(value))
    if form.authenticated and auth.basic:
        pair = ":".join(_text(_filled(part, values)) for part in auth.basic)
        yield "Authorization", "Basic " + base64.b64encode(pair.encode()).decode()


def _header_text(name: str, value: str) -> str:
    if not value.isascii() or CONTROL.search(value):
        raise InvalidRequest(f"The value for the header {name} holds characters that a header cannot carry.")
    return value


def _query(form: RequestForm, values: Values) -> str:
    pairs = list(_pairs(_resolved(dict(form.query), values), form.arrays))
    return "?" + urlencode(pairs, quote_via=quote) if pairs else ""


def _body(form: RequestForm, values: Values) -> tuple[bytes | None, str | None]:
    if form.body is None:
        return None, None
    resolved = _resolved(form.body, values)
    if isinstance(resolved, _Absent):
        resolved = {}
    match form.encoding:
        case Encoding.JSON:
            return json.dumps(resolved, ensure_ascii=False).encode(), "application/json"
        case Encoding.FORM:
            pairs = list(_pairs(resolved, form.arrays))
            return urlencode(pairs).encode(), "application/x-www-form-urlencoded"
        case Encoding.MULTIPART:
            boundary = f"moorings-{secrets.token_hex(16)}"
            return _multipart(resolved, form.arrays, boundary), f"multipart/form-data; boundary={boundary}"


def _resolved(part: Any, values: Values) -> Any:
    """The same structure with its templates replaced and its absent parts gone."""
    if isinstance(part, str):
        return _whole(part, values)
    if isinstance(part, list | tuple):
        items = [_resolved(item, values) for item in part]
        return [item for item in items if not isinstance(item, _Absent)]
    if isinstance(part, dict):
        entries = {name: _resolved(value, values) for name, value in part.items()}
        kept = {name: value for name, value in entries.items() if not isinstance(value, _Absent)}
        return kept if kept or not part else _ABSENT
    return part


def _whole(template: str, values: Values) -> Any:
    match = _TEMPLATE.fullmatch(template)
    return template if match is None else values.get(match[2], _ABSENT)


def _filled(template: str, values: Values) -> str | _Absent:
    """Text with its templates replaced; absent as a whole when one of them is."""
    names = [match[2] for match in _TEMPLATE.finditer(template)]
    if any(name not in values for name in names):
        return _ABSENT
    return _TEMPLATE.sub(lambda match: _text(values[match[2]]), template)


def _pairs(part: Any, arrays: Arrays, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Names and values for a query or form; objects nest in brackets (`metadata[order]=1`)."""
    if part is None or isinstance(part, _Absent):  # a query and a form know no null: it is as good as absent
        return
    if isinstance(part, dict):
        for name, value in part.items():
            yield from _pairs(value, arrays, f"{prefix}[{name}]" if prefix else name)
    elif isinstance(part, list):
        yield from _listed(part, arrays, prefix)
    else:
        yield prefix, _text(part)


def _listed(items: list[Any], arrays: Arrays, prefix: str) -> Iterator[tuple[str, str]]:
    if arrays is Arrays.COMMA:
        yield prefix, ",".join(_text(item) for item in items)
        return
    for place, item in enumerate(items):
        if arrays is Arrays.REPEAT:
            yield from _pairs(item, arrays, prefix)
        else:
            yield from _pairs(item, arrays, f"{prefix}[{place}]" if isinstance(item, dict) else f"{prefix}[]")


def _multipart(resolved: Any, arrays: Arrays, boundary: str) -> bytes:
    parts = [_file_part(name, value) for name, value in resolved.items() if isinstance(value, dict)]
    plain = {name: value for name, value in resolved.items() if not isinstance(value, dict)}
    parts += [_text_part(name, value) for name, value in _pairs(plain, arrays)]
    return b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()


def _text_part(name: str, value: str) -> bytes:
    return f'Content-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n'.encode() + value.encode()


def _file_part(name: str, value: Mapping[str, Any]) -> bytes:
    """A file parameter is `{filename, contentType?, content}` with the content in base64."""
    try:
        content = base64.b64decode(value["content"], validate=True)
        filename = _quoted(value["filename"])
    except (KeyError, TypeError, binascii.Error):
        raise InvalidRequest(f"{name} is a file: give filename and content, the content in base64.") from None
    kind = _header_text("Content-Type", value.get("contentType", "application/octet-stream"))
    head = (
        f'Content-Disposition: form-data; name="{_quoted(name)}"; filename="{filename}"\r\nContent-Type: {kind}\r\n\r\n'
    )
    return head.encode() + content


def _quoted(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _needed(values: Values, name: str) -> Any:
    if name not in values or values[name] in (None, ""):
        raise InvalidRequest(f"{name.removeprefix(_FIELDS)} is needed for the request's address and is missing.")
    return values[name]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, dict | list) else str(value)
