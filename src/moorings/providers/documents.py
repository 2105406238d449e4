"""Fetches a document from an address of the operator's."""

from http import HTTPStatus
from urllib.parse import urlsplit

from moorings.errors import ProviderFailed
from moorings.providers.request import PreparedRequest
from moorings.providers.transport import Transport


async def document(transport: Transport, url: str, limit: int) -> bytes:
    """Its bytes, `limit` at most; raises `ProviderFailed` when there is none."""
    host = urlsplit(url).hostname or ""
    request = PreparedRequest("GET", url, {}, None, frozenset({host}), trusted=True)
    reply = await transport.send(request, may_cut=limit)
    if reply.status != HTTPStatus.OK:
        raise ProviderFailed(f"{host} answered {reply.status} in place of a document.")
    if reply.cut:
        raise ProviderFailed(f"{host} answered with more than {limit} bytes.")
    return reply.body
