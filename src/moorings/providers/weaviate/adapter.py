"""Weaviate over REST, and over GraphQL where its version has no REST for a search; no gRPC, no client library."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from moorings.domain.integration import Integration
from moorings.domain.run import Run
from moorings.domain.secret import Secret, SecretFields
from moorings.domain.tool import Tool
from moorings.domain.vector import Collection, Examination
from moorings.errors import CollectionNotFound, Detail, InvalidParameters, ProviderFailed
from moorings.providers import reading
from moorings.providers.request import PreparedRequest
from moorings.providers.running import SUCCESS, Limits
from moorings.providers.scrubbing import Scrubber
from moorings.providers.transport import Reply, Transport
from moorings.providers.weaviate import address, objects, searches
from moorings.providers.weaviate.collections import collection, collections, plain_properties
from moorings.providers.weaviate.searches import Search
from moorings.providers.weaviate.server import NO_WEAVIATE, Server, module_keys

VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}")
MODULE, MODULES_AT_MOST = re.compile(r"[A-Za-z0-9._-]{1,64}"), 100
"""What is kept of an examination stands in every listing: a server that makes things up must not fill it."""
SEARCHES = frozenset({"near_text", "near_vector", "bm25", "hybrid"})


class Store:
    """See `moorings.providers.contract.VectorStore`."""

    def __init__(self, transport: Transport, integration: Integration, upstream: str | None, bounds: Limits) -> None:
        self._transport, self._upstream, self._bounds = transport, upstream, bounds
        self._name = integration.name

    def checked(self, fields: SecretFields) -> SecretFields:
        """See `VectorStore.checked`."""
        return {**fields, "url": Secret(address.put_right(fields["url"].reveal()))}

    def same_place(self, before: SecretFields, after: SecretFields) -> bool:
        """See `VectorStore.same_place`."""
        return address.origin(before["url"].reveal()) == address.origin(after["url"].reveal())

    async def examine(self, fields: SecretFields) -> Examination:
        """Ready, then meta, then schema: is it there, is it a Weaviate that takes the key, and may the key look."""
        server = Server(self._transport, fields, self._upstream)
        await server.judge()
        if not await server.is_ready():
            raise ProviderFailed("The Weaviate is there, but not ready yet; try again in a moment.")
        meta = await server.ask("/v1/meta")
        if not isinstance(meta.get("version"), str) or not VERSION.fullmatch(meta["version"]):
            raise ProviderFailed(NO_WEAVIATE)
        found = await self._collections(server)
        wanted = fields["collectionName"].reveal() if "collectionName" in fields else None
        there = None if wanted is None else any(item.name == wanted for item in found)
        facts = {
            "version": meta["version"], "ready": True, "modules": _modules(meta.get("modules")),
            "collectionCount": len(found), "collectionFound": there,
        }  # fmt: skip
        lacks = CollectionNotFound("The key is good, but the server has no collection of this name.")
        return Examination(facts, lacks if there is False else None)

    async def collections(self, fields: SecretFields) -> Sequence[Collection]:
        """All collections of the server."""
        return await self._collections(Server(self._transport, fields, self._upstream))

    def knowing(self, facts: Mapping[str, Any]) -> "Runner":
        """See `VectorStore.knowing`."""
        return Runner(self._transport, self._upstream, self._bounds, self._name, facts)

    async def _collections(self, server: Server) -> list[Collection]:
        schema = await server.ask("/v1/schema")
        if not isinstance(schema.get("classes"), list) and schema.get("classes") is not None:
            raise ProviderFailed(NO_WEAVIATE)
        return collections(schema)


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs the tools on a server of which `facts` are known."""

    transport: Transport
    upstream: str | None
    bounds: Limits
    name: str
    facts: Mapping[str, Any]

    async def run(self, tool: Tool, fields: SecretFields, parameters: Mapping[str, Any]) -> Run:
        """See `ToolRunner.run`."""
        one = _One(self, tool, Server(self.transport, fields, self.upstream), _scrubber(fields))
        if tool.id == "list_collections":
            return await one.list_collections()
        target = _collection(fields, parameters)
        if tool.id in SEARCHES:
            return await one.search(Search(tool.id, target, parameters))
        return await one.object(target, parameters)


