"""The server: its door, and which call goes where."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.weaviate import answers
from moorings.emulators.weaviate.answers import Refused
from moorings.emulators.weaviate.collection import Collection
from moorings.emulators.weaviate.definitions import ARTICLE, SHIP, completed
from moorings.emulators.weaviate.document import NotRead, Selection, read
from moorings.emulators.weaviate.searches import Wish, search

ID = "weaviate"
ADDRESS = "https://emulated.c0.region.gcp.weaviate.cloud"
KEY = "emulated-0000000000000000-weaviate-key"
VERSION = "1.39.2"
"""Has nearText over REST, and the other searches not yet: so both ways are tried."""

REST_SINCE = {"near-text": (1, 39), "bm25": (1, 40), "hybrid": (1, 40)}
OPERATORS = ("nearText", "nearVector", "bm25", "hybrid")
NAME = re.compile(r"[A-Z][_0-9A-Za-z]{0,254}")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
PUBLIC = frozenset({"/v1/.well-known/ready", "/v1/.well-known/live", "/v1/.well-known/openid-configuration"})


class Weaviate:
    """Takes one API key; everyone may ask whether it is ready."""

    integration_id = ID

    def __init__(self, version: str = VERSION, key: str | None = KEY) -> None:
        self.version, self._key = version, key
        self._collections: dict[str, Collection] = {}
        self._routes: list[tuple[str, re.Pattern[str], Callable[..., Answer]]] = [
            ("GET", re.compile(r"/v1/meta"), self._meta),
            ("GET", re.compile(r"/v1/schema"), self._schema),
            ("POST", re.compile(r"/v1/schema"), self._create),
            ("GET", re.compile(r"/v1/schema/(\w+)"), self._class),
            ("DELETE", re.compile(r"/v1/schema/(\w+)"), self._drop),
            ("POST", re.compile(r"/v1/objects"), self._insert),
            ("GET", re.compile(r"/v1/objects"), self._list),
            ("(GET|HEAD|DELETE)", re.compile(r"/v1/objects/(\w+)/([^/]+)"), self._object),
            ("POST", re.compile(r"/v1/graphql"), self._graphql),
            ("POST", re.compile(r"/v1/search/(\w+)/([a-z0-9-]+)"), self._rest_search),
        ]
        self.reset()

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"url": ADDRESS, "apiKey": KEY, "collectionName": "Article"}

    def reset(self) -> None:
        """Back to two collections: one with a vectorizer of its own, one with named vectors and none."""
        self._collections = {}
        for definition, objects in (ARTICLE, SHIP):
            made = Collection(completed(definition))
            self._collections[made.name] = made
            for item in objects:
                made.add(item)

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.path in PUBLIC:
            there = call.path != "/v1/.well-known/openid-configuration"
            return Answer(HTTPStatus.OK if there else HTTPStatus.NOT_FOUND)
        shown = call.headers.get("authorization", "").removeprefix("Bearer ")
        if self._key is not None and shown != self._key:
            return answers.REFUSED if shown else answers.NO_KEY
        for method, pattern, found in self._routes:
            match = pattern.fullmatch(call.path)
            if match and re.fullmatch(method, call.method):
                return found(call, *match.groups())
        return answers.NOTHING

    def _meta(self, _: Call) -> Answer:
        modules = {"text2vec-transformers": {"model": {"_name_or_path": "emulated"}}}
        meta = {"hostname": "http://[::]:8080", "version": self.version, "modules": modules}
        return Answer(HTTPStatus.OK, {**meta, "grpcMaxMessageSize": 104858000})

    def _schema(self, _: Call) -> Answer:
        return answers.classes(*(found.definition for found in self._collections.values()))

    def _create(self, call: Call) -> Answer:
        body = _object(call)
        name = body.get("class")
        if not isinstance(name, str) or not NAME.fullmatch(name):
            return answers.refusal(HTTPStatus.UNPROCESSABLE_ENTITY, f"'{name}' is not a valid class name")
        if name in self._collections:
            return answers.refusal(HTTPStatus.UNPROCESSABLE_ENTITY, f"class name {name} already exists")
        self._collections[name] = Collection(completed(body))
        return Answer(HTTPStatus.OK, self._collections[name].definition)

    def _class(self, _: Call, name: str) -> Answer:
        found = self._collections.get(name)
        return Answer(HTTPStatus.OK, found.definition) if found else answers.NOTHING

    def _drop(self, _: Call, name: str) -> Answer:
        self._collections.pop(name, None)
        return Answer(HTTPStatus.OK)

    def _insert(self, call: Call) -> Answer:
        body = _object(call)
        found = self._collections.get(str(body.get("class")))
        if found is None:
            return answers.refusal(HTTPStatus.UNPROCESSABLE_ENTITY, f"class {body.get('class')} not found")
        object_id = body.get("id")
        if object_id is not None and not UUID.fullmatch(str(object_id)):
            return answers.refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "id in body must be of type uuid")
        if object_id in found.objects:
            return answers.refusal(HTTPStatus.UNPROCESSABLE_ENTITY, f"id '{object_id}' already exists")
        return Answer(HTTPStatus.OK, found.add(body))

    def _list(self, call: Call) -> Answer:
        wanted = call.query.get("class", [None])[0]
        found = [
            item for name, each in self._collections.items() if wanted in (None, name) for item in each.objects.values()
        ]
        shown = [_shown(item, call) for item in found[: int(call.query.get("limit", ["25"])[0])]]
        return Answer(HTTPStatus.OK, {"deprecations": [], "objects": shown, "totalResults": len(shown)})

    def _object(self, call: Call, name: str, object_id: str) -> Answer:
        found = self._collections.get(name)
        if not UUID.fullmatch(object_id):
            return answers.refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "id in path must be of type uuid")
        item = found.objects.get(object_id) if found else None
        if found is None or item is None or item.get("tenant") != call.query.get("tenant", [None])[0]:
            return answers.NOTHING
        if call.method == "GET":
            return Answer(HTTPStatus.OK, _shown(item, call))
        if call.method == "DELETE":
            del found.objects[object_id]
        return Answer(HTTPStatus.NO_CONTENT)

    def _graphql(self, call: Call) -> Answer:
        """A refusal is told with 200."""
        query = _object(call).get("query")
        if not isinstance(query, str):
            return answers.refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "query cannot be empty")
        try:
            found = [self._got(item) for get in read(query) if get.name == "Get" for item in get.inner]
        except (NotRead, Refused) as error:
            return Answer(HTTPStatus.OK, {"data": {"Get": {}}, "errors": [{"message": str(error), "path": ["Get"]}]})
        return Answer(HTTPStatus.OK, {"data": {"Get": dict(found)}})

    def _got(self, selection: Selection) -> tuple[str, list[dict[str, Any]]]:
        collection = self._collections.get(selection.name)
        if collection is None:
            raise Refused(f'Cannot query field "{selection.name}" on type "GetObjectsObj".')
        for field in selection.inner:
            if field.name != "_additional" and field.name not in collection.properties:
                raise Refused(f'Cannot query field "{field.name}" on type "{collection.name}".')
        kind = next((name for name in OPERATORS if name in selection.arguments), None)
        if kind is None:
            raise Refused("a search is wanted; listing is not emulated")
        arguments = selection.arguments
        limit, tenant, where = (arguments.get(name) for name in ("limit", "tenant", "where"))
        wish = Wish(kind, arguments[kind], int(limit or 10), tenant, where)
        return collection.name, [_selected(item, told, selection) for item, told in search(collection, wish)]

    def _rest_search(self, call: Call, name: str, kind: str) -> Answer:
        since = REST_SINCE.get(kind)
        if since is None or tuple(int(part) for part in self.version.split(".")[:2]) < since:
            return answers.NOTHING
        collection, body = self._collections.get(name), _object(call)
        if collection is None:
            return answers.refusal(HTTPStatus.NOT_FOUND, f"could not find class {name} in schema")
        try:
            found = search(collection, _wish(kind, body))
        except (Refused, KeyError, TypeError) as error:
            return answers.refusal(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        wanted = body.get("returnProperties")
        results = [_result(item, told, wanted, body.get("returnMetadata", ())) for item, told in found]
        return Answer(HTTPStatus.OK, {"results": results, "tookMs": 1})


def _wish(kind: str, body: Mapping[str, Any]) -> Wish:
    target = [body["targetVector"]] if "targetVector" in body else None
    given = {**body, "targetVectors": target, "properties": body.get("queryProperties")}
    names = {"near-text": "nearText"}
    if kind == "near-text":
        given["concepts"] = body["query"]
    return Wish(names.get(kind, kind), given, int(body.get("limit", 10)), body.get("tenant"), body.get("where"))


def _result(item: Mapping[str, Any], told: Mapping[str, float], wanted: Any, metadata: Any) -> dict[str, Any]:
    properties = {name: value for name, value in item["properties"].items() if wanted is None or name in wanted}
    return {
        "id": item["id"],
        "properties": properties,
        "metadata": {name: told[name] for name in metadata if name in told},
    }


def _selected(item: Mapping[str, Any], told: Mapping[str, float], selection: Selection) -> dict[str, Any]:
    """A score is told as text in GraphQL."""
    additional = {"id": item["id"], **told, **({"score": str(told["score"])} if "score" in told else {})}
    found: dict[str, Any] = {}
    for field in selection.inner:
        if field.name == "_additional":
            found["_additional"] = {inner.name: additional.get(inner.name) for inner in field.inner}
        else:
            found[field.name] = item["properties"].get(field.name)
    return found


def _shown(item: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """Vectors come only where they are wanted."""
    vectors = "vector" in ",".join(call.query.get("include", []))
    return {name: value for name, value in item.items() if vectors or name not in ("vector", "vectors")}


def _object(call: Call) -> dict[str, Any]:
    found = call.json()
    return found if isinstance(found, dict) else {}
