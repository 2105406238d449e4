"""A provider that sends back whatever it is shown: in headers, bodies and errors, plain and encoded."""

import base64
import itertools
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote

ACCESS_TOKEN = "echoed-access-token-0123456789abcdef+/="
GOOD = json.dumps({"access_token": ACCESS_TOKEN, "expires_in": 3600}).encode()
STATUSES = (200, 400, 403, 429, 500)

Message = MutableMapping[str, Any]


class Echo:
    """An ASGI application; the statuses of its answers take turns, an exchange for a token always succeeds."""

    def __init__(self) -> None:
        self._statuses = itertools.cycle(STATUSES)
        self.calls = 0

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["type"] != "http":
            return
        body = (await receive()).get("body", b"")
        self.calls += 1
        exchange = scope["path"].endswith(("/token", "/access_token"))
        status = 200 if exchange else next(self._statuses)
        kind = b"text/plain" if status == 403 else b"application/json"
        shown = [value.decode("latin-1") for _, value in scope["headers"]]
        headers = [(b"content-type", kind), *((f"x-echo-{i}".encode(), v.encode()) for i, v in enumerate(shown))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": GOOD if exchange else _told(scope, shown, body)})


def _told(scope: Message, shown: list[str], body: bytes) -> bytes:
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    words = [word for value in [*shown, path] for word in (value, *value.split(), *value.split("/"))]
    words += [base64.b64decode(word).decode("latin-1") for word in words if _is_base64(word)]
    plain = [*words, scope["query_string"].decode("latin-1"), body.decode("latin-1")]
    told = {
        "plain": plain, "error": {"message": " ".join(words)},
        "base64": [base64.b64encode(word.encode()).decode() for word in words],
        "url": [quote(word, safe="") for word in words], "hex": [word.encode().hex() for word in words],
        "data": {word: word for word in words}, "errors": words, "items": words, "results": words,
    }  # fmt: skip
    return json.dumps(told).encode()


def _is_base64(word: str) -> bool:
    try:
        return len(word) > 8 and bool(base64.b64decode(word, validate=True).decode("ascii"))
    except ValueError:
        return False
