"""The searches, in both forms in which servers take them: REST from the version that has it, GraphQL before.

https://docs.weaviate.io/weaviate/api/graphql/search-operators; weaviate/weaviate openapi-specs/schema.json
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorings.providers.weaviate import graphql
from moorings.providers.weaviate.conditions import Condition, condition
from moorings.providers.weaviate.graphql import Word

Values = Mapping[str, Any]

REST_SINCE = {"near_text": (1, 39), "bm25": (1, 40), "hybrid": (1, 40)}
"""The first minor version with the path `/v1/search/{collection}/...`; nearVector has none."""

FUSION = {"ranked": Word("rankedFusion"), "relativeScore": Word("relativeScoreFusion")}
NEAR = ("near_text", "near_vector")


@dataclass(frozen=True, slots=True)
class Search:
    """One search of one collection."""

    tool_id: str
    collection: str
    values: Values

    @property
    def name(self) -> str:
        """The collection's name, once it is sure to be one."""
        return graphql.checked(graphql.COLLECTION, self.collection, "parameters.collection")

    @property
    def where(self) -> Condition | None:
        """What shall hold of what is found, once it is sure to be a condition."""
        given = self.values.get("where")
        return None if given is None else condition(given)

    @property
    def path(self) -> str:
        """Where REST takes it."""
        return f"/v1/search/{self.name}/{self.tool_id.replace('_', '-')}"

    @property
    def body(self) -> dict[str, Any]:
        """What REST takes."""
        given, where = self.values, self.where
        query = [given["query"]] if self.tool_id == "near_text" else given["query"]
        found = {
            "query": query, "limit": given.get("limit", 10), "returnProperties": given.get("properties"),
            "returnMetadata": ["distance"] if self.tool_id in NEAR else ["score"], "tenant": given.get("tenant"),
            "certainty": given.get("certainty"), "distance": given.get("distance"), "alpha": given.get("alpha"),
            "fusionType": given.get("fusion_type"), "queryProperties": given.get("search_properties"),
            "targetVector": given.get("target_vector"), "where": where and where.for_rest(),
        }  # fmt: skip
        return {name: value for name, value in found.items() if value is not None}

    def document(self, properties: list[str]) -> str:
        """What GraphQL takes; it returns no property that is not named."""
        where = self.where
        arguments = {
            self._operator: self._arguments, "where": where and where.for_graphql(),
            "limit": self.values.get("limit", 10), "tenant": self.values.get("tenant"),
        }  # fmt: skip
        additional = ("id", "distance" if self.tool_id in NEAR else "score")
        return graphql.get(self.collection, arguments, properties, additional)

    @property
    def _operator(self) -> str:
        return {"near_text": "nearText", "near_vector": "nearVector"}.get(self.tool_id, self.tool_id)

    @property
    def _arguments(self) -> Values:
        given = self.values
        target = [given["target_vector"]] if "target_vector" in given else None
        bounds = {"certainty": given.get("certainty"), "distance": given.get("distance"), "targetVectors": target}
        match self.tool_id:
            case "near_text":
                return {"concepts": [given["query"]], **bounds}
            case "near_vector":
                return {"vector": given["vector"], **bounds}
            case "bm25":
                return {"query": given["query"], "properties": given.get("search_properties")}
        fusion = FUSION.get(given.get("fusion_type", ""))
        return {
            "query": given["query"], "alpha": given.get("alpha"), "fusionType": fusion,
            "properties": given.get("search_properties"), "targetVectors": target,
        }  # fmt: skip


def has_rest(tool_id: str, version: object) -> bool:
    """Whether a server of this version takes the search over REST; one that was never looked at is asked in GraphQL."""
    found = re.match(r"(\d+)\.(\d+)", version) if isinstance(version, str) else None
    since = REST_SINCE.get(tool_id)
    return since is not None and found is not None and (int(found[1]), int(found[2])) >= since


def from_rest(body: Any) -> list[dict[str, Any]] | None:
    """The objects of a REST answer; None for an answer of another form."""
    found = body.get("results") if isinstance(body, dict) else None
    if not isinstance(found, list):
        return None
    return [_found(item.get("id"), item.get("properties"), item.get("metadata")) for item in found if _is_object(item)]


def from_graphql(body: Any, collection: str) -> list[dict[str, Any]] | None:
    """The objects of a GraphQL answer; None for an answer of another form."""
    data = body.get("data") if isinstance(body, dict) else None
    data = data.get("Get") if isinstance(data, dict) else None
    found = data.get(collection) if isinstance(data, dict) else None
    return [_split(item) for item in found if _is_object(item)] if isinstance(found, list) else None


def _split(item: dict[str, Any]) -> dict[str, Any]:
    additional = item.get("_additional")
    told = additional if isinstance(additional, dict) else {}
    properties = {name: value for name, value in item.items() if name != "_additional"}
    return _found(told.get("id"), properties, {name: value for name, value in told.items() if name != "id"})


def _found(object_id: Any, properties: Any, metadata: Any) -> dict[str, Any]:
    known = metadata if isinstance(metadata, dict) else {}
    return {
        "id": object_id,
        "properties": properties if isinstance(properties, dict) else {},
        "distance": _number(known.get("distance")),
        "score": _number(known.get("score")),
    }


def _number(value: Any) -> float | None:
    """GraphQL tells a score as text."""
    try:
        return None if value is None or isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def _is_object(item: Any) -> bool:
    return isinstance(item, dict)
