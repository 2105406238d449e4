"""Every tool of every provider: the request it becomes keeps to its places and to what the provider published."""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moorings.catalog.checks import names_in, names_in_body
from moorings.domain.integration import Integration
from moorings.domain.request_form import RequestForm
from moorings.domain.tool import Tool
from moorings.errors import InvalidRequest
from moorings.providers.request import PreparedRequest, build
from tests.contract import allowances, graphql_documents, parameters, published, sent
from tests.contract.catalogue import IDS, integration, recognisable, revealed, tools
from tests.contract.sent import Allowance

pytestmark = pytest.mark.slow

TOOLS = {tool.name: tool for tool in tools() if tool.integration_id != "weaviate"}
"""Weaviate's adapter writes every request of its tools itself, and has tests of its own."""

JUDGED = [name for name, tool in TOOLS.items() if allowances.request_judged(tool.integration_id, tool.id)]

EXAMPLES = 15


@pytest.fixture(params=published.judged(JUDGED))
def judged(request: pytest.FixtureRequest) -> Tool:
    """A tool of which a document says what may be sent."""
    return TOOLS[request.param]


@pytest.mark.parametrize("integration_id", IDS)
def test_the_manifest_follows_its_schema_and_contradicts_itself_nowhere(integration_id: str) -> None:
    assert integration(integration_id).id == integration_id


@pytest.mark.parametrize("name", TOOLS)
@settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_the_parameters_nothing_leaves_its_place(name: str, data: st.DataObject) -> None:
    tool = TOOLS[name]
    entry = integration(tool.integration_id)
    values = data.draw(_parameters(name))
    try:
        request = build(entry, tool.request, recognisable(entry), values)
    except InvalidRequest:
        assert _may_be_refused(tool, values)
        return
    _assert_in_place(entry, tool.request, request, values)


@pytest.mark.parametrize("integration_id", IDS)
def test_proving_and_revoking_send_the_secret_to_its_place_only(integration_id: str) -> None:
    entry = integration(integration_id)
    forms = [entry.verify.request if entry.verify else None, entry.revoke.request]
    for form in filter(None, forms):
        _assert_in_place(entry, form, build(entry, form, recognisable(entry)), {})


def test_the_fewest_parameters_are_what_the_provider_published(judged: Tool) -> None:
    assert _problems(judged, _allowance(judged), parameters.fewest) == []


def test_all_parameters_are_what_the_provider_published(judged: Tool) -> None:
    assert _problems(judged, _allowance(judged), parameters.everything) == []


@pytest.mark.parametrize(("integration_id", "tool_id"), sorted(allowances.all_tools()))
def test_every_allowance_is_for_a_tool_that_exists_and_needs_it(integration_id: str, tool_id: str) -> None:
    tool = integration(integration_id).tool(tool_id)
    allowed = allowances.of_tool(integration_id, tool_id)
    if not published.FOLDER.exists():
        return
    if allowances.not_published(integration_id, tool_id):
        request = _request(tool, parameters.fewest)
        found = published.found(integration(integration_id), request, request.method)
        assert found is None, "it is published by now: take it out of its allowances"
    if allowed.unjudged or allowed.missing or allowed.body:
        makers = (parameters.fewest, parameters.everything)
        assert any(_problems(tool, sent.NONE, make) for make in makers), "it is needed no more"


def _allowance(tool: Tool) -> Allowance:
    return allowances.of_tool(tool.integration_id, tool.id)


@cache
def _parameters(name: str) -> st.SearchStrategy[dict[str, Any]]:
    return parameters.any_parameters(TOOLS[name].parameters)


def _may_be_refused(tool: Tool, values: Mapping[str, Any]) -> bool:
    """A value is refused only where an address, a header or a file cannot carry it."""
    alone = re.sub(r"\{\+\w+\}", "", tool.request.path)
    in_path = [str(values.get(name, "")) for name in names_in(alone) if not name.startswith("fields.")]
    rest = [str(values.get(name, "")) for name in re.findall(r"\{\+(\w+)\}", tool.request.path)]
    in_host = [str(values.get(name, "")) for name in names_in(tool.request.base_url or "")]
    in_headers = [str(values.get(name, "")) for name in names_in(dict(tool.request.headers))]
    no_segment = any(value == "" or {".", ".."} & set(value.split("/")) for value in in_path)
    no_segment = no_segment or any({".", ".."} & set(value.split("/")) for value in rest) or bool(in_host)
    no_header = any(not value.isascii() or not value.isprintable() or value != value.strip() for value in in_headers)
    return no_segment or no_header


