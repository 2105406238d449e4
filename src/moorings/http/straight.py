"""The way from a path to its call without the framework, whose own way costs more than most answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from moorings.errors import NotFound
from moorings.http.routing import Call


@dataclass(frozen=True, slots=True)
class Found:
    """A call, and what stands in the places of its path."""

    call: Call
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Way:
    """A call's path in segments; a segment that begins with a brace takes any text but none."""

    segments: tuple[str, ...]
    call: Call

    def parameters(self, segments: list[str]) -> dict[str, str] | None:
        found = {}
        for own, given in zip(self.segments, segments, strict=True):
            if own[:1] == "{" and given:
                found[own[1:-1]] = given
            elif own != given:
                return None
        return found


class Straight:
    """Finds the call of a method and path; of several that fit, the one that was declared first."""

    def __init__(self, calls: Iterable[Call]) -> None:
        self._ways: dict[tuple[str, int], list[_Way]] = {}
        for call in calls:
            way = _Way(tuple(call.path.split("/")), call)
            self._ways.setdefault((call.method, len(way.segments)), []).append(way)

    def find(self, method: str, path: str, raw: bytes = b"") -> Found | None:
        """None where the framework has to say what is wrong with the path or method.

        `raw` is the path as it was sent: an escaped slash belongs to a segment and parts none. Raises `NotFound` for a
        path with one that leads nowhere, for the framework would part it.
        """
        segments = _parted(raw) if b"%" in raw and b"%2f" in raw.lower() else path.split("/")
        for way in self._ways.get((method, len(segments)), ()):
            if (parameters := way.parameters(segments)) is not None:
                return Found(way.call, parameters)
        if len(segments) != path.count("/") + 1:
            raise NotFound("There is nothing at this path; /openapi.json lists what there is.")
        return None


def _parted(raw: bytes) -> list[str]:
    return [unquote(part) for part in raw.decode("latin-1").split("/")]
