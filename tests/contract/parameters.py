"""Values for a tool's parameters, made from their JSON Schema: the fewest, all of them, and any."""

import base64
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from hypothesis import Phase, find, settings
from hypothesis import strategies as st

Schema = Mapping[str, Any]

FORMATS = {
    "uri": "https://example.com/page",
    "url": "https://example.com/page",
    "email": "person@example.com",
    "date": "2026-11-23",
    "date-time": "2026-11-23T10:00:00Z",
    "time": "10:00:00Z",
    "uuid": "0b6f4f0a-6c1e-4c53-9d0b-5b8d4f5a1c2d",
    "hostname": "example.com",
    "byte": "ZXhhbXBsZQ==",
    "binary": "ZXhhbXBsZQ==",
}

FILE = {"filename": "example.txt", "contentType": "text/plain", "content": FORMATS["byte"]}

NASTY = (
    "..", ".", "../../secret", "a/b", "%2e%2e", "a?x=1", "a#b", "a&b=c", "a\r\nX-Evil: 1", "{fields.apiKey}", "{+path}",
    "@evil.example", "//evil.example", "\\", "é ü 漢", '"', "\x00", " ",
)  # fmt: skip
"""Texts that leave their place where they are not encoded."""


def fewest(schema: Schema) -> dict[str, Any]:
    """The required parameters alone; where one of several is wanted, the first."""
    first: Schema = next(iter([*schema.get("anyOf", ()), *schema.get("oneOf", ())]), {})
    wanted = [*schema.get("required", ()), *first.get("required", ())]
    return _object({**schema, "required": wanted}, everything=False)


def everything(schema: Schema) -> dict[str, Any]:
    """Every parameter at every depth; lists hold two items where they may."""
    return _object(schema, everything=True)


