"""Conditions on properties, written as Weaviate's own document has them; nothing a caller gives leaves its place.

weaviate/weaviate openapi-specs/schema.json WhereFilter; https://docs.weaviate.io/weaviate/api/graphql/filters
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorings.errors import Detail, InvalidParameters
from moorings.providers.weaviate.graphql import Word

JOINING = frozenset({"And", "Or", "Not"})
COMPARING = frozenset({
    "Equal", "NotEqual", "GreaterThan", "GreaterThanEqual", "LessThan", "LessThanEqual", "Like", "WithinGeoRange",
    "IsNull", "ContainsAny", "ContainsAll", "ContainsNone",
})  # fmt: skip
KINDS: Mapping[str, tuple[type, ...]] = {
    "valueText": (str,), "valueInt": (int,), "valueNumber": (int, float), "valueBoolean": (bool,), "valueDate": (str,),
}  # fmt: skip
GEO = "valueGeoRange"
ARRAY = "Array"
"""What REST puts behind the name of a list of values; GraphQL takes a list under the same name."""

DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison, or several of them joined."""

    operator: str
    operands: tuple["Condition", ...] = ()
    path: tuple[str, ...] = ()
    kind: str = ""
    value: Any = None

    def for_rest(self) -> dict[str, Any]:
        """As a REST search takes it."""
        if self.operands:
            return {"operator": self.operator, "operands": [operand.for_rest() for operand in self.operands]}
        name = f"{self.kind}{ARRAY}" if isinstance(self.value, list) else self.kind
        return {"operator": self.operator, "path": list(self.path), name: self.value}

    def for_graphql(self) -> dict[str, Any]:
        """As a GraphQL search takes it."""
        operator = Word(self.operator)  # one of the words above
        if self.operands:
            return {"operator": operator, "operands": [operand.for_graphql() for operand in self.operands]}
        return {"operator": operator, "path": list(self.path), self.kind: self.value}


def condition(given: Any, place: str = "parameters.where", depth: int = 1) -> Condition:
    """What a caller wants to hold; raises `InvalidParameters`, which names the place."""
    if not isinstance(given, Mapping) or depth > DEEPEST:
        raise _wrong(place, f"A condition is an object, at most {DEEPEST} deep.")
    operator = str(given.get("operator"))
    if operator in JOINING:
        return Condition(operator, _operands(given, place, depth))
    if operator not in COMPARING:
        raise _wrong(f"{place}.operator", f"Name one of {', '.join(sorted(JOINING | COMPARING))}.")
    [kind, value] = _value(given, place)
    return Condition(operator, path=_path(given.get("path"), f"{place}.path"), kind=kind, value=value)


def _operands(given: Mapping[str, Any], place: str, depth: int) -> tuple[Condition, ...]:
    found = given.get("operands")
    if not isinstance(found, list) or not found or set(given) != {"operator", "operands"}:
        raise _wrong(place, "And, Or and Not take operands, a list of conditions, and nothing else.")
    return tuple(condition(operand, f"{place}.operands[{number}]", depth + 1) for number, operand in enumerate(found))


def _path(given: Any, place: str) -> tuple[str, ...]:
    if not isinstance(given, list) or not given or not all(isinstance(name, str) and name for name in given):
        raise _wrong(place, 'A list of names leads to the property, such as ["year"].')
    return tuple(given)


def _value(given: Mapping[str, Any], place: str) -> tuple[str, Any]:
    names = set(given) - {"operator", "path"}
    name = next(iter(names), "")
    kind = name.removesuffix(ARRAY)
    if len(names) != 1 or kind not in {*KINDS, GEO}:
        raise _wrong(place, f"Beside operator and path give one of {', '.join([*KINDS, GEO])}, and nothing else.")
    if kind == GEO:
        return kind, _geo_range(given[name], f"{place}.{name}")
    if not all(_fits(item, kind) for item in (given[name] if isinstance(given[name], list) else [given[name]])):
        raise _wrong(f"{place}.{name}", "The value is of another type, or null.")
    return kind, given[name]


def _fits(value: Any, kind: str) -> bool:
    if isinstance(value, float) and not math.isfinite(value):  # 1e999 is read as infinity, and is no JSON
        return False
    return isinstance(value, KINDS[kind]) and isinstance(value, bool) == (kind == "valueBoolean")


def _geo_range(given: Any, place: str) -> dict[str, Any]:
    try:
        at, around = given["geoCoordinates"], given["distance"]["max"]
        numbers = [at["latitude"], at["longitude"], around]
    except (KeyError, TypeError):
        numbers = []
    if not numbers or not all(_fits(number, "valueNumber") for number in numbers):
        raise _wrong(place, "Give geoCoordinates with latitude and longitude, and distance with max in metres.")
    coordinates = {"latitude": numbers[0], "longitude": numbers[1]}
    return {"geoCoordinates": coordinates, "distance": {"max": numbers[2]}}


def _wrong(place: str, message: str) -> InvalidParameters:
    return InvalidParameters("This is no condition that Weaviate takes.", [Detail(place, message)])
