"""Reads what a provider answered to a tool: JSON, text or bytes, and when it wants to be asked again."""

import asyncio
import base64
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from moorings.errors import ProviderFailed
from moorings.providers.scrubbing import Scrubber
from moorings.providers.transport import Reply

WORDS_AT_MOST = 4_000
"""How much of a refusal that is no JSON is told; the rest is a web page's."""
LARGE = 65_536
"""From how many bytes on an answer is looked over in a thread."""

T = TypeVar("T")

_SECONDS = re.compile(r"[0-9]{1,9}")
_TEXTS = ("text/", "application/xml", "application/x-ndjson", "application/jsonl", "application/csv")


async def aside(reply: Reply, look: Callable[[], T]) -> T:
    """What is made of an answer; of a large one in a thread, so that nobody else waits for it."""
    return look() if len(reply.body) < LARGE else await asyncio.to_thread(look)


def content(reply: Reply, scrubber: Scrubber, name: str, *, page: bool) -> Any:
    """A good answer: JSON as it is, text as text, anything else in base64 with its type; None for nothing.

    `page` says that a web page is what was asked for. Raises `ProviderFailed` for one that was not, and for JSON that
    is broken: it is not the provider that spoke, or not all of it.
    """
    kind = _kind(reply.headers)
    if reply.cut:
        return _cut(reply, scrubber, kind)
    if not reply.body:
        return None
    if _is_json(kind) or not kind:
        return _json(reply, scrubber, name)
    if kind == "text/html" and not page:
        raise ProviderFailed(f"{name} answered with a web page instead of data; try again later.")
    return _plain(reply, scrubber, kind)


def refusal(reply: Reply, scrubber: Scrubber) -> dict[str, Any]:
    """What a provider says when it does not do it: its status and its own words."""
    body = reply.json() if _is_json(_kind(reply.headers)) or reply.body[:1] in (b"{", b"[") else None
    words = scrubber.text(reply.body.decode(errors="replace"))[:WORDS_AT_MOST]
    answer: Any = words or None
    with suppress(ValueError):
        answer = answer if body is None else scrubber.value(body)
    return {"status": reply.status, "answer": answer}


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> int | None:
    """Seconds until it wants to be asked again (RFC 9110, 10.2.3: seconds or a date); None if it says none."""
    told = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(told):
        return int(told)
    try:
        moment = parsedate_to_datetime(told)
    except ValueError:
        return None
    seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - (now or datetime.now(UTC))).total_seconds()
    return max(0, round(seconds))


def is_json(reply: Reply) -> bool:
    """Whether it says of itself that it is JSON."""
    return _is_json(_kind(reply.headers))


def _cut(reply: Reply, scrubber: Scrubber, kind: str) -> Any:
    """The beginning of an answer that goes on; its last bytes go too, they could be the half of a secret."""
    if _is_json(kind) or kind.startswith(_TEXTS) or not kind:
        return {"contentType": kind or None, "text": scrubber.beginning(reply.body.decode(errors="replace"))}
    return _in_base64(scrubber.start_of(reply.body), kind)


def _json(reply: Reply, scrubber: Scrubber, name: str) -> Any:
    value = reply.json()
    with suppress(ValueError):
        if value is not None or reply.body.strip() == b"null":
            return scrubber.value(value)
    raise ProviderFailed(f"{name} answered with something that is not the JSON it announces; try again later.")


def _plain(reply: Reply, scrubber: Scrubber, kind: str) -> Any:
    if kind.startswith(_TEXTS):
        return scrubber.text(reply.body.decode(errors="replace"))
    return _in_base64(scrubber.data(reply.body), kind)


def _in_base64(data: bytes, kind: str) -> dict[str, Any]:
    return {"contentType": kind, "base64": base64.b64encode(data).decode()}


def _kind(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _is_json(kind: str) -> bool:
    return kind == "application/json" or kind.endswith("+json")
