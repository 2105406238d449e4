"""Answers that a client holds already need not be sent again, and large ones travel packed to who can unpack them."""

import gzip
import hashlib
import re
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
PACKED_FROM = 16_384
"""From how many bytes on an answer is packed; it holds no secret that its length could tell of."""

GZIP = b"\x1f\x8b"
FASTEST = 1
"""The tools of fifty integrations are 700 kB; five milliseconds of packing make a quarter of that."""

_GZIP = re.compile(r"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?P<quality>[01](?:\.\d{0,3})?)\s*)?(?=,|$)", re.IGNORECASE)


def kept(request: Request, visible: Visible, key: tuple[object, ...], render: Callable[[], bytes]) -> Response:
    """An answer made of a state: made once, kept as long as the state stands, 304 for who has it already."""
    state, packs = visible.state, _packs(request.headers.get("accept-encoding"))
    key = (visible.caller.environments, packs, *key)
    content = state.rendered.get(key)
    if content is None:
        body = _packed(render()) if packs else render()
        content = _tag(body) + body  # each form has a tag of its own (RFC 9110, 8.8.3)
        if len(state.rendered) < RENDERED_AT_MOST:
            state.rendered[key] = content
    return _answer(content[:TAG_LENGTH].decode(), content[TAG_LENGTH:], request.headers.get("if-none-match"))


def _answer(tag: str, body: bytes, held: str | None) -> Response:
    if _held(held, tag):
        response = Response(status_code=NOT_MODIFIED)
    else:
        response = json_answer(body)
        if body.startswith(GZIP):
            response.headers["Content-Encoding"] = "gzip"
    response.headers["ETag"] = tag
    # One address gives each key its own answer: shared caches must not keep it, and others must ask again.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Authorization, Accept-Encoding"
    return response


def _packs(accepted: str | None) -> bool:
    """Whether the client unpacks gzip; it may also say that it will not, by a quality of zero (RFC 9110, 12.5.3)."""
    found = _GZIP.search(accepted or "")
    return found is not None and float(found["quality"] or 1) > 0


def _packed(body: bytes) -> bytes:
    return body if len(body) < PACKED_FROM else gzip.compress(body, FASTEST, mtime=0)


def _held(header: str | None, tag: str) -> bool:
    """Whether If-None-Match names the tag; it compares weakly (RFC 9110, 13.1.2)."""
    if header is None or header == tag:
        return header is not None
    return any(part.strip().removeprefix("W/") in (tag, "*") for part in header.split(","))


def _tag(body: bytes) -> bytes:
    return b'"' + hashlib.sha256(body).hexdigest()[: TAG_LENGTH - 2].encode() + b'"'
