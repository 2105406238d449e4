"""The searches, as both ways of asking for them end up here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorings.emulators.weaviate.answers import Refused
from moorings.emulators.weaviate.collection import UNNAMED, Collection, embedded
from moorings.emulators.weaviate.filters import holds

Found = list[tuple[dict[str, Any], dict[str, float]]]
CONSTANT = 60
"""What ranked fusion adds to each place."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is searched for; `kind` is one of nearText, nearVector, bm25 and hybrid, `given` its arguments."""

    kind: str
    given: Mapping[str, Any]
    limit: int
    tenant: str | None
    where: Mapping[str, Any] | None = None


def search(collection: Collection, wish: Wish) -> Found:
    """Objects with their distance or score; raises `Refused`."""
    multi = (collection.definition.get("multiTenancyConfig") or {}).get("enabled", False)
    if multi != (wish.tenant is not None):
        told = (
            "has multi-tenancy enabled, but request was without tenant"
            if multi
            else "has multi-tenancy disabled, but request was with tenant"
        )
        raise Refused(f"class {collection.name} {told}")
    match wish.kind:
        case "nearText" | "nearVector":
            found = _near(collection, wish)
        case "bm25":
            found = _scored(
                collection.with_words(wish.given["query"], wish.given.get("properties"), _all(collection, wish))
            )
        case _:
            found = _hybrid(collection, wish)
    return found[: wish.limit]


def _all(collection: Collection, wish: Wish) -> list[dict[str, Any]]:
    found = collection.of_tenant(wish.tenant)
    if wish.where is None:
        return found
    lets_through = holds(wish.where, collection)
    return [item for item in found if lets_through(item["properties"])]


def _near(collection: Collection, wish: Wish) -> Found:
    target = _target(collection, wish)
    if wish.kind == "nearText":
        vector = _embedded(collection, target, " ".join(wish.given["concepts"]))
    else:
        vector = wish.given["vector"]
    stored = next(
        (len(item.get("vector") or item.get("vectors", {}).get(target, ())) for item in collection.objects.values()),
        None,
    )
    if stored is not None and stored != len(vector):
        raise Refused(f"vector search: vector lengths don't match: {stored} vs {len(vector)}")
    found = collection.near(vector, target, _all(collection, wish))
    bound = wish.given.get("distance")
    if bound is None and wish.given.get("certainty") is not None:
        bound = 2 * (1 - wish.given["certainty"])
    return [(item, {"distance": far, "certainty": 1 - far / 2}) for far, item in found if bound is None or far <= bound]


def _hybrid(collection: Collection, wish: Wish) -> Found:
    """Both rankings joined by their places."""
    alpha = wish.given.get("alpha", 0.75)
    among = _all(collection, wish)
    words = collection.with_words(wish.given["query"], wish.given.get("properties"), among)
    target = _target(collection, wish)
    meaning = collection.near(_embedded(collection, target, wish.given["query"]), target, among) if alpha > 0 else []
    scores: dict[str, float] = {}
    for weight, ranking in ((1 - alpha, words), (alpha, meaning)):
        for place, (_, item) in enumerate(ranking):
            scores[item["id"]] = scores.get(item["id"], 0.0) + weight / (CONSTANT + place)
    best = sorted(scores, key=lambda name: -scores[name])
    return [(collection.objects[name], {"score": scores[name]}) for name in best if scores[name] > 0]


def _target(collection: Collection, wish: Wish) -> str:
    targets, named = wish.given.get("targetVectors"), collection.named_vectors
    if targets:
        if targets[0] not in named:
            raise Refused(f"collection {collection.name} does not have named vector {targets[0]}")
        return str(targets[0])
    if len(named) > 1:
        raise Refused("collection has multiple vectors, but no target vectors were provided")
    return named[0] if named else UNNAMED


def _embedded(collection: Collection, target: str, text: str) -> list[float]:
    if not collection.vectorizes(target):
        raise Refused(f"VectorFromInput was called without vectorizer on class {collection.name}")
    return embedded(text)


def _scored(found: list[tuple[float, dict[str, Any]]]) -> Found:
    return [(item, {"score": score}) for score, item in found]
