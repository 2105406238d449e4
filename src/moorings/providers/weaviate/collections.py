"""The collections of a server, read from its schema."""

from collections.abc import Iterator
from typing import Any

from moorings.domain.vector import Collection, Property

UNNAMED = "default"
PLAIN = frozenset(
    {
        "text", "text[]", "string", "string[]", "int", "int[]", "number", "number[]", "boolean", "boolean[]", "date",
        "date[]", "uuid", "uuid[]",
    }
)  # fmt: skip
"""Data types whose values GraphQL returns without being told what to return of them."""


def collections(schema: dict[str, Any]) -> list[Collection]:
    """Every class of a schema that has a name."""
    return [collection(item) for item in _objects(schema.get("classes")) if isinstance(item.get("class"), str)]


def collection(told: dict[str, Any]) -> Collection:
    """One class."""
    tenancy = told.get("multiTenancyConfig")
    return Collection(
        name=str(told.get("class", "")), description=_text(told.get("description")), vectorizers=_vectorizers(told),
        properties=[_property(item) for item in _objects(told.get("properties"))],
        multi_tenant=isinstance(tenancy, dict) and tenancy.get("enabled") is True,
    )  # fmt: skip


def plain_properties(found: Collection) -> list[str]:
    """The names of those that hold plain values; references, objects and blobs are left out."""
    return [item.name for item in found.properties if set(item.data_type) <= PLAIN and item.data_type]


def _vectorizers(told: dict[str, Any]) -> dict[str, str]:
    """One for each named vector; a class without named vectors has one of its own, or none."""
    named = told.get("vectorConfig")
    if isinstance(named, dict) and named:
        return {str(name): _vectorizer(config) for name, config in named.items()}
    return {UNNAMED: told["vectorizer"]} if isinstance(told.get("vectorizer"), str) and told["vectorizer"] else {}


def _vectorizer(config: Any) -> str:
    """It stands as an object with the vectorizer's name as its one key."""
    inner = config.get("vectorizer") if isinstance(config, dict) else None
    return next(iter(inner), "none") if isinstance(inner, dict) else str(inner or "none")


def _property(told: dict[str, Any]) -> Property:
    kinds = told.get("dataType")
    return Property(
        str(told.get("name", "")), [str(kind) for kind in kinds] if isinstance(kinds, list) else [],
        _text(told.get("description")),
    )  # fmt: skip


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
