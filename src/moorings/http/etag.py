"""Answers that a client holds already need not be sent again."""

import hashlib
from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from moorings.http.calls import json_answer
from moorings.services.integrations import Visible

RENDERED_AT_MOST: Final = 32
"""How many different answers are kept for one state; a search text can make any number of them."""

TAG_LENGTH = 43
NOT_MODIFIED = 304


def kept(request: Request, visible: Visible, key: tuple[object, ...], render: Callable[[], bytes]) -> Response:
    """An answer made of a state: made once, kept as long as the state stands, 304 for who has it already."""
    state, key = visible.state, (visible.caller.environments, *key)
    content = state.rendered.get(key)
    if content is None:
        content = _tag(body := render()) + body
        if len(state.rendered) < RENDERED_AT_MOST:
            state.rendered[key] = content
    tag = content[:TAG_LENGTH].decode()
    held = _held(request.headers.get("if-none-match"), tag)
    response = Response(status_code=NOT_MODIFIED) if held else json_answer(content[TAG_LENGTH:])
    response.headers["ETag"] = tag
    # One address gives each key its own answer: shared caches must not keep it, and others must ask again.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Authorization"
    return response


def _held(header: str | None, tag: str) -> bool:
    """Whether If-None-Match names the tag; it compares weakly (RFC 9110, 13.1.2)."""
    if header is None or header == tag:
        return header is not None
    return any(part.strip().removeprefix("W/") in (tag, "*") for part in header.split(","))


def _tag(body: bytes) -> bytes:
    return b'"' + hashlib.sha256(body).hexdigest()[: TAG_LENGTH - 2].encode() + b'"'
