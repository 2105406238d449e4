"""One index: its vectors, the changes on their way to it, and the search by its metric."""

import math
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moorings.emulators.vectorize.filters import matches

Vector = dict[str, Any]
Change = Callable[[dict[str, Vector]], None]

INDEXED_BYTES = 64


def now() -> str:
    """A moment as Cloudflare writes it."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@dataclass(slots=True)
class Index:
    """An index of the account; `config` is what was chosen when it was made."""

    name: str
    config: Mapping[str, Any]
    description: str | None
    created: str = field(default_factory=now)
    vectors: dict[str, Vector] = field(default_factory=dict)
    metadata_indexes: dict[str, str] = field(default_factory=dict)
    pending: list[tuple[str, Change]] = field(default_factory=list)
    processed: tuple[str, str] | None = None

    @property
    def dimensions(self) -> int:
        """How many numbers each vector has."""
        return int(self.config["dimensions"])

    def shown(self) -> dict[str, Any]:
        """How Cloudflare shows it."""
        return {
            "name": self.name, "description": self.description or "", "config": dict(self.config),
            "created_on": self.created, "modified_on": self.created,
        }  # fmt: skip

    def info(self) -> dict[str, Any]:
        """How much is in it, and up to which change."""
        mutation, moment = self.processed or (None, None)
        return {
            "dimensions": self.dimensions, "vectorCount": len(self.vectors), "processedUpToDatetime": moment,
            "processedUpToMutation": mutation,
        }  # fmt: skip

    def change(self, what: Change) -> dict[str, str]:
        """Take a change; it is seen later."""
        mutation = str(uuid.uuid4())
        self.pending.append((mutation, what))
        return {"mutationId": mutation}

    def settle(self) -> None:
        """Let what is on its way arrive: as in life, not before somebody has looked once."""
        for mutation, what in self.pending:
            what(self.vectors)
            self.processed = (mutation, now())
        self.pending.clear()

    def query(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """The nearest vectors first."""
        fit = [vector for vector in self.vectors.values() if self._fits(vector, wish.get("filter") or {})]
        metric = self.config["metric"]
        scored = [(score(metric, wish["vector"], vector["values"]), vector) for vector in fit]
        # Euclidean is a distance, the others say how alike they are. How a dot product is told is not documented.
        scored.sort(key=lambda pair: pair[0], reverse=metric != "euclidean")
        found = scored[: int(wish.get("topK", 5))]
        return {"count": len(found), "matches": [self._match(vector, value, wish) for value, vector in found]}

    def _fits(self, vector: Vector, wanted: Mapping[str, Any]) -> bool:
        return matches(vector.get("metadata") or {}, wanted, self.metadata_indexes)

    def _match(self, vector: Vector, value: float, wish: Mapping[str, Any]) -> dict[str, Any]:
        match: dict[str, Any] = {"id": vector["id"], "score": value}
        if wish.get("returnValues"):
            match["values"] = vector["values"]
        metadata = vector.get("metadata")
        wanted = wish.get("returnMetadata", "none")
        if metadata and wanted == "all":
            match["metadata"] = metadata
        if metadata and wanted == "indexed":
            match["metadata"] = {name: _cut(metadata[name]) for name in self.metadata_indexes if name in metadata}
        return {**match, **({"namespace": vector["namespace"]} if "namespace" in vector else {})}


def put(vectors: Iterable[Vector], *, replace: bool) -> Change:
    """A change that writes vectors; without `replace` those that are there stay as they are."""

    def change(stored: dict[str, Vector]) -> None:
        for vector in vectors:
            if replace or vector["id"] not in stored:
                stored[vector["id"]] = vector

    return change


def drop(ids: Sequence[str]) -> Change:
    """A change that deletes vectors."""

    def change(stored: dict[str, Vector]) -> None:
        for vector_id in ids:
            stored.pop(vector_id, None)

    return change


def score(metric: str, one: Sequence[float], other: Sequence[float]) -> float:
    """How near two vectors are."""
    if metric == "euclidean":
        return math.dist(one, other)
    product = (
        math.sumprod(one, other) if hasattr(math, "sumprod") else sum(a * b for a, b in zip(one, other, strict=True))
    )
    if metric == "dot-product":
        return float(product)
    lengths = math.hypot(*one) * math.hypot(*other)
    return product / lengths if lengths else 0.0


def _cut(value: Any) -> Any:
    """Of a text, what stands in the metadata index."""
    return value.encode()[:INDEXED_BYTES].decode(errors="ignore") if isinstance(value, str) else value
