"""One Weaviate server: how it is asked, and the two shapes in which it says no.

https://docs.weaviate.io/weaviate/api/rest
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from moorings.domain.secret import SecretFields
from moorings.domain.vector import HEADER
from moorings.errors import CredentialsRejected, ProviderFailed
from moorings.providers.bodies import header
from moorings.providers.request import PreparedRequest
from moorings.providers.transport import Reply, Transport
from moorings.providers.weaviate import address

CLUSTER_HEADER = "X-Weaviate-Cluster-URL"
NO_WEAVIATE = "What answers at this address is not a Weaviate; check the address, and that nothing stands before it."


class Server:
    """Asks the server of one configuration; an `upstream` is the operator's word and stands in its place."""

    def __init__(self, transport: Transport, fields: SecretFields, upstream: str | None) -> None:
        self._transport, self._upstream = transport, upstream
        self._address = fields["url"].reveal()
        self._headers = dict(_headers(self._address, fields))

    async def judge(self) -> None:
        """Judge an address that is not connected to, for an upstream stands in its place."""
        if self._upstream and address.needs_no_name_server(self._address):
            await self._transport.judge(self._address)

    async def is_ready(self) -> bool:
        """Whether it takes calls; it answers this to anybody, so that no key is shown and none is proven."""
        reply = await self._transport.send(self.request("GET", "/v1/.well-known/ready", secret=False))
        if reply.status not in (HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE):
            raise ProviderFailed(NO_WEAVIATE)
        return reply.status == HTTPStatus.OK

    async def ask(self, path: str) -> dict[str, Any]:
        """The object at a path; raises `CredentialsRejected` and `ProviderFailed`."""
        reply = await self._transport.send(self.request("GET", path))
        if reply.status == HTTPStatus.UNAUTHORIZED:
            raise CredentialsRejected(_why_not(reply))
        if reply.status == HTTPStatus.FORBIDDEN and words(reply.json()):
            raise CredentialsRejected(
                "Weaviate knows the key, but its role may not read the collections; give it the permission."
            )
        body = reply.json()
        if reply.status != HTTPStatus.OK:
            raise ProviderFailed(
                f"Weaviate answered {reply.status}; try again later." if words(body) or not body else NO_WEAVIATE
            )
        if not isinstance(body, dict):
            raise ProviderFailed(NO_WEAVIATE)
        return body

    def request(
        self, method: str, path: str, body: Any = None, query: Mapping[str, str] | None = None, *, secret: bool = True
    ) -> PreparedRequest:
        """A request to a path that is written already; with its secrets unless it needs none."""
        base = (self._upstream or self._address).rstrip("/")
        content = None if body is None else json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        headers = {**(self._headers if secret else {}), **({"Content-Type": "application/json"} if body else {})}
        asked = "?" + urlencode(query, quote_via=quote) if query else ""
        hosts = frozenset({address.host_of(base)})
        return PreparedRequest(method, base + path + asked, headers, content, hosts, trusted=self._upstream is not None)


def words(body: Any) -> str | None:
    """What it says of a refusal: `{"code", "message"}` before a call is looked at, `{"error": [{"message"}]}` after."""
    if not isinstance(body, dict):
        return None
    if isinstance(body.get("message"), str):
        return str(body["message"])
    told = body.get("error")
    found = [item.get("message") for item in told if isinstance(item, dict)] if isinstance(told, list) else []
    return "; ".join(word for word in found if isinstance(word, str)) or None


def module_keys(fields: SecretFields) -> dict[str, str]:
    """The headers that carry keys of other providers, by their names."""
    return {name.removeprefix(HEADER): value.reveal() for name, value in fields.items() if name.startswith(HEADER)}


def _headers(url: str, fields: SecretFields) -> Mapping[str, str]:
    found = {name: header(name, value) for name, value in module_keys(fields).items()}
    if address.is_cloud(url):
        found.setdefault(CLUSTER_HEADER, url)
    if "apiKey" in fields:
        found["Authorization"] = header("Authorization", f"Bearer {fields['apiKey'].reveal()}")
    return found


def _why_not(reply: Reply) -> str:
    if "anonymous access" in (words(reply.json()) or ""):
        return "This Weaviate lets nobody in without an API key; give one."
    return "Weaviate does not accept this API key. Check that it was copied whole and is still active."
