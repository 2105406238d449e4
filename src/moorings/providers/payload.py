"""Reads what a provider sends to us of its own accord."""

import json
from collections.abc import Mapping
from typing import Any, overload

from moorings.errors import InvalidBody


def read(body: bytes) -> Mapping[str, Any]:
    """The JSON object of a call; raises `InvalidBody`, without a word of what stood there."""
    try:
        found = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InvalidBody("A JSON object in UTF-8 is wanted as the body.")
    return found


def part(value: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """An object within an object; None where there is none."""
    found = value.get(name)
    return found if isinstance(found, dict) else None


def first_of(value: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """The first object of a list within an object; None where there is none."""
    found = value.get(name)
    return next((item for item in found if isinstance(item, dict)), None) if isinstance(found, list) else None


@overload
def text_at(value: Mapping[str, Any], *paths: str) -> str | None: ...
@overload
def text_at(value: Mapping[str, Any], *paths: str, default: str) -> str: ...
def text_at(value: Mapping[str, Any], *paths: str, default: str | None = None) -> str | None:
    """The text, or the number as text, at the first of these dotted paths where one stands."""
    for path in paths:
        found: Any = value
        for name in path.split("."):
            found = found.get(name) if isinstance(found, dict) else None
        if isinstance(found, str | int) and not isinstance(found, bool):
            return str(found)
    return default


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
