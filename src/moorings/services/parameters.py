"""Checks a tool's parameters against its schema, and tells every problem without the value that caused it."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any

from moorings.domain.tool import Tool
from moorings.errors import Detail, InvalidParameters

TOLD_AT_MOST = 20
MASK = "this value"
# A name with digits may be a secret put in the wrong place: only what surely is a name is said again.
_NAME = re.compile(r"[A-Za-z][A-Za-z_.-]{0,39}")
_DEEPEST = 64
_MANY = 5_000


def check(tool: Tool, parameters: Mapping[str, Any]) -> None:
    """Raise `InvalidParameters` with every problem; a value is never said again, nor a name that could be one.

    Of very many values the first problem alone is told: each costs time in which everybody waits.
    """
    problems = list(_problems(tool, parameters))
    if problems:
        more = len(problems) - TOLD_AT_MOST
        rest = [Detail("parameters", f"There are {more} more problems.")] if more > 0 else []
        raise InvalidParameters(
            f"These are not the parameters that {tool.name} takes; its parametersSchema describes them.",
            [*problems[:TOLD_AT_MOST], *rest],
        )


def _problems(tool: Tool, parameters: Mapping[str, Any]) -> Iterator[Detail]:
    depth, values = _extent(parameters)
    if depth > _DEEPEST:
        yield Detail("parameters", f"They are nested more than {_DEEPEST} levels deep.")
        return
    if not _is_finite(parameters):
        yield Detail("parameters", "A number is too large to be sent.")
        return
    validator = _validator(tool.name, _Schema(tool))
    for error in validator.iter_errors(dict(parameters)) if values < _MANY else _first(validator, parameters):
        if error.kind.name == "additionalProperties":
            yield from _strangers(tool, error)
        else:
            yield Detail(_place(error.instance_path), f"{_sentence(error)}.")


def _strangers(tool: Tool, error: Any) -> Iterator[Detail]:
    place, known = _place(error.instance_path), tool.parameters.get("properties", {})
    listed = f"; {tool.name} takes {', '.join(known) or 'none'}" if place == "parameters" else ""
    for name in error.kind.unexpected:
        if _NAME.fullmatch(name):
            yield Detail(f"{place}.{name}", f"This parameter is unknown{listed}.")
        else:
            yield Detail(place, f"A parameter is unknown{listed}.")


def _sentence(error: Any) -> str:
    message: str = error.message
    return message[0].upper() + message[1:]


def _place(path: list[str | int]) -> str:
    """Where in the parameters; a name of the caller's own making, as in free-form objects, is left out."""
    parts = [str(part) if isinstance(part, int) or _NAME.fullmatch(part) else "…" for part in path]
    return ".".join(["parameters", *parts])


def _first(validator: Any, parameters: Mapping[str, Any]) -> Iterator[Any]:
    try:
        validator.validate(dict(parameters))
    except ValueError as error:
        yield error


def _extent(parameters: Mapping[str, Any]) -> tuple[int, int]:
    """How deep they are nested, as far as that matters, and how many values they hold."""
    level: list[Any] = [parameters]
    depth, values = 0, 0
    while level and depth <= _DEEPEST:
        depth += 1
        values += sum(map(len, level))
        parts = chain.from_iterable(each.values() if isinstance(each, Mapping) else each for each in level)
        level = [part for part in parts if isinstance(part, dict | list)]
    return depth, values


def _is_finite(value: Any) -> bool:
    """Whether every number in it can be sent; 1e999 is read as infinity, which is no JSON."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


class _Schema:
    """A tool's schema as a cache's key: a tool is the same for as long as the server runs."""

    __slots__ = ("tool",)

    def __init__(self, tool: Tool) -> None:
        self.tool = tool

    def __hash__(self) -> int:
        return hash(self.tool.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Schema) and other.tool.parameters is self.tool.parameters


@lru_cache(maxsize=4_096)
def _validator(_: str, schema: _Schema) -> Any:
    # 5 MiB, for which a server that runs no tool would pay as well.
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(dict(schema.tool.parameters), mask=MASK)