def _assert_in_place(
    entry: Integration, form: RequestForm, request: PreparedRequest, values: Mapping[str, Any]
) -> None:
    _assert_address(entry, form, request, values)
    _assert_headers(request)
    _assert_body(form, request, values)
    for name, secret in revealed(recognisable(entry)).items():
        if any(field.name == name and field.secret for field in entry.fields):
            assert set(_places(request, secret)) <= set(_declared_places(entry, form, f"fields.{name}"))


def _assert_address(entry: Integration, form: RequestForm, request: PreparedRequest, values: Mapping[str, Any]) -> None:
    url = urlsplit(request.url)
    assert any(_is_host(url.hostname or "", host) for host in _hosts(entry))
    assert url.scheme == "https"
    assert url.username is None
    assert not url.fragment
    assert url.path.isascii()
    kept = sum(str(values.get(name, "")).count("/") for name in re.findall(r"\{\+(\w+)\}", form.path))
    template = urlsplit(form.base_url or entry.base_url).path.rstrip("/") + urlsplit(form.path).path
    assert url.path.count("/") == template.count("/") + kept
    assert not {".", ".."} & {unquote(segment) for segment in url.path.split("/")}
    for name, value in parse_qsl(url.query, keep_blank_values=True, strict_parsing=bool(url.query)):
        assert value != "None" or "None" in str(values), f"{name} is sent as Python's None"


def _hosts(entry: Integration) -> frozenset[str]:
    """The declared hosts; one that is a field is the host of the address in that field."""
    fields = revealed(recognisable(entry))
    saved = {urlsplit(fields[field[8:-1]]).hostname or "" for field in entry.hosts if field.startswith("{fields.")}
    return frozenset(saved or entry.hosts)


def _is_host(host: str, declared: str) -> bool:
    return host == declared or (declared.startswith("*.") and host.endswith(declared[1:]))


def _assert_headers(request: PreparedRequest) -> None:
    for name, value in request.headers.items():
        assert re.fullmatch(r"[A-Za-z0-9-]+", name)
        assert value.isascii()
        assert value.isprintable()


def _assert_body(form: RequestForm, request: PreparedRequest, values: Mapping[str, Any]) -> None:
    match sent.media_type(request):
        case "application/json":
            body = json.loads(request.body or b"")
            for name, template in form.body.items() if isinstance(form.body, dict) else ():
                given = re.fullmatch(r"\{(\w+)\}", template) if isinstance(template, str) else None
                assert given is None or given[1] not in values or body[name] == values[given[1]]
        case "application/x-www-form-urlencoded":
            text = (request.body or b"").decode("ascii")
            parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text))
        case "multipart/form-data":
            sent.parts_of(request)
        case "application/x-ndjson":
            assert all(isinstance(json.loads(line), dict) for line in (request.body or b"").splitlines())
        case "text/plain" | "application/octet-stream":
            assert request.body is not None
        case kind:
            assert (kind, request.body) == ("", None)


def _places(request: PreparedRequest, secret: str) -> Iterator[str]:
    url = urlsplit(request.url)
    texts = {"host": url.netloc, "path": url.path, "query": url.query}
    yield from (place for place, text in texts.items() if secret in text)
    if secret.encode() in (request.body or b""):
        yield "body"
    for name, value in request.headers.items():
        plain = base64.b64decode(value.removeprefix("Basic ")).decode() if value.startswith("Basic ") else value
        if secret in plain:
            yield name


def _declared_places(entry: Integration, form: RequestForm, template: str) -> Iterator[str]:
    if (entry.auth.in_path or form.in_path) and template in names_in(form.path):
        yield "path"
    if template in names_in_body(form.body):
        yield "body"
    headers = {**form.headers, **(entry.auth.headers if form.authenticated else {})}
    yield from (name for name, text in headers.items() if template in names_in(text))
    if form.authenticated and entry.auth.basic and template in names_in(entry.auth.basic):
        yield "Authorization"


def _request(tool: Tool, make: Callable[[Any], dict[str, Any]]) -> PreparedRequest:
    entry = integration(tool.integration_id)
    return build(entry, tool.request, recognisable(entry), make(tool.parameters))


def _problems(tool: Tool, allowance: Allowance, make: Callable[[Any], dict[str, Any]]) -> list[str]:
    """What the published document of the provider does not take."""
    entry, request = integration(tool.integration_id), _request(tool, make)
    if schema := graphql_documents.schema(entry.id):
        return graphql_documents.problems(schema, json.loads(request.body or b""))
    return sent.problems(request, published.operation(entry, request, request.method), allowance)