def any_parameters(schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
    """Every valid set of parameters."""
    return _objects(schema)


def is_file(schema: Schema) -> bool:
    """A file parameter is `{filename, contentType?, content}` with the content in base64."""
    return {"filename", "content"} <= set(schema.get("properties", {}))


def _value(schema: Schema, *, everything: bool, place: int = 0) -> Any:
    if examples := schema.get("examples"):
        return examples[place % len(examples)]
    if choices := _choices(schema):
        return choices[place % len(choices)]
    if branches := _branches(schema):
        return _value(branches[0], everything=everything, place=place)
    match _type(schema):
        case "object":
            return _object(schema, everything=everything)
        case "array":
            return _array(schema, everything=everything)
        case kind:
            return _scalar(schema, kind, place)


def _scalar(schema: Schema, kind: str | None, place: int) -> Any:
    match kind:
        case "integer" | "number":
            return _number(schema, place)
        case "boolean" | "null":
            return schema.get("default", True if kind == "boolean" else None)
        case _:
            return _text(schema, place)


def _object(schema: Schema, *, everything: bool) -> dict[str, Any]:
    properties = schema.get("properties", {})
    wanted = list(properties if everything else schema.get("required", ()))
    others = (name for name in properties if name not in wanted)
    wanted += islice(others, max(0, schema.get("minProperties", 0) - len(wanted)))
    made = {name: _value(properties.get(name, {}), everything=everything) for name in wanted}
    return {name: FILE.get(name, value) for name, value in made.items()} if is_file(schema) else made


def _array(schema: Schema, *, everything: bool) -> list[Any]:
    most = min(schema.get("maxItems", 2), max(2, schema.get("minItems", 0)))
    size = most if everything else schema.get("minItems", 1)
    items = [_value(schema.get("items", {}), everything=everything, place=place) for place in range(size)]
    return _distinct(items) if schema.get("uniqueItems") else items


def _number(schema: Schema, place: int) -> float:
    lowest, highest = _bounds(schema)
    step = schema.get("multipleOf", 1) if _type(schema) == "integer" else 1
    start: float = schema.get("default", (lowest or 0) * step)
    return start + place * step if highest is None or start + place * step <= highest * step else start


def _text(schema: Schema, place: int) -> str:
    if pattern := schema.get("pattern"):
        return _matching(schema, pattern)
    known = schema.get("default") or FORMATS.get(schema.get("format", "")) or "example"
    text = known if place == 0 or "format" in schema else f"{known}{place + 1}"
    return str(text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength")])


def _matching(schema: Schema, pattern: str) -> str:
    texts = _matches(pattern).filter(lambda text: _fits(schema, text) and text.isprintable())
    return find(texts, lambda _: True, settings=settings(database=None, phases=[Phase.generate, Phase.shrink]))


def _matches(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex(pattern)


def _fits(schema: Schema, text: str) -> bool:
    return bool(schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", 10_000))


def _values(schema: Schema) -> st.SearchStrategy[Any]:
    if choices := _choices(schema):
        return st.sampled_from(choices)
    if branches := _branches(schema):
        return st.one_of([_values(branch) for branch in branches])
    return _MAKERS.get(_type(schema), _anything)(schema)


def _anything(_: Schema) -> st.SearchStrategy[Any]:
    return _JSON


def _nothing(_: Schema) -> st.SearchStrategy[None]:
    return st.none()


def _booleans(_: Schema) -> st.SearchStrategy[bool]:
    return st.booleans()


def _integers(schema: Schema) -> st.SearchStrategy[int]:
    return st.integers(*_bounds(schema)).map(lambda number: number * int(schema.get("multipleOf", 1)))


def _numbers(schema: Schema) -> st.SearchStrategy[float]:
    return st.floats(*_bounds(schema), allow_nan=False, allow_infinity=False)


def _objects(schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
    properties = schema.get("properties", {})
    if not properties:
        return st.dictionaries(_TEXTS, _JSON, min_size=schema.get("minProperties", 0), max_size=3)
    made = {name: _values(inner) for name, inner in properties.items()}
    if is_file(schema):
        made |= {"content": _BASE64, **({"contentType": st.just("text/plain")} if "contentType" in made else {})}
    required = {name: made.pop(name) for name in schema.get("required", ()) if name in made}
    return st.fixed_dictionaries(required, optional=made)


def _arrays(schema: Schema) -> st.SearchStrategy[list[Any]]:
    lowest = schema.get("minItems", 0)
    highest = min(schema.get("maxItems", lowest + 3), lowest + 3)
    lists = st.lists(_values(schema.get("items", {})), min_size=lowest, max_size=highest)
    return lists.filter(lambda items: _distinct(items) == items) if schema.get("uniqueItems") else lists


def _texts(schema: Schema) -> st.SearchStrategy[str]:
    if pattern := schema.get("pattern"):
        return _matches(pattern).filter(lambda text: _fits(schema, text))
    lowest, highest = schema.get("minLength", 0), schema.get("maxLength")
    free = st.text(min_size=lowest, max_size=highest if highest is None else min(highest, lowest + 40))
    nasty = [text for text in NASTY if _fits(schema, text)]
    return st.one_of(free, st.sampled_from(nasty)) if nasty else free


def _bounds(schema: Schema) -> tuple[Any, Any]:
    step = schema.get("multipleOf", 1) if _type(schema) == "integer" else 1
    lowest, highest = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        lowest = schema["exclusiveMinimum"] + 1
    if "exclusiveMaximum" in schema:
        highest = schema["exclusiveMaximum"] - 1
    return (None if lowest is None else -(-lowest // step)), (None if highest is None else highest // step)


def _choices(schema: Schema) -> list[Any]:
    return [schema["const"]] if "const" in schema else list(schema.get("enum", ()))


def _branches(schema: Schema) -> list[Schema]:
    """The schemas of which one is to hold, each with what is asked of all."""
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return [{**schema, "type": kind} for kind in sorted(kinds, key="null".__eq__)]
    asked = {name: value for name, value in schema.items() if name not in ("anyOf", "oneOf")}
    return [_joined(asked, branch) for branch in schema.get("anyOf") or schema.get("oneOf") or ()]


def _joined(asked: Schema, branch: Schema) -> Schema:
    required = [*asked.get("required", ()), *branch.get("required", ())]
    properties = {**asked.get("properties", {}), **branch.get("properties", {})}
    return {**asked, **branch, "required": required, "properties": properties} if properties else {**asked, **branch}


def _type(schema: Schema) -> str | None:
    told: str | None = schema.get("type")
    return told or ("object" if "properties" in schema else "array" if "items" in schema else None)


def _distinct(items: list[Any]) -> list[Any]:
    return [item for place, item in enumerate(items) if item not in items[:place]]


_TEXTS = st.one_of(st.text(max_size=20), st.sampled_from(NASTY))
_BASE64 = st.binary(max_size=40).map(lambda content: base64.b64encode(content).decode())
_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), _TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(_TEXTS, inner, max_size=2)),
    max_leaves=4,
)
_MAKERS: Mapping[str | None, Callable[[Schema], st.SearchStrategy[Any]]] = {
    "object": _objects,
    "array": _arrays,
    "string": _texts,
    "integer": _integers,
    "number": _numbers,
    "boolean": _booleans,
    "null": _nothing,
}
