"""Unpacks compressed answers within bounds: a few bytes can be made to unfold into gigabytes."""

import zlib
from collections.abc import AsyncGenerator, AsyncIterator

from moorings.errors import ProviderFailed

ENCODINGS = "gzip, deflate"
_AUTOMATIC = zlib.MAX_WBITS | 32
"""zlib's way to say: gzip or zlib, whichever the data begins with."""


async def unpacked(chunks: AsyncIterator[bytes], encoding: str, limit: int) -> AsyncGenerator[bytes, None]:
    """The plain bytes; no more than `limit` bytes are unfolded at once.

    Raises `ProviderFailed` for an encoding that was not asked for and for what cannot be unpacked.
    """
    match encoding.strip().lower():
        case "" | "identity":
            async for chunk in chunks:
                yield chunk
        case "gzip" | "x-gzip" | "deflate":
            async for chunk in _inflated(chunks, limit):
                yield chunk
        case _:
            raise ProviderFailed("The provider's answer is packed in a way that was not asked for.")


async def _inflated(chunks: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
    engine = zlib.decompressobj(_AUTOMATIC)
    try:
        async for chunk in chunks:
            if engine.eof:  # zlib would keep what follows, and copy all of it with each chunk
                continue
            yield engine.decompress(chunk, limit + 1)
            while engine.unconsumed_tail:
                yield engine.decompress(engine.unconsumed_tail, limit + 1)
    except zlib.error:
        raise ProviderFailed("The provider's answer cannot be unpacked.") from None
    if not engine.eof:
        raise ProviderFailed("The provider broke off its packed answer.")
