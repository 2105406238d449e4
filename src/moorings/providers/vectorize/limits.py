"""What Vectorize refuses, found before the call: every problem at once, and no half-written batch.

https://developers.cloudflare.com/vectorize/platform/limits/
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from moorings.domain.tool import Tool
from moorings.errors import Detail, InvalidParameters

ID_BYTES, NAMESPACE_BYTES, METADATA_BYTES = 64, 64, 10 * 1024
TOP_K_WITH_EVERYTHING = 20
BATCH_BYTES = 100 * 1000 * 1000
TOLD_AT_MOST = 20


def check(tool: Tool, parameters: Mapping[str, Any], dimensions: int | None) -> None:
    """Raise `InvalidParameters` with what the index would refuse; `dimensions` are None where they are not known."""
    problems = list(_problems(tool.id, parameters, dimensions))
    if problems:
        raise InvalidParameters(f"Vectorize would refuse what {tool.name} was given.", problems[:TOLD_AT_MOST])


def _problems(tool_id: str, parameters: Mapping[str, Any], dimensions: int | None) -> Iterator[Detail]:
    match tool_id:
        case "query":
            yield from _query(parameters, dimensions)
        case "upsert":
            yield from _vectors(parameters["vectors"], dimensions)
        case "get_by_ids" | "delete_by_ids":
            for place, item in enumerate(parameters["ids"]):
                yield from _longer(f"parameters.ids.{place}", item, ID_BYTES)


def _query(parameters: Mapping[str, Any], dimensions: int | None) -> Iterator[Detail]:
    yield from _dimensions("parameters.vector", parameters["vector"], dimensions)
    everything = parameters.get("returnValues") is True or parameters.get("returnMetadata") == "all"
    if everything and parameters.get("topK", 0) > TOP_K_WITH_EVERYTHING:
        yield Detail("parameters.topK", f"With values or all metadata, {TOP_K_WITH_EVERYTHING} is the most.")


def _vectors(vectors: Sequence[Mapping[str, Any]], dimensions: int | None) -> Iterator[Detail]:
    for place, vector in enumerate(vectors):
        where = f"parameters.vectors.{place}"
        yield from _dimensions(f"{where}.values", vector["values"], dimensions)
        yield from _longer(f"{where}.id", vector["id"], ID_BYTES)
        yield from _longer(f"{where}.namespace", vector.get("namespace", ""), NAMESPACE_BYTES)
        yield from _longer(f"{where}.metadata", _written(vector.get("metadata")), METADATA_BYTES)
    if sum(len(_written(vector)) for vector in vectors) > BATCH_BYTES:
        yield Detail("parameters.vectors", "Together they are larger than 100 MB; write them in several batches.")


def _dimensions(place: str, vector: Sequence[float], dimensions: int | None) -> Iterator[Detail]:
    if dimensions is not None and len(vector) != dimensions:
        yield Detail(place, f"The index has {dimensions} dimensions, and this vector has {len(vector)}.")


def _longer(place: str, text: str, limit: int) -> Iterator[Detail]:
    if len(text.encode(errors="surrogatepass")) > limit:
        yield Detail(place, f"This is longer than {limit} bytes.")


def _written(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)
