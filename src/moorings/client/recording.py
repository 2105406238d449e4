"""A way to a server on which everything that comes back is kept, byte for byte."""

from collections.abc import Callable

import httpx2

Onward = httpx2.AsyncBaseTransport | None
"""How calls go on from here; over the network without one."""

Keep = Callable[[str, bytes], None]
"""Takes the call's name (method and status) and the answer's head and body."""


class Recording(httpx2.AsyncBaseTransport):
    """Passes calls on, and hands each whole answer to `keep` before the client reads it."""

    def __init__(self, keep: Keep, onward: Onward = None) -> None:
        self._keep, self._onward = keep, onward or httpx2.AsyncHTTPTransport(trust_env=False)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """See httpx2."""
        answer = await self._onward.handle_async_request(request)
        body = await answer.aread()
        head = "".join(f"{name}: {value}\n" for name, value in answer.headers.items()).encode()
        self._keep(f"{request.method} {answer.status_code}", head + body)
        return answer

    async def aclose(self) -> None:
        """See httpx2."""
        await self._onward.aclose()
