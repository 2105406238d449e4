"""Pages of a listing, turned by a cursor."""

import base64
from collections.abc import Sequence
from typing import Any

from moorings.emulators.arguments import Arguments
from moorings.emulators.slack.answers import Json, Refused

_OFFSET = "offset:"


def page(items: Sequence[Any], given: Arguments, usual: int, most: int = 1000) -> tuple[list[Any], Json]:
    """The items of one page, and the cursor of the next one, empty where there is none."""
    limit = given.integer("limit", usual)
    if not 0 < limit < most:
        raise Refused("invalid_limit")
    start = _read(given.text("cursor"))
    following = start + limit
    cursor = _written(following) if following < len(items) else ""
    return list(items[start:following]), {"next_cursor": cursor}


def _written(offset: int) -> str:
    return base64.urlsafe_b64encode(f"{_OFFSET}{offset}".encode()).decode()


def _read(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor).decode()
        return int(text.removeprefix(_OFFSET))
    except ValueError:
        raise Refused("invalid_cursor") from None
