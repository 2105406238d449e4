"""A way to an application inside this process, in place of one over the network."""

from typing import Any

import httpx2


def inside(application: Any) -> httpx2.AsyncBaseTransport:
    """A transport for `AsyncMoorings` that calls an ASGI application."""
    return httpx2.ASGITransport(application)
