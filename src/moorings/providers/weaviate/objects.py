"""The requests for single objects."""

from collections.abc import Mapping
from typing import Any

from moorings.providers.request import PreparedRequest
from moorings.providers.weaviate import graphql
from moorings.providers.weaviate.server import Server

Values = Mapping[str, Any]


def get(server: Server, collection: str, values: Values) -> PreparedRequest:
    """One object, with its vectors where they are wanted."""
    include = {"include": "vector"} if values.get("include_vector") else {}
    return server.request("GET", _path(collection, values["id"]), query={**include, **_tenant(values)})


def delete(server: Server, collection: str, values: Values) -> PreparedRequest:
    """Delete one object."""
    return server.request("DELETE", _path(collection, values["id"]), query=_tenant(values))


def insert(server: Server, collection: str, values: Values) -> PreparedRequest:
    """A new object; one whose id is there already is refused."""
    name = graphql.checked(graphql.COLLECTION, collection, "parameters.collection")
    own = {part: values[part] for part in ("id", "properties", "vector", "vectors", "tenant") if part in values}
    return server.request("POST", "/v1/objects", {"class": name, **own})


def _path(collection: str, object_id: str) -> str:
    name = graphql.checked(graphql.COLLECTION, collection, "parameters.collection")
    return f"/v1/objects/{name}/{object_id}"


def _tenant(values: Values) -> dict[str, str]:
    return {"tenant": values["tenant"]} if "tenant" in values else {}
