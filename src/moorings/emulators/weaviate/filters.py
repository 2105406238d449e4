"""Which objects a `where` lets through, as both ways of asking give it.

https://docs.weaviate.io/weaviate/api/graphql/filters; texts are compared by their words, as usual tokenization does.
"""

import operator
import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from math import asin, cos, radians, sin, sqrt
from typing import Any

from moorings.emulators.weaviate.answers import Refused
from moorings.emulators.weaviate.collection import Collection

Holds = Callable[[Mapping[str, Any]], bool]
Compares = Callable[[Any, Any], bool]
KINDS = {
    "text": "valueText", "int": "valueInt", "number": "valueNumber", "boolean": "valueBoolean", "date": "valueDate",
    "geoCoordinates": "valueGeoRange",
}  # fmt: skip
EARTH = 6_371_000
_WORD = re.compile(r"[\w*?]+")


def holds(where: Mapping[str, Any], collection: Collection) -> Holds:
    """A test of an object's properties; raises `Refused` for what the server would not take."""
    word = where.get("operator")
    if word in ("And", "Or", "Not"):
        inner = [holds(operand, collection) for operand in where.get("operands") or ()]
        if not inner:
            raise Refused(f"invalid 'where' filter: operator {word} needs operands")
        joined = all if word == "And" else any
        return lambda properties: joined(one(properties) for one in inner) != (word == "Not")
    compares = COMPARISONS.get(str(word))
    if compares is None:
        raise Refused(f"invalid 'where' filter: unrecognized operator: {word}")
    name, value = _property(where, collection), _value(where)
    return lambda properties: compares(properties.get(name), value)


def _property(where: Mapping[str, Any], collection: Collection) -> str:
    name = (where.get("path") or [""])[0]
    kind = next((item["dataType"][0] for item in collection.definition["properties"] if item["name"] == name), None)
    if kind is None:
        raise Refused(f"invalid 'where' filter: no such prop with name '{name}' found in class '{collection.name}' in the schema")  # fmt: skip # noqa: E501
    wanted, [given] = KINDS[kind.removesuffix("[]")], _names(where)
    if given != wanted and where.get("operator") != "IsNull":
        raise Refused(f'invalid \'where\' filter: data type filter cannot use "{given}" on type "{kind}", use "{wanted}" instead')  # fmt: skip # noqa: E501
    return str(name)


def _names(where: Mapping[str, Any]) -> list[str]:
    return [name.removesuffix("Array") for name in where if name.startswith("value")] or [""]


def _value(where: Mapping[str, Any]) -> Any:
    return next((value for name, value in where.items() if name.startswith("value")), None)


def _same(own: Any, value: Any) -> bool:
    if isinstance(own, list):
        return any(_same(item, value) for item in own)
    if not isinstance(own, str) or not isinstance(value, str):
        return bool(own == value)
    words = _WORD.findall(own.casefold())
    return all(any(fnmatchcase(word, wanted) for word in words) for wanted in _WORD.findall(value.casefold()))


def _metres(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """By the great circle."""
    north, south = radians(one["latitude"]), radians(other["latitude"])
    across = sin((north - south) / 2) ** 2
    along = sin(radians(one["longitude"] - other["longitude"]) / 2) ** 2
    return 2 * EARTH * asin(sqrt(across + cos(north) * cos(south) * along))


def _ordered(compared: Callable[[Any, Any], bool]) -> Compares:
    return lambda own, value: own is not None and compared(own, value)


COMPARISONS: Mapping[str, Compares] = {
    "Equal": _same,
    "Like": _same,
    "NotEqual": lambda own, value: not _same(own, value),
    "IsNull": lambda own, value: bool((own is None) == value),
    "ContainsAny": lambda own, value: any(_same(own, item) for item in value),
    "ContainsAll": lambda own, value: all(_same(own, item) for item in value),
    "ContainsNone": lambda own, value: not any(_same(own, item) for item in value),
    "GreaterThan": _ordered(operator.gt),
    "GreaterThanEqual": _ordered(operator.ge),
    "LessThan": _ordered(operator.lt),
    "LessThanEqual": _ordered(operator.le),
    "WithinGeoRange": _ordered(lambda own, value: _metres(own, value["geoCoordinates"]) <= value["distance"]["max"]),
}
