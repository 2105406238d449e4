"""Collections as they are defined, and what a server adds to a definition."""

from collections.abc import Mapping
from typing import Any

Seed = tuple[dict[str, Any], list[dict[str, Any]]]

ARTICLE: Seed = (
    {
        "class": "Article",
        "description": "Articles of the harbour's newspaper",
        "vectorizer": "text2vec-transformers",
        "moduleConfig": {"text2vec-transformers": {"vectorizeClassName": False}},
        "properties": [
            {"name": "title", "dataType": ["text"], "description": "What it is called"},
            {"name": "body", "dataType": ["text"]},
            {"name": "year", "dataType": ["int"]},
        ],
    },
    [
        {
            "id": "0b6f4f0a-6c1e-4c53-9d0b-5b8d4f5a1c2d",
            "properties": {"title": "A ship in the harbour", "body": "It came with the tide.", "year": 2024},
        },
        {
            "id": "1c7f5f1b-7d2f-4d64-8e1c-6c9e5f6b2d3e",
            "properties": {"title": "Storm warning", "body": "No ship leaves today.", "year": 2025},
        },
        {
            "id": "2d8a6a2c-8e3a-4e75-9f2d-7d0f6a7c3e4f",
            "properties": {"title": "The price of fish", "body": "Herring is cheap this week.", "year": 2025},
        },
    ],
)
SHIP: Seed = (
    {
        "class": "Ship",
        "description": "Ships, by what they are and where they go",
        "vectorConfig": {
            "kind": {"vectorizer": {"none": {}}, "vectorIndexType": "hnsw"},
            "route": {"vectorizer": {"none": {}}, "vectorIndexType": "hnsw"},
        },
        "properties": [{"name": "name", "dataType": ["text"]}],
    },
    [
        {
            "id": "3e9b7b3d-9f4b-4f86-8a3e-8e1a7b8d4f5a",
            "properties": {"name": "Meridian"},
            "vectors": {"kind": [0.1, 0.2, 0.9], "route": [0.4, 0.4, 0.1]},
        }
    ],
)

_HNSW = {
    "skip": False, "cleanupIntervalSeconds": 300, "maxConnections": 32, "efConstruction": 128, "ef": -1,
    "dynamicEfMin": 100, "dynamicEfMax": 500, "dynamicEfFactor": 8, "vectorCacheMaxObjects": 1000000000000,
    "flatSearchCutoff": 40000, "distance": "cosine", "filterStrategy": "sweeping",
    "pq": {
        "enabled": False, "bitCompression": False, "segments": 0, "centroids": 256, "trainingLimit": 100000,
        "encoder": {"type": "kmeans", "distribution": "log-normal"},
    },
    "bq": {"enabled": False}, "sq": {"enabled": False, "trainingLimit": 100000, "rescoreLimit": 20},
}  # fmt: skip
_INVERTED = {
    "bm25": {"b": 0.75, "k1": 1.2}, "cleanupIntervalSeconds": 60,
    "stopwords": {"preset": "en", "additions": [], "removals": []},
}  # fmt: skip
_SHARDING = {
    "actualCount": 1, "actualVirtualCount": 128, "desiredCount": 1, "desiredVirtualCount": 128, "function": "murmur3",
    "key": "_id", "strategy": "hash", "virtualPerPhysical": 128,
}  # fmt: skip


def completed(given: Mapping[str, Any]) -> dict[str, Any]:
    """A definition with what the server fills in. A collection with named vectors has no vectorizer of its own."""
    own: dict[str, Any] = {
        "invertedIndexConfig": _INVERTED,
        "multiTenancyConfig": {"enabled": False, "autoTenantCreation": False, "autoTenantActivation": False},
        "replicationConfig": {"factor": 1, "asyncEnabled": False, "deletionStrategy": "TimeBasedResolution"},
        "shardingConfig": _SHARDING,
    }
    properties = [_property(item) for item in given.get("properties") or ()]
    if given.get("vectorConfig"):
        vectors = {
            name: {"vectorIndexConfig": _HNSW, "vectorIndexType": "hnsw", **config}
            for name, config in given["vectorConfig"].items()
        }
        return {**own, **given, "vectorConfig": vectors, "properties": properties}
    index = {"vectorIndexConfig": _HNSW, "vectorIndexType": "hnsw", "vectorizer": "none"}
    return {**own, **index, **given, "properties": properties}


def _property(given: Mapping[str, Any]) -> dict[str, Any]:
    text = given.get("dataType") == ["text"]
    own = {"indexFilterable": True, "indexRangeFilters": False, "indexSearchable": text}
    return {**own, **({"tokenization": "word"} if text else {}), **given}
