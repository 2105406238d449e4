"""A call's whole body, read before anything is done with it."""

import asyncio

from moorings.asgi import Receive
from moorings.errors import BodyTooLarge, BodyTooSlow

BODY_LIMIT = 1024 * 1024
BODY_SECONDS = 60.0


async def whole(headers: dict[bytes, bytes], receive: Receive, seconds: float = BODY_SECONDS) -> bytes:
    """The body, in a bounded time: what a stranger's half bodies fill would else stay filled."""
    try:
        async with asyncio.timeout(seconds):
            return await _bounded(headers, receive)
    except TimeoutError:
        raise BodyTooSlow(f"The body did not come within {seconds:g} seconds; send it again.") from None


async def _bounded(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    """The body; raises `BodyTooLarge` before more than the limit is held."""
    declared = headers.get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > BODY_LIMIT:
        raise _too_large()
    body, more = bytearray(), True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > BODY_LIMIT:
            raise _too_large()
    return bytes(body)


def _too_large() -> BodyTooLarge:
    return BodyTooLarge(f"The body is larger than {BODY_LIMIT} bytes; nothing was read beyond that.")
