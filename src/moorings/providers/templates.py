"""Replaces the templates of a declared request; see `moorings.domain.request_form` for what they look like."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from moorings.errors import InvalidRequest

Values = Mapping[str, Any]

FIELDS = "fields."
_NAME = r"[A-Za-z_][A-Za-z0-9_.-]*"
_TEMPLATE = re.compile(rf"\{{(\+?)({_NAME}(?:\|{_NAME})*)\}}")
_HOST_PART = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


class Absent:
    """Marks a part whose value was not given; it disappears from the request."""


ABSENT = Absent()


def resolved(part: Any, values: Values) -> Any:
    """The same structure with its templates replaced and its absent parts gone."""
    if isinstance(part, str):
        match = _TEMPLATE.fullmatch(part)
        return part if match is None else _value(match[2], values)
    if isinstance(part, list | tuple):
        items = [resolved(item, values) for item in part]
        return [item for item in items if not isinstance(item, Absent)]
    if isinstance(part, dict):
        entries = {name: resolved(value, values) for name, value in part.items()}
        kept = {name: value for name, value in entries.items() if not isinstance(value, Absent)}
        return kept if kept or not part else ABSENT
    return part


def filled(template: str, values: Values) -> str | Absent:
    """Text with its templates replaced; absent as a whole when one of them is."""
    found = [_value(match[2], values) for match in _TEMPLATE.finditer(template)]
    if any(value is None or isinstance(value, Absent) for value in found):
        return ABSENT
    return _TEMPLATE.sub(lambda match: text(_value(match[2], values)), template)


def path(template: str, values: Values) -> str:
    """A path in which every value is one segment; raises `InvalidRequest` for a value that would leave its place."""

    def fill(match: re.Match[str]) -> str:
        several = bool(match[1])
        value = text(_needed(match[2], values, may_be_empty=several))
        segments = value.split("/") if several else [value]
        if any(segment in {".", ".."} for segment in segments):
            raise InvalidRequest(f"{_shown(match[2])} may not hold the path segments . or ..")
        # A colon may stand in a segment (RFC 3986, 3.3), and it does in the tokens of Telegram's documented addresses.
        return "/".join(quote(segment, safe=":") for segment in segments)

    return _TEMPLATE.sub(fill, template)


def address(template: str, values: Values) -> str:
    """A base address; one that is wholly a template is an address itself, else values are parts of its host."""
    whole = _TEMPLATE.fullmatch(template)
    if whole:
        return text(_needed(whole[2], values))

    def fill(match: re.Match[str]) -> str:
        value = text(_needed(match[2], values))
        if not _HOST_PART.fullmatch(value):
            raise InvalidRequest(f"{_shown(match[2])} is not a part of a host name.")
        return value

    return _TEMPLATE.sub(fill, template)


def text(value: Any) -> str:
    """A value as it stands in an address, a header or a form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, dict | list) else str(value)


def _value(names: str, values: Values) -> Any:
    """The first of the alternatives that was given."""
    return next((values[name] for name in names.split("|") if name in values), ABSENT)


def _needed(names: str, values: Values, *, may_be_empty: bool = False) -> Any:
    value = _value(names, values)
    if may_be_empty and (isinstance(value, Absent) or value in (None, "")):
        return ""
    if isinstance(value, Absent) or value in (None, ""):
        raise InvalidRequest(f"{_shown(names)} is needed for the request's address and is missing.")
    return value


def _shown(names: str) -> str:
    return names.partition("|")[0].removeprefix(FIELDS)
