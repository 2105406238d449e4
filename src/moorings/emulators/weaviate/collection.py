"""One collection: its definition, its objects, and the searches among them."""

import math
import re
import uuid
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

DIMENSIONS = 64
UNNAMED = "default"
_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class Collection:
    """A class of the schema as the server keeps it, with its objects by their ids."""

    definition: dict[str, Any]
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.definition["class"])

    @property
    def named_vectors(self) -> list[str]:
        """The names of its vectors; none where it has one without a name."""
        return list(self.definition.get("vectorConfig") or {})

    @property
    def properties(self) -> list[str]:
        """The names of its properties."""
        return [item["name"] for item in self.definition.get("properties", ())]

    @property
    def texts(self) -> list[str]:
        """Those that hold text."""
        return [item["name"] for item in self.definition.get("properties", ()) if item["dataType"][0] == "text"]

    def vectorizes(self, name: str) -> bool:
        """Whether it makes this vector by itself."""
        if name == UNNAMED and not self.named_vectors:
            return bool(self.definition.get("vectorizer", "none") != "none")
        config = self.definition.get("vectorConfig", {}).get(name, {})
        return bool(next(iter(config.get("vectorizer", {"none": {}}))) != "none")

    def add(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """A new object, with the vectors that the collection makes of its texts."""
        moment = int(datetime.now(UTC).timestamp() * 1000)
        properties = dict(given.get("properties") or {})
        made: dict[str, Any] = {
            "class": self.name, "id": given.get("id") or str(uuid.uuid4()), "properties": properties,
            "creationTimeUnix": moment, "lastUpdateTimeUnix": moment,
        }  # fmt: skip
        text = " ".join(str(properties[name]) for name in self.texts if name in properties)
        if self.named_vectors:
            own = {name: embedded(text) for name in self.named_vectors if self.vectorizes(name)}
            made["vectors"] = {**own, **(given.get("vectors") or {})}
        elif given.get("vector") or self.vectorizes(UNNAMED):
            made["vector"] = given.get("vector") or embedded(text)
        if "tenant" in given:
            made["tenant"] = given["tenant"]
        self.objects[made["id"]] = made
        return made

    def of_tenant(self, tenant: str | None) -> list[dict[str, Any]]:
        """The objects that may be seen."""
        return [item for item in self.objects.values() if item.get("tenant") == tenant]

    def near(
        self, vector: Sequence[float], target: str, among: Iterable[dict[str, Any]]
    ) -> list[tuple[float, dict[str, Any]]]:
        """Objects with their cosine distances, the nearest first."""
        having = [(item, vector_of(item, target)) for item in among]
        found = [(distance(vector, own), item) for item, own in having if own and len(own) == len(vector)]
        return sorted(found, key=lambda pair: pair[0])

    def with_words(
        self, query: str, properties: Sequence[str] | None, among: Iterable[dict[str, Any]]
    ) -> list[tuple[float, dict[str, Any]]]:
        """Objects that hold words of the query, with how many of them there are, weighted, the most first."""
        weights = dict(_weight(name) for name in properties or self.texts)
        wanted = set(_WORD.findall(query.casefold()))
        found = [(_count(item["properties"], weights, wanted), item) for item in among]
        return sorted((pair for pair in found if pair[0] > 0), key=lambda pair: -pair[0])


def embedded(text: str) -> list[float]:
    """A text as a vector, the same each time: texts that share words lie near one another."""
    vector = [0.001] * DIMENSIONS
    for word in _WORD.findall(text.casefold()):
        vector[zlib.crc32(word.encode()) % DIMENSIONS] += 1.0
    length = math.hypot(*vector)
    return [round(number / length, 6) for number in vector]


def vector_of(item: Mapping[str, Any], target: str) -> Sequence[float] | None:
    """One of an object's vectors."""
    found: Sequence[float] | None = item.get("vector") if target == UNNAMED else item.get("vectors", {}).get(target)
    return found


def distance(one: Sequence[float], other: Sequence[float]) -> float:
    """The cosine distance: 0 for the same direction, 2 for the opposite one."""
    lengths = math.hypot(*one) * math.hypot(*other)
    return 1 - sum(a * b for a, b in zip(one, other, strict=True)) / lengths if lengths else 1.0


def _weight(name: str) -> tuple[str, float]:
    bare, _, weight = name.partition("^")
    return bare, float(weight or 1)


def _count(properties: Mapping[str, Any], weights: Mapping[str, float], wanted: set[str]) -> float:
    return sum(
        weight * len(wanted & set(_WORD.findall(str(properties.get(name, "")).casefold())))
        for name, weight in weights.items()
    )
