"""One account of Cloudflare: who may do what, and which call goes where."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.vectorize import answers
from moorings.emulators.vectorize.index import Index, drop, now, put

ID = "vectorize"
TOKEN = "emulated000000000000000000000vectorize00"
READ_ONLY = "emulated00000000000000000vectorize-read0"
WITHOUT_VECTORIZE = "emulated00000000000000000000000-dns-only"
DISABLED = "emulated0000000000000000000000-disabled0"
ACCOUNT = "00000000000000000000000000e30002"
INDEX = "articles"

NAME = re.compile(r"[a-z]+[a-z0-9_-]*[a-z0-9]+")
LONGEST_NAME, MOST_DIMENSIONS, MOST_RESULTS, MOST_WITH_EVERYTHING, BATCH = 64, 1536, 100, 20, 5000
METRICS = ("cosine", "euclidean", "dot-product")
PRESETS = {
    "@cf/baai/bge-small-en-v1.5": 384,
    "@cf/baai/bge-base-en-v1.5": 768,
    "@cf/baai/bge-large-en-v1.5": 1024,
    "openai/text-embedding-ada-002": 1536,
    "cohere/embed-multilingual-v2.0": 768,
}
SEEDS = (
    {"id": "article-1", "values": [0.1, 0.5, 0.7], "metadata": {"language": "en", "year": 2024}, "namespace": "news"},
    {"id": "article-2", "values": [0.9, 0.1, 0.2], "metadata": {"language": "de", "year": 2019}},
    {"id": "article-3", "values": [0.2, 0.8, 0.1]},
)

_ROUTE = re.compile(rf"/accounts/{ACCOUNT}/vectorize/v2/indexes(?:/(?P<name>[^/]+)(?:/(?P<rest>.+))?)?")
_WRITES = frozenset({"insert", "upsert", "delete_by_ids", "metadata_index/create", "metadata_index/delete"})


class Vectorize:
    """Accepts one token for one account; every other token is refused with 401, every other account with 403."""

    integration_id = ID

    def __init__(self) -> None:
        self._indexes: dict[str, Index] = {}
        self._on_index: Mapping[str, Callable[[Index, Call], Answer]] = {
            "GET info": self._info, "POST query": self._query, "POST insert": self._insert, "POST upsert": self._upsert,
            "POST get_by_ids": self._get_by_ids, "POST delete_by_ids": self._delete_by_ids, "GET list": self._vectors,
            "GET metadata_index/list": self._metadata, "POST metadata_index/create": self._index_metadata,
            "POST metadata_index/delete": self._drop_metadata,
        }  # fmt: skip
        self.reset()

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiToken": TOKEN, "accountId": ACCOUNT, "indexName": INDEX}

    def reset(self) -> None:
        """Back to one index with three vectors."""
        index = Index(INDEX, {"dimensions": 3, "metric": "cosine"}, "Articles of the harbour's newspaper")
        index.vectors = {str(vector["id"]): dict(vector) for vector in SEEDS}
        index.metadata_indexes = {"language": "string"}
        self._indexes = {INDEX: index}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        scheme, _, shown = call.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not shown:
            return answers.MALFORMED_HEADER
        if call.path.endswith("/tokens/verify"):
            return self._token(call, shown)
        return answers.REFUSED if shown not in (TOKEN, READ_ONLY, WITHOUT_VECTORIZE) else self._allowed(call, shown)

    def _allowed(self, call: Call, shown: str) -> Answer:
        """What a known token gets, as far as it may."""
        if call.path.startswith("/accounts/") and call.path.split("/")[2] != ACCOUNT:
            return answers.NOT_ALLOWED
        route = _ROUTE.fullmatch(call.path)
        if route is None:
            return answers.no_route(call.path)
        writes = route["rest"] in _WRITES or call.method == "DELETE" or (call.method == "POST" and not route["name"])
        if shown == WITHOUT_VECTORIZE or (shown == READ_ONLY and writes):
            return answers.NOT_ALLOWED
        return self._routed(call, route["name"], route["rest"])

    def _token(self, call: Call, shown: str) -> Answer:
        """These are a user's tokens: an account's check does not know them. 10000 here means that all is well."""
        known = {TOKEN: "active", READ_ONLY: "active", WITHOUT_VECTORIZE: "active", DISABLED: "disabled"}
        if call.method != "GET" or call.path != "/user/tokens/verify" or shown not in known:
            return answers.INVALID_TOKEN
        message = {"code": 10000, "message": "This API Token is valid and active", "type": None}
        told = [message] if known[shown] == "active" else []
        return answers.result({"id": "ed17574386854bf78a67040be0a770b0", "status": known[shown]}, *told)

    def _routed(self, call: Call, name: str | None, rest: str | None) -> Answer:
        if name is None:
            return self._on_account(call)
        index = self._indexes.get(name)
        if rest is None:
            return self._one(call, name, index)
        found = self._on_index.get(f"{call.method} {rest}")
        if found is None:
            return answers.no_route(call.path)
        if index is None:
            return answers.no_index(name)
        answer = found(index, call)
        if rest not in _WRITES:
            index.settle()
        return answer

    def _on_account(self, call: Call) -> Answer:
        if call.method == "GET":
            return answers.result([index.shown() for index in self._indexes.values()])
        return self._create(call) if call.method == "POST" else answers.no_route(call.path)

    def _one(self, call: Call, name: str, index: Index | None) -> Answer:
        if call.method not in ("GET", "DELETE"):
            return answers.no_route(call.path)
        if index is None:
            return answers.no_index(name)
        if call.method == "DELETE":
            del self._indexes[name]
            return answers.result(None)
        return answers.result(index.shown())

    def _create(self, call: Call) -> Answer:
        if not _is_json(call):
            return answers.WANTS_JSON
        body = _object(call)
        name, config = body.get("name"), _config(body.get("config"))
        if not isinstance(name, str) or not NAME.fullmatch(name) or len(name.encode()) > LONGEST_NAME:
            return answers.malformed("the name is not one that an index can bear")
        if config is None:
            return answers.malformed("dimensions from 1 to 1536 and a metric, or a preset, are wanted")
        if name in self._indexes:
            return answers.taken(name)
        self._indexes[name] = Index(name, config, body.get("description"))
        return answers.result(self._indexes[name].shown())

    def _info(self, index: Index, _: Call) -> Answer:
        return answers.result(index.info())

    def _query(self, index: Index, call: Call) -> Answer:
        if not _is_json(call):
            return answers.WANTS_JSON
        body = _object(call)
        vector: Any = body.get("vector")
        if not _is_vector(vector):
            return answers.malformed("vector is a list of numbers")
        if len(vector) != index.dimensions:
            return answers.wrong_dimensions(index.dimensions, len(vector))
        everything = body.get("returnValues") or body.get("returnMetadata") == "all"
        top = body.get("topK", 5)
        if not isinstance(top, int) or not 1 <= top <= (MOST_WITH_EVERYTHING if everything else MOST_RESULTS):
            return answers.malformed("topK is out of its bounds")
        return answers.result(index.query(body))

    def _insert(self, index: Index, call: Call) -> Answer:
        return self._written(index, call, replace=False)

    def _upsert(self, index: Index, call: Call) -> Answer:
        return self._written(index, call, replace=True)

    def _written(self, index: Index, call: Call, *, replace: bool) -> Answer:
        lenient = call.query.get("unparsable-behavior") == ["discard"]
        read = list(_lines(call.body))
        if len(read) > BATCH:
            return answers.malformed(f"at most {BATCH} vectors are taken at once")
        good = [line for line in read if _fits(line)]
        if len(good) < len(read) and not lenient:
            return answers.malformed("a line is no vector")
        misfit = next((line for line in good if len(line["values"]) != index.dimensions), None)
        if misfit is not None:
            return answers.wrong_dimensions(index.dimensions, len(misfit["values"]))
        return answers.result(index.change(put(good, replace=replace)))

    def _get_by_ids(self, index: Index, call: Call) -> Answer:
        if not _is_json(call):
            return answers.WANTS_JSON
        ids = _ids(call)
        if ids is None:
            return answers.malformed("ids is a list of texts")
        return answers.result([index.vectors[name] for name in ids if name in index.vectors])

    def _delete_by_ids(self, index: Index, call: Call) -> Answer:
        if not _is_json(call):
            return answers.WANTS_JSON
        ids = _ids(call)
        return answers.malformed("ids is a list of texts") if ids is None else answers.result(index.change(drop(ids)))

    def _vectors(self, index: Index, call: Call) -> Answer:
        count = int(call.query.get("count", ["100"])[0])
        start = int(call.query.get("cursor", ["0"])[0])
        names = sorted(index.vectors)
        page, more = names[start : start + count], start + count < len(names)
        shown = {
            "count": len(page), "isTruncated": more, "totalCount": len(names),
            "vectors": [{"id": name} for name in page],
        }  # fmt: skip
        next_page = {"nextCursor": str(start + count), "cursorExpirationTimestamp": now()} if more else {}
        return answers.result({**shown, **next_page})

    def _metadata(self, index: Index, _: Call) -> Answer:
        found = [{"propertyName": name, "indexType": kind} for name, kind in index.metadata_indexes.items()]
        return answers.result({"metadataIndexes": found})

    def _index_metadata(self, index: Index, call: Call) -> Answer:
        """Making one twice succeeds."""
        body = _object(call)
        name, kind = body.get("propertyName"), body.get("indexType")
        if not isinstance(name, str) or kind not in ("string", "number", "boolean"):
            return answers.malformed("propertyName and indexType are wanted")
        index.metadata_indexes[name] = kind
        return answers.result(index.change(put([], replace=False)))

    def _drop_metadata(self, index: Index, call: Call) -> Answer:
        if index.metadata_indexes.pop(str(_object(call).get("propertyName")), None) is None:
            return answers.NO_METADATA_INDEX
        return answers.result(index.change(put([], replace=False)))


def _config(given: Any) -> dict[str, Any] | None:
    """Dimensions and metric, or those of a preset, which is shown beside them."""
    config = given if isinstance(given, dict) else {}
    preset, dimensions, metric = config.get("preset"), config.get("dimensions"), config.get("metric")
    if preset in PRESETS:
        return {"dimensions": PRESETS[preset], "metric": "cosine", "preset": preset}
    if isinstance(dimensions, int) and 1 <= dimensions <= MOST_DIMENSIONS and metric in METRICS:
        return {"dimensions": dimensions, "metric": metric}
    return None


def _lines(body: bytes) -> Iterator[Any]:
    for line in body.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            yield None


def _fits(line: Any) -> bool:
    return isinstance(line, dict) and isinstance(line.get("id"), str) and _is_vector(line.get("values"))


def _is_vector(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(number, int | float) for number in value)


def _is_json(call: Call) -> bool:
    return call.headers.get("content-type", "").startswith("application/json")


def _object(call: Call) -> dict[str, Any]:
    found = call.json()
    return found if isinstance(found, dict) else {}


def _ids(call: Call) -> list[str] | None:
    found = _object(call).get("ids")
    return found if isinstance(found, list) and all(isinstance(item, str) for item in found) else None
