"""A server that says what a test wants, in turn."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

Says = Callable[[httpx2.Request], httpx2.Response]
HEALTHY = {"status": "ok", "integrations": 3}


def says(status: int, body: object = None, **headers: str) -> Says:
    """An answer; text stands as it is, all else as JSON."""
    content = body if isinstance(body, str) else json.dumps(HEALTHY if body is None else body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx2.Response(status, content=content, headers=named)


def fails(kind: type[httpx2.TransportError]) -> Says:
    """No answer."""

    def fail(request: httpx2.Request) -> httpx2.Response:
        raise kind("what went wrong", request=request)

    return fail


@dataclass
class Script:
    """Says one thing after the other, and the last one for ever; `seen` are the calls."""

    sayings: list[Says]
    seen: list[httpx2.Request] = field(default_factory=list)

    def transport(self) -> Any:
        """A transport for either client."""
        return httpx2.MockTransport(self._say)

    def _say(self, request: httpx2.Request) -> httpx2.Response:
        self.seen.append(request)
        return self.sayings[min(len(self.seen), len(self.sayings)) - 1](request)


def script(*sayings: Says) -> Script:
    """A script of these."""
    return Script(list(sayings))
