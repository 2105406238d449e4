"""The providers' own published documents, where this machine has them: they judge what we send and what we emulate.

Several are not valid OpenAPI, so only their operations, parameters and schemas are read, leniently:
`oneOf` counts as `anyOf` (open objects match several branches), a reference that leads nowhere admits everything,
and fields marked read-only are not required of a write, nor write-only ones of an answer.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import pytest
from jsonschema import Draft202012Validator

from moorings.domain.integration import Integration
from moorings.providers.request import PreparedRequest
from tests.contract import bot_api

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "schemas"
ABSENT = "the providers' published schemas are not on this machine (../shared/schemas)"

Side = Literal["readOnly", "writeOnly"]
Json = Any

needed = pytest.mark.skipif(not FOLDER.exists(), reason=ABSENT)
"""On a test that is nothing without the documents."""

_MAPS = ("properties", "patternProperties", "$defs", "definitions", "schemas")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLE = ("items", "additionalProperties", "not", "contains", "propertyNames")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path of a document."""

    document: "Document"
    path: str
    method: str
    declared: Mapping[str, Any]

    @property
    def parameters(self) -> list[Mapping[str, Any]]:
        """Those of the operation and of its path, references resolved."""
        above = self.document.content["paths"][self.path].get("parameters", [])
        return [self.document.resolved(entry) for entry in [*self.declared.get("parameters", []), *above]]

    def placed(self, place: str) -> dict[str, Mapping[str, Any]]:
        """The parameters that stand in `query`, `header`, `formData`, ..."""
        return {entry["name"]: entry for entry in self.parameters if entry.get("in") == place}

    @property
    def body_required(self) -> bool:
        """Whether a request without a body is refused."""
        required: bool = self._declared_body.get("required", False)
        return required

    def body(self, media_type: str) -> Json | None:
        """The schema of the body in this media type; None if none is published."""
        for entry in self.placed("body").values():
            return entry.get("schema", {})
        content = self._declared_body.get("content", {})
        found = next((kind for kind in content if kind.partition(";")[0].strip() in (media_type, "*/*")), None)
        return None if found is None else content[found].get("schema", {})

    @property
    def _declared_body(self) -> Mapping[str, Any]:
        declared: Mapping[str, Any] = self.document.resolved(self.declared.get("requestBody", {}))
        return declared

    def answer(self, status: int) -> Json | None:
        """The schema of the JSON answer with this status; None if none is published."""
        answers = self.declared.get("responses", {})
        ranged = f"{status // 100}XX"
        declared = self.document.resolved(
            answers.get(str(status)) or answers.get(ranged) or answers.get("default") or {}
        )
        content = declared.get("content", {})
        found = next((kind for kind in content if "json" in kind), None)
        return declared.get("schema") if found is None else content[found].get("schema")


