"""The OpenAPI document says exactly what the contract says of each call that is built."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.http.world import first_start

CONTRACT = Path(__file__).with_name("endpoints.json")
ORIGINAL = Path(__file__).parents[3] / "shared" / "contract" / "endpoints.json"
BUILT = tuple(range(1, 38))
CALLS = {call["number"]: call for call in json.loads(CONTRACT.read_text())["calls"]}
METHODS = ("get", "post", "put", "patch", "delete")

ADDED = {"get": {304}, "post": {408, 409, 413}, "put": {408, 413}}
"""What our conventions add to the codes: an unchanged answer, an idempotency key, a body too slow or too large."""

EVERYWHERE = {414, 429, 431}
"""What a call may answer before anybody has looked at what it wants: too much of it, or too often."""

Operation = dict[str, Any]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return asyncio.run(first_start(tmp_path_factory.mktemp("document")))


def operations(document: Any) -> Iterator[tuple[str, str, Operation]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def operation(document: Any, number: int) -> Operation:
    call = CALLS[number]
    found: Operation = document["paths"][call["path"]][call["method"].lower()]
    return found


def test_our_copy_of_the_contract_is_the_contract() -> None:
    if not ORIGINAL.exists():
        pytest.skip("the design documents are not beside this clone")
    assert json.loads(CONTRACT.read_text()) == json.loads(ORIGINAL.read_text())


@pytest.mark.parametrize("number", BUILT)
def test_a_call_has_the_operation_id_and_title_of_the_contract(document: Any, number: int) -> None:
    found = operation(document, number)
    assert (found["operationId"], found["summary"]) == (CALLS[number]["operationId"], CALLS[number]["title"])


@pytest.mark.parametrize("number", BUILT)
def test_a_call_has_the_codes_of_the_contract(document: Any, number: int) -> None:
    call = CALLS[number]
    wanted = {call["success"], *call["errors"]}
    found = {int(code) for code in operation(document, number)["responses"]}
    assert found >= wanted
    assert found - wanted <= {*ADDED.get(call["method"].lower(), ()), *EVERYWHERE}


def test_the_published_call_has_exactly_its_codes(document: Any) -> None:
    assert set(operation(document, 35)["responses"]) == {"200", "400", "401", "403", "404", "500"}


def test_the_published_call_has_exactly_its_parameters_and_its_answer(document: Any) -> None:
    found = operation(document, 35)
    assert [(item["name"], item["in"], item["required"]) for item in found["parameters"]] == [
        ("integrationId", "path", True),
        ("environment", "query", False),
    ]
    schema = resolved(document, found["responses"]["200"]["content"]["application/json"]["schema"])
    assert (
        set(schema["properties"]) == set(schema["required"]) == {"environment", "integrationId", "message", "success"}
    )


def test_there_is_no_call_beside_the_contract_and_our_own(document: Any) -> None:
    wanted = {(call["method"].lower(), call["path"]) for call in CALLS.values()}
    wanted |= {
        ("post", "/v1/integrations/{integrationId}/tools/{toolId}/execute"),
        ("patch", "/v1/integrations/{integrationId}"),
        ("get", "/v1/integrations/{integrationId}/events"),
        ("post", "/v1/integrations/{integrationId}/events/{eventId}/redeliver"),
        ("post", "/v1/integrations/{integrationId}/forward-secret"),
    }
    wanted |= {("post", "/v1/integrations/slack/manifest"), ("post", "/v1/integrations/telegram/rotate")}
    wanted |= {("get", "/v1/integrations/slack/connect"), ("post", "/v1/integrations/slack/connect")}
    wanted |= {("get", "/v1/integrations/diff"), ("get", "/v1/integrations/{integrationId}/resolve")}
    found = {(method, path) for method, path, _ in operations(document) if path.startswith("/v1/integrations")}
    assert found <= wanted
    assert len({item["operationId"] for _, _, item in operations(document)}) == len(list(operations(document)))


def test_422_is_nowhere(document: Any) -> None:
    assert not [path for _, path, item in operations(document) if "422" in item["responses"]]
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_static_paths_stand_before_those_with_parameters(document: Any) -> None:
    paths = list(document["paths"])
    for static in ("/v1/integrations/tools", "/v1/integrations/credentials/status"):
        assert paths.index(static) < paths.index("/v1/integrations/{integrationId}")


def test_every_error_has_the_one_shape(document: Any) -> None:
    for method, path, item in operations(document):
        for code, answer in item["responses"].items():
            if int(code) >= 400:
                schema = resolved(document, answer["content"]["application/json"]["schema"])
                assert set(schema["properties"]) == {"error", "code", "details", "requestId"}, f"{method} {path} {code}"
                assert set(schema["required"]) == {"error", "code", "requestId"}


def test_every_call_and_parameter_and_answer_is_described(document: Any) -> None:
    missing = [f"{method} {path}" for method, path, item in operations(document) if not item.get("description")]
    for method, path, item in operations(document):
        missing += [
            f"{method} {path}: {given['name']}" for given in item.get("parameters", []) if not given.get("description")
        ]
        missing += [
            f"{method} {path}: {code}"
            for code, answer in item["responses"].items()
            if answer["description"] in ("", "Successful Response")
        ]
    assert missing == []


def test_every_field_of_every_body_is_described(document: Any) -> None:
    missing = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, inner in schema.get("properties", {}).items()
        if not inner.get("description")
    ]
    assert missing == []


def test_whatever_a_caller_gives_has_an_example_or_a_default(document: Any) -> None:
    missing = [
        f"{method} {path}: {name}"
        for method, path, item in operations(document)
        for name, schema in given_by_a_caller(document, item)
        if not exemplified(schema)
    ]
    assert missing == []


def given_by_a_caller(document: Any, item: Operation) -> Iterator[tuple[str, Any]]:
    for given in item.get("parameters", []):
        yield given["name"], {**given.get("schema", {}), **given}
    body = item.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    yield from resolved(document, body).get("properties", {}).items()


def exemplified(schema: Any) -> bool:
    kinds = [schema, *schema.get("anyOf", [])]
    return any(name in schema for name in ("example", "examples", "default", "enum")) or any(
        kind.get("type") == "boolean" for kind in kinds
    )


def test_every_example_is_valid(document: Any) -> None:
    registry: Registry[Any] = Registry().with_resource("urn:document", DRAFT202012.create_resource(document))
    wrong, seen = [], 0
    for place, schema, example in examples(document):
        seen += 1
        absolute = json.loads(json.dumps(schema).replace('"#/', '"urn:document#/'))
        errors = list(Draft202012Validator(absolute, registry=registry).iter_errors(example))
        wrong += [f"{place}: {error.message}" for error in errors]
    assert seen > 20
    assert wrong == []


def examples(node: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every example of the document with its place and its schema, wherever it stands."""
    inner = enumerate(node) if isinstance(node, list) else node.items() if isinstance(node, dict) else ()
    for name, part in inner:
        if name not in ("example", "examples"):
            yield from examples(part, f"{place}/{name}")
    if isinstance(node, dict) and not place.endswith("/properties"):
        schema = node.get("schema", node)
        yield from ((place, schema, example) for example in examples_of(node))


def examples_of(node: dict[str, Any]) -> list[Any]:
    alone = [node["example"]] if "example" in node else []
    several = node.get("examples", [])
    return alone + ([item["value"] for item in several.values()] if isinstance(several, dict) else several)


def test_every_schema_is_a_json_schema(document: Any) -> None:
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere(document: Any) -> None:
    text = json.dumps(document)
    for part in text.split('"$ref": "')[1:]:
        resolved(document, {"$ref": part.partition('"')[0]})


def test_the_document_tells_both_forms_of_the_key(document: Any) -> None:
    kinds = document["components"]["securitySchemes"].values()
    assert {(kind["type"], kind.get("scheme"), kind.get("in"), kind.get("name")) for kind in kinds} == {
        ("http", "bearer", None, None),
        ("apiKey", None, "header", "Authorization"),
    }
    for _, path, item in operations(document):
        assert bool(item.get("security")) == (not path.startswith("/v1/health"))


def resolved(document: Any, schema: Any) -> Any:
    found = schema
    while "$ref" in found:
        found_at: Any = document
        for part in found["$ref"].removeprefix("#/").split("/"):
            found_at = found_at[part.replace("~1", "/").replace("~0", "~")]
        found = found_at
    return found
