"""What passes between a server and an application (https://asgi.readthedocs.io)."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def replayed(body: bytes, receive: Receive) -> Receive:
    """A receive that gives the body once more, then whatever the connection gives."""
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def nothing() -> Message:
    """A receive for whose caller there is nothing more to come."""
    return {"type": "http.disconnect"}
