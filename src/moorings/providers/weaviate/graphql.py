"""Writes GraphQL in which nothing a caller gives can leave its place.

Names are checked against Weaviate's own patterns, and values are literals: a JSON string is a GraphQL string.
https://docs.weaviate.io/weaviate/api/graphql
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from moorings.errors import Detail, InvalidParameters

COLLECTION = re.compile(r"[A-Z][_0-9A-Za-z]{0,254}")
PROPERTY = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,230}")


class Word(str):
    """A word that stands without quotes, as enumerations do; never made of what a caller gives."""

    __slots__ = ()


def get(collection: str, arguments: Mapping[str, Any], properties: Iterable[str], additional: Iterable[str]) -> str:
    """One search: the arguments, and which properties and additional ones come back."""
    wanted = [checked(PROPERTY, name, "parameters.properties") for name in properties]
    head = ", ".join(_pairs(arguments))
    fields = " ".join([*wanted, f"_additional {{ {' '.join(additional)} }}"])
    return f"{{ Get {{ {checked(COLLECTION, collection, 'parameters.collection')}({head}) {{ {fields} }} }} }}"


def checked(pattern: re.Pattern[str], name: str, place: str) -> str:
    """The same name; raises `InvalidParameters` for one that Weaviate would refuse."""
    if not pattern.fullmatch(name):
        raise InvalidParameters("This is no name in a Weaviate.", [Detail(place, f"A name matches {pattern.pattern}.")])
    return name


def literal(value: Any) -> str:
    """A value as GraphQL writes it: JSON, but names of fields stand without quotes."""
    if isinstance(value, Word):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(_pairs(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    return json.dumps(_sound(value), ensure_ascii=False, allow_nan=False)


def _pairs(values: Mapping[str, Any]) -> Iterator[str]:
    """Names of our own and their values; what is None is left out."""
    return (f"{name}: {literal(value)}" for name, value in values.items() if value is not None)


def _sound(value: Any) -> Any:
    """A text with half a character in it cannot be sent."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidParameters(
                "A text holds half of a character.", [Detail("parameters", "Send text that is valid Unicode.")]
            ) from None
    return value
