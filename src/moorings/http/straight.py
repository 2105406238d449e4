"""The way from a path to its route without the framework, whose own way costs more than most answers.

Every route of ours takes the request and the parts of its path, and nothing that the framework would have to resolve.
"""

import inspect
from collections.abc import Iterable
from dataclasses import dataclass

from fastapi.routing import APIRoute

REQUEST = "request"


@dataclass(frozen=True, slots=True)
class Found:
    """A route, and what stands in the places of its path."""

    route: APIRoute
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Way:
    """A route's path in segments; a segment that begins with a brace takes any text but none."""

    segments: tuple[str, ...]
    route: APIRoute

    def parameters(self, segments: list[str]) -> dict[str, str] | None:
        found = {}
        for own, given in zip(self.segments, segments, strict=True):
            if own[:1] == "{" and given:
                found[own[1:-1]] = given
            elif own != given:
                return None
        return found


class Straight:
    """Finds the route of a call; of several that fit, the one that was declared first."""

    def __init__(self, routes: Iterable[APIRoute]) -> None:
        self._ways: dict[tuple[str, int], list[_Way]] = {}
        for route in filter(_is_plain, routes):
            way = _Way(tuple(route.path.split("/")), route)
            for method in route.methods or ():
                self._ways.setdefault((method, len(way.segments)), []).append(way)

    def find(self, method: str, path: str) -> Found | None:
        """None where the framework has to say what it makes of the path or method."""
        segments = path.split("/")
        for way in self._ways.get((method, len(segments)), ()):
            if (parameters := way.parameters(segments)) is not None:
                return Found(way.route, parameters)
        return None


def _is_plain(route: APIRoute) -> bool:
    """Whether a route takes the request and text from its path alone."""
    taken = inspect.signature(route.endpoint).parameters
    places = {segment[1:-1] for segment in route.path.split("/") if segment[:1] == "{"}
    texts = {parameter.name for parameter in route.dependant.path_params if parameter.field_info.annotation is str}
    return places == texts and set(taken) == {REQUEST, *places}