class Document:
    """One published OpenAPI or Swagger document."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content

    def operation(self, method: str, paths: Sequence[str]) -> Operation | None:
        """The operation of the first of these addresses that is known; the most literal template wins."""
        for path in paths:
            for template in self._matching(path):
                item = self.content["paths"][template]
                if method.lower() in item:
                    return Operation(self, template, method, self.resolved(item[method.lower()]))
        return None

    def addresses(self, url: str, relative: str) -> list[str]:
        """The paths under which a document may list an address: below one of its servers, whole, or below ours."""
        whole = urlsplit(url).path
        below = [whole.removeprefix(prefix) for prefix in self._prefixes if prefix and whole.startswith(prefix + "/")]
        return [*below, whole, relative]

    def resolved(self, node: Any) -> Any:
        """What a node's references lead to; `{}` where one leads nowhere."""
        while isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
            node = self._at(node["$ref"])
        return node

    def problems(self, schema: Json, value: Json, side: Side) -> Iterator[str]:
        """Where a value does not follow a schema; `side` names the mark of fields that are not wanted here."""
        validator = Draft202012Validator({**self._schemas[side], **_normal(schema, self, side)})
        for error in validator.iter_errors(value):
            yield f"{error.json_path}: {error.message[:300]}"

    def strangers(self, schema: Json, value: Json, at: str = "$") -> Iterator[str]:
        """Fields of a value, at every depth, that no branch of a schema knows."""
        branches = list(self._branches(schema, frozenset()))
        if isinstance(value, list):
            inner = [branch["items"] for branch in branches if "items" in branch]
            for place, item in enumerate(value):
                yield from self.strangers({"anyOf": inner}, item, f"{at}[{place}]") if inner else ()
        if not isinstance(value, dict) or any(_is_open(branch) for branch in branches):
            return
        for name, item in value.items():
            known = [branch["properties"][name] for branch in branches if name in branch.get("properties", {})]
            if known:
                yield from self.strangers({"anyOf": known}, item, f"{at}.{name}")
            else:
                yield f"{at}.{name}"

    def reading(self, schema: Json, value: Json) -> Json:
        """A form's texts as the values that they stand for: of several, the first that a branch takes."""
        branches = list(self._branches(schema, frozenset()))
        if isinstance(value, dict):
            return {name: self.reading({"anyOf": list(_within(branches, name))}, item) for name, item in value.items()}
        if isinstance(value, list):
            inner = {"anyOf": [branch["items"] for branch in branches if "items" in branch]}
            return [self.reading(inner, item) for item in value]
        return next(
            (reading for reading in _readings(value) if any(_takes(branch, reading) for branch in branches)), value
        )

    def _matching(self, path: str) -> list[str]:
        found = [template for template in self.content["paths"] if _pattern(template).fullmatch(path)]
        return sorted(found, key=lambda template: template.count("{"))

    def _branches(self, schema: Json, seen: frozenset[int]) -> Iterator[Mapping[str, Any]]:
        schema = self.resolved(schema)
        if not isinstance(schema, Mapping) or id(schema) in seen:
            return
        yield schema
        for name in ("allOf", "anyOf", "oneOf"):
            for branch in schema.get(name, ()):
                yield from self._branches(branch, seen | {id(schema)})

    def _at(self, reference: str) -> Any:
        node: Any = self.content
        for part in reference.removeprefix("#/").split("/"):
            name = unquote(part).replace("~1", "/").replace("~0", "~")
            node = node.get(name, {}) if isinstance(node, Mapping) else {}
        return node

    @cached_property
    def _prefixes(self) -> list[str]:
        servers = [urlsplit(server.get("url", "")).path.rstrip("/") for server in self.content.get("servers", ())]
        return [*servers, self.content.get("basePath", "").rstrip("/")]

    @cached_property
    def _schemas(self) -> dict[Side, dict[str, Any]]:
        return {side: self._normalised(side) for side in ("readOnly", "writeOnly")}

    def _normalised(self, side: Side) -> dict[str, Any]:
        components = {"schemas": self.content.get("components", {}).get("schemas", {})}
        definitions = self.content.get("definitions", {})
        return {
            "components": _normal(components, self, side),
            "definitions": _normal({"definitions": definitions}, self, side)["definitions"],
        }


@cache
def document(integration_id: str) -> Document | None:
    """The published document of an integration; None where there is none."""
    if integration_id == "telegram" and (FOLDER / "telegram-bot-api.json").exists():
        return Document(bot_api.openapi(json.loads((FOLDER / "telegram-bot-api.json").read_text(encoding="utf-8"))))
    places = (FOLDER / "openapi" / f"{integration_id}.json", FOLDER / f"{integration_id}-openapi.json")
    found = next((path for path in places if path.exists()), None)
    return Document(json.loads(found.read_text(encoding="utf-8"))) if found else None


def judged(cases: Iterable[Any]) -> list[Any]:
    """The cases that the documents judge; where these are not on this machine one case, skipped with its reason."""
    return list(cases) if FOLDER.exists() else [pytest.param(None, marks=needed, id="no documents")]