@dataclass(frozen=True, slots=True)
class _One:
    """One run of one tool."""

    runner: Runner
    tool: Tool
    server: Server
    scrubber: Scrubber

    async def search(self, search: Search) -> Run:
        """Over REST where the server's version takes it, else in GraphQL."""
        if searches.has_rest(self.tool.id, self.runner.facts.get("version")):
            reply, body = await self._said(self.server.request("POST", search.path, search.body))
            if reply.status != HTTPStatus.NOT_FOUND or reading.is_json(reply):
                return await self._done(reply, searches.from_rest(body))
        properties = search.values.get("properties")
        if properties is None:
            reply, body = await self._said(self.server.request("GET", f"/v1/schema/{search.name}"))
            if reply.status not in SUCCESS or not isinstance(body, dict):
                return await self._refused(reply)
            properties = plain_properties(collection(body))
        document = {"query": search.document(list(properties))}
        reply, body = await self._said(self.server.request("POST", "/v1/graphql", document))
        if isinstance(body, dict) and body.get("errors"):  # GraphQL says no with a 200
            return Run({"status": reply.status, "answer": body["errors"]}, is_error=True, status=reply.status)
        return await self._done(reply, searches.from_graphql(body, search.collection))

    async def object(self, target: str, parameters: Mapping[str, Any]) -> Run:
        """Get, insert or delete one object."""
        make = {"get_object": objects.get, "insert_object": objects.insert, "delete_object": objects.delete}
        reply, body = await self._said(make[self.tool.id](self.server, target, parameters))
        if self.tool.id == "delete_object" and reply.status == HTTPStatus.NO_CONTENT:
            return Run({"id": parameters["id"], "deleted": True})
        return await self._done(reply, body if isinstance(body, dict) else None)

    async def list_collections(self) -> Run:
        """What there is to search."""
        reply, body = await self._said(self.server.request("GET", "/v1/schema"))
        found = [asdict(item) for item in collections(body)] if isinstance(body, dict) else None
        return await self._done(reply, found)

    async def _said(self, request: PreparedRequest) -> tuple[Reply, Any]:
        """The reply, and its content without any echo of a secret where it is a good one."""
        bounds = self.runner.bounds
        seconds = self.tool.timeout or bounds.seconds
        reply = await self.runner.transport.send(request, seconds=seconds, may_cut=bounds.answer)
        if reply.status not in SUCCESS:
            return reply, None
        return reply, await self._content(reply)

    async def _content(self, reply: Reply) -> Any:
        return await reading.aside(reply, lambda: reading.content(reply, self.scrubber, self.runner.name, page=False))

    async def _done(self, reply: Reply, result: Any) -> Run:
        if reply.status not in SUCCESS:
            return await self._refused(reply)
        if reply.cut:
            return Run(await self._content(reply), truncated=True)
        if result is None:
            raise ProviderFailed(NO_WEAVIATE)
        return Run(result)

    async def _refused(self, reply: Reply) -> Run:
        said = await reading.aside(reply, lambda: reading.refusal(reply, self.scrubber))
        return Run(
            said, is_error=True, status=reply.status,
            retry_after=reading.retry_after(reply.headers), truncated=reply.cut,
            suspect=reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN),
        )  # fmt: skip


def _modules(told: Any) -> list[str]:
    names = told if isinstance(told, dict) else {}
    return sorted(name for name in names if MODULE.fullmatch(name))[:MODULES_AT_MOST]


def _collection(fields: SecretFields, parameters: Mapping[str, Any]) -> str:
    """The one that was named, else the configured one."""
    named = parameters.get("collection") or (fields["collectionName"].reveal() if "collectionName" in fields else None)
    if named is None:
        raise InvalidParameters(
            "Which collection is meant?",
            [Detail("parameters.collection", "Name one: the configuration has none. list_collections tells which.")],
        )
    return str(named)


def _scrubber(fields: SecretFields) -> Scrubber:
    own = [fields["apiKey"].reveal()] if "apiKey" in fields else []
    return Scrubber([*own, *module_keys(fields).values()])
