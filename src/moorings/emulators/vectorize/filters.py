"""Filters on metadata: `{"year": {"$gte": 2020}}`, on properties that have a metadata index.

https://developers.cloudflare.com/vectorize/reference/metadata-filtering/
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "$eq": operator.eq, "$ne": operator.ne, "$lt": operator.lt, "$lte": operator.le, "$gt": operator.gt,
    "$gte": operator.ge, "$in": lambda value, choices: value in choices,
    "$nin": lambda value, choices: value not in choices,
}  # fmt: skip


def matches(metadata: Mapping[str, Any], wanted: Mapping[str, Any], indexed: Mapping[str, str]) -> bool:
    """Whether all conditions hold; a property without an index holds none."""
    return all(name in indexed and _holds(_value(metadata, name), condition) for name, condition in wanted.items())


def _holds(value: Any, condition: Any) -> bool:
    conditions = condition if isinstance(condition, Mapping) else {"$eq": condition}
    return all(_compared(word, value, other) for word, other in conditions.items())


def _compared(word: str, value: Any, other: Any) -> bool:
    try:
        return word in _COMPARED and _COMPARED[word](value, other)
    except TypeError:
        return False


def _value(metadata: Mapping[str, Any], name: str) -> Any:
    """What stands there; a dot leads into an object."""
    found: Any = metadata
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
