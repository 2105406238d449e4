"""Every stand-in answers every tool of its integration, in the form that the provider published."""

import pytest
from jsonschema import Draft202012Validator

from moorings.domain.tool import Tool
from moorings.emulators.contract import Answer
from moorings.emulators.control import Resettable
from moorings.emulators.samples import fits, sample_paths
from moorings.providers.answers import find
from moorings.providers.request import PreparedRequest, build
from tests.contract import allowances, parameters, published
from tests.contract.asking import access_token, proving
from tests.contract.catalogue import IDS, accepted, call_of, emulators, integration, tools

TOOLS = {tool.name: tool for tool in tools() if tool.integration_id != "weaviate"}
"""Weaviate's adapter writes every request of its tools itself, and has tests of its own."""

UPSTREAM = "http://127.0.0.1:9/standing-in"


@pytest.fixture(params=TOOLS)
def tool(request: pytest.FixtureRequest) -> Tool:
    return TOOLS[request.param]


def test_the_stand_in_answers_the_tool(tool: Tool) -> None:
    answer = _answer(tool)
    assert 200 <= answer.status < 300, answer
    failed = integration(tool.integration_id).failed
    assert not find(failed, answer.body), answer.body
    if tool.result is not None:
        assert find(tool.result, answer.body) is not None, "its result finds nothing in the sample"


def test_the_sample_has_the_form_that_the_tool_promises(tool: Tool) -> None:
    assert tool.output is not None, "the tool says nothing of what comes back"
    body = _answer(tool).body
    result = find(tool.result, body) if tool.result else body
    if not isinstance(body, bytes):
        assert [error.message for error in Draft202012Validator(dict(tool.output)).iter_errors(result)] == []


def test_a_listing_can_be_turned(tool: Tool) -> None:
    if tool.pages is None:
        pytest.skip(f"{tool.name} declares no pages")
    items = find(tool.pages.items, _answer(tool).body) if tool.pages.items else _answer(tool).body
    assert isinstance(items, list)
    assert items


def test_the_sample_is_what_the_provider_published(tool: Tool) -> None:
    entry = integration(tool.integration_id)
    request = _request(tool, upstream=None)
    operation = published.operation_or_skip(entry, request, request.method, allowances.not_published(entry.id, tool.id))
    answer = _answer(tool)
    schema = operation.answer(int(answer.status))
    reason = allowances.of_tool(entry.id, tool.id).answer
    if schema is None or isinstance(answer.body, bytes):
        pytest.skip(f"the document of {entry.name} has no schema for this answer")
    problems = list(operation.document.problems(schema, answer.body, "writeOnly"))
    if reason:
        assert problems, "it follows the document by now: take it out of its allowances"
        pytest.skip(reason)
    assert problems == []


@pytest.mark.parametrize("integration_id", IDS)
def test_every_sample_stands_for_a_call(integration_id: str) -> None:
    entry = integration(integration_id)
    calls = [call_of(_request(tool, UPSTREAM), UPSTREAM) for tool in entry.tools]
    if entry.verify:
        calls.append(call_of(build(entry, proving(entry), accepted(entry.id), upstream=UPSTREAM), UPSTREAM))
    idle = [key for key in sample_paths(integration_id) if not any(fits(key, call) for call in calls)]
    assert idle == []


def _answer(tool: Tool) -> Answer:
    if tool.own_calls:
        pytest.skip(f"{tool.name} begins with calls of its adapter; a test of its own runs them")
    emulator = emulators()[tool.integration_id]
    if isinstance(emulator, Resettable):  # another test may have deleted what this one is about
        emulator.reset()
    return emulator.answer(call_of(_request(tool, UPSTREAM), UPSTREAM))


def _request(tool: Tool, upstream: str | None) -> PreparedRequest:
    entry = integration(tool.integration_id)
    values = parameters.fewest(tool.parameters)
    return build(entry, tool.request, accepted(entry.id), values, upstream=upstream, token=access_token(entry))
