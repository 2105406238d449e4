"""A built request judged by the operation that its provider published."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.message import MIMEPart
from email.policy import default
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from moorings.providers.request import PreparedRequest
from tests.contract.published import Operation

# Set by the client or by the credentials, whatever the document calls them.
OWN_HEADERS = frozenset({"accept", "content-type", "authorization", "token"})


@dataclass(frozen=True, slots=True)
class Allowance:
    """Where a published document is behind or beside the live API, and why we know.

    `unjudged` are parameters that it does not have or describes wrongly, `missing` those that it wrongly requires.
    `body` is why the published schema of the body cannot judge ours at all.
    `answer` is why a documented sample cannot be judged by the document's schema of the answer.
    """

    why: str = ""
    unjudged: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    body: str = ""
    answer: str = ""


NONE = Allowance()


def problems(request: PreparedRequest, operation: Operation, allowance: Allowance = NONE) -> list[str]:
    """Everything in a request that its operation does not take."""
    return [
        *_query(request, operation, allowance),
        *_headers(request, operation),
        *_body(request, operation, allowance),
    ]


def pairs_of(request: PreparedRequest) -> list[tuple[str, str]]:
    """The names and values of a request's query."""
    return parse_qsl(
        urlsplit(request.url).query, keep_blank_values=True, strict_parsing=bool(urlsplit(request.url).query)
    )


def media_type(request: PreparedRequest) -> str:
    """The body's media type without its parameters."""
    return request.headers.get("Content-Type", "").partition(";")[0]


def parts_of(request: PreparedRequest) -> dict[str, MIMEPart]:
    """The parts of a multipart body by their names."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    message = message_from_bytes(head + (request.body or b""), policy=default)
    if not message.is_multipart():
        raise ValueError("the multipart body does not hold together")
    return {str(part.get_param("name", header="content-disposition")): part for part in message.iter_parts()}


def _query(request: PreparedRequest, operation: Operation, allowance: Allowance) -> Iterator[str]:
    published = operation.placed("query")
    sent: dict[str, list[tuple[str, str]]] = {}
    for name, value in pairs_of(request):
        if name not in allowance.unjudged:
            sent.setdefault(_base(name, published), []).append((name, value))
    for name, pairs in sent.items():
        if name in published:
            yield from _values(pairs, published[name], operation)
        else:
            yield f"query {name} is not published"
    required = {name for name, entry in published.items() if entry.get("required")}
    yield from (f"query {name} is required" for name in sorted(required - set(sent) - allowance.missing - OWN_HEADERS))


def _base(name: str, published: Mapping[str, Any]) -> str:
    candidates = (name, f"{name}[]", name.removesuffix("[]"), name.partition("[")[0])
    return next((candidate for candidate in candidates if candidate in published), name)


def _values(pairs: list[tuple[str, str]], entry: Mapping[str, Any], operation: Operation) -> Iterator[str]:
    document, (name, value) = operation.document, pairs[0]
    schema = document.resolved(
        entry.get("schema") or {key: entry[key] for key in ("type", "items", "enum") if key in entry}
    )
    if "[" in name and name != entry["name"]:
        return
    sent: Any = value
    if _is_list(schema):
        apart = _apart(entry)
        if len(pairs) > 1 and not apart:
            yield f"query {name} is published as one value with commas"
        if len(pairs) == 1 and "," in value and apart:
            yield f"query {name} is published as a repeated name"
        sent = [text for _, text in pairs] if apart else value.split(",")
    yield from (
        f"query {name} {problem}" for problem in document.problems(schema, document.reading(schema, sent), "readOnly")
    )


def _apart(entry: Mapping[str, Any]) -> bool:
    """Whether each item is a pair of its own; Swagger 2 has commas unless it says otherwise, OpenAPI the reverse."""
    if "type" in entry:
        return bool(entry.get("collectionFormat") == "multi")
    return bool(entry.get("explode", entry.get("style", "form") == "form"))


def _is_list(schema: Any) -> bool:
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    return kind == "array" or (isinstance(kind, list) and set(kind) <= {"array", "null"})


def _headers(request: PreparedRequest, operation: Operation) -> Iterator[str]:
    sent = {name.lower() for name in request.headers}
    for name, entry in operation.placed("header").items():
        if entry.get("required") and name.lower() not in sent | OWN_HEADERS:
            yield f"header {name} is required"


def _body(request: PreparedRequest, operation: Operation, allowance: Allowance) -> Iterator[str]:
    if allowance.body:
        return
    if form := operation.placed("formData"):
        yield from _form_data(request, form, allowance)
        return
    found = operation.body(media_type(request)) if request.body is not None else None
    if found is not None:
        yield from _judged(request, found, operation, allowance)
    elif request.body is not None:
        yield f"a body of type {media_type(request)} is not published"
    elif operation.body_required:
        yield "a body is required"


def _judged(request: PreparedRequest, schema: Any, operation: Operation, allowance: Allowance) -> Iterator[str]:
    document, value = operation.document, body_of(request)
    if isinstance(value, dict):
        value = {name: item for name, item in value.items() if name not in allowance.unjudged}
    if media_type(request) == "application/x-www-form-urlencoded":
        value = document.reading(schema, value)
    yield from (f"body {stranger} is not published" for stranger in document.strangers(schema, value))
    if media_type(request) == "multipart/form-data":
        required = set(document.resolved(schema).get("required", ()))
        yield from (f"body {name} is required" for name in sorted(required - set(value) - allowance.missing))
        return
    for problem in document.problems(schema, value, "readOnly"):
        if not any(f"'{name}' is a required property" in problem for name in allowance.missing):
            yield f"body {problem}"


def _form_data(request: PreparedRequest, form: Mapping[str, Any], allowance: Allowance) -> Iterator[str]:
    sent = set(body_of(request) or {})
    yield from (f"body {name} is not published" for name in sorted(sent - set(form) - allowance.unjudged))
    required = {name for name, entry in form.items() if entry.get("required")}
    yield from (f"body {name} is required" for name in sorted(required - sent - allowance.missing - OWN_HEADERS))


def body_of(request: PreparedRequest) -> Any:
    """What a body holds: a JSON value, the nested texts of a form, the names of a multipart body's parts."""
    body = request.body or b""
    match media_type(request):
        case "application/json":
            return json.loads(body)
        case "application/x-www-form-urlencoded":
            text = body.decode()
            return nested(parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)))
        case "multipart/form-data":
            return {name.partition("[")[0]: None for name in parts_of(request)}
        case "application/x-ndjson" | "application/octet-stream":
            return body.decode(errors="replace")
    return None


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """A form's pairs as the structure that their brackets describe (`items[0][price]`, `expand[]`)."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        first, *rest = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        _plant(tree, [first, *rest], value)
    return {name: _listed(branch) for name, branch in tree.items()}


def _plant(tree: dict[str, Any], steps: list[str], value: str) -> None:
    step, *rest = steps
    key = step or str(len(tree))
    if rest:
        _plant(tree.setdefault(key, {}), rest, value)
    else:
        tree[key] = value


def _listed(branch: Any) -> Any:
    """Branches that are numbered from nought are a list."""
    if not isinstance(branch, dict):
        return branch
    grown = {name: _listed(inner) for name, inner in branch.items()}
    return list(grown.values()) if list(grown) == [str(place) for place in range(len(grown))] else grown