def found(entry: Integration, request: PreparedRequest, method: str) -> Operation | None:
    """The operation that a request means; None where the document of its integration has none."""
    known = document(entry.id)
    assert known is not None, f"the document of {entry.name} is not at hand"
    relative = urlsplit(request.url).path.removeprefix(urlsplit(entry.base_url).path.rstrip("/"))
    return known.operation(method, known.addresses(request.url, relative))


def operation(entry: Integration, request: PreparedRequest, method: str) -> Operation:
    """The operation that a request means."""
    meant = found(entry, request, method)
    assert meant is not None, f"{method} {request.url} is not published"
    return meant


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]*\})", template.partition("?")[0])
    segments = ["[^/]+" if part.startswith("{") else re.escape(part) for part in parts]
    # The last part may be empty, as the path of a repository's topmost folder.
    return re.compile("".join(segments).removesuffix("+") + ("*" if "".join(segments).endswith("+") else ""))


def _within(branches: list[Mapping[str, Any]], name: str) -> Iterator[Json]:
    for branch in branches:
        if name in branch.get("properties", {}):
            yield branch["properties"][name]
        elif isinstance(branch.get("additionalProperties"), Mapping):
            yield branch["additionalProperties"]


def _readings(text: str) -> Iterator[Json]:
    yield text
    with suppress(ValueError):
        yield json.loads(text)


def _takes(branch: Mapping[str, Any], value: Json) -> bool:
    told = {name: branch[name] for name in ("type", "enum", "const") if name in branch}
    return bool(told) and bool(Draft202012Validator(told).is_valid(value))


def _is_open(branch: Mapping[str, Any]) -> bool:
    """Whether an object may hold fields beyond the named ones."""
    if branch.get("additionalProperties") not in (None, False) or "patternProperties" in branch:
        return True
    named = any(name in branch for name in ("properties", "required", "items", "enum", "const", *_LISTS))
    return not named and branch.get("type", "object") == "object"


def _normal(node: Any, document: Document, side: Side) -> Any:
    """A schema in the words of JSON Schema 2020-12."""
    if not isinstance(node, Mapping):
        return node
    if isinstance(node.get("$ref"), str):
        kept: dict[str, Any] = {"$ref": node["$ref"]} if document.resolved(node) != {} else {}
    else:
        kept = dict(_keywords(node, document, side))
    return {"anyOf": [kept, {"type": "null"}]} if node.get("nullable") is True else kept


def _keywords(node: Mapping[str, Any], document: Document, side: Side) -> Iterator[tuple[str, Any]]:
    for name, value in node.items():
        if name in _MAPS and isinstance(value, Mapping):
            yield name, {key: _normal(inner, document, side) for key, inner in value.items()}
        elif name == "allOf" and isinstance(value, list):
            yield name, [_open(_normal(inner, document, side)) for inner in value]
        elif name in _LISTS and isinstance(value, list):
            yield ("anyOf" if name == "oneOf" else name), [_normal(inner, document, side) for inner in value]
        elif name in _SINGLE:
            yield name, _normal(value, document, side)
        elif name == "required" and isinstance(value, list):
            yield name, [field for field in value if not _marked(node, field, document, side)]
        elif name in ("type", "enum", "const", *_BOUNDS):
            yield name, value


def _open(part: Any) -> Any:
    """A part of an `allOf` that is not closed against the other parts; `strangers` finds what none of them knows."""
    closed = isinstance(part, Mapping) and part.get("additionalProperties") is False
    return {name: value for name, value in part.items() if name != "additionalProperties"} if closed else part


_BOUNDS = (
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "pattern",
    "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
)  # fmt: skip


def _marked(node: Mapping[str, Any], field: str, document: Document, side: Side) -> bool:
    declared = document.resolved(node.get("properties", {}).get(field, {}))
    return isinstance(declared, Mapping) and declared.get(side) is True
