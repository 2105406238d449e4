"""Whether a provider's host can be reached at all."""

import asyncio
from collections.abc import Iterable
from urllib.parse import urlsplit

SECONDS = 3.0
HTTPS, HTTP = 443, 80


async def reachable(addresses: Iterable[str]) -> list[tuple[str, bool]]:
    """For each distinct host of these base addresses whether it takes a connection within three seconds."""
    places = sorted({_place(address) for address in addresses})
    found = await asyncio.gather(*(_connects(host, port) for host, port in places))
    return [(host, good) for (host, _), good in zip(places, found, strict=True)]


def _place(address: str) -> tuple[str, int]:
    parts = urlsplit(address)
    return parts.hostname or "", parts.port or (HTTPS if parts.scheme == "https" else HTTP)


async def _connects(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
