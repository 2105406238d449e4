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

TOOLS = {tool.name: tool for tool in tools() if not tool.own_calls}
"""What begins with calls of its adapter has tests of its own."""

LISTINGS = [name for name, tool in TOOLS.items() if tool.pages is not None]
JUDGED = [name for name, tool in TOOLS.items() if allowances.answer_judged(tool.integration_id, tool.id)]
WITHOUT_SCHEMA = [name for name, tool in TOOLS.items() if tool.id in allowances.without_schema(tool.integration_id)]

UPSTREAM = "http://127.0.0.1:9/standing-in"


@pytest.fixture(params=TOOLS)
def tool(request: pytest.FixtureRequest) -> Tool:
    return TOOLS[request.param]


def test_what_begins_with_calls_of_its_adapter_is_little() -> None:
    own = {tool.name for tool in tools() if tool.own_calls}
    assert {name for name in own if not name.startswith("weaviate_")} == {"slack_upload_file"}


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


@pytest.mark.parametrize("name", LISTINGS)
def test_a_listing_can_be_turned(name: str) -> None:
    tool, pages = TOOLS[name], TOOLS[name].pages
    assert pages is not None
    items = find(pages.items, _answer(tool).body) if pages.items else _answer(tool).body
    assert isinstance(items, list)
    assert items


@pytest.mark.parametrize("name", published.judged(JUDGED))
def test_the_sample_is_what_the_provider_published(name: str) -> None:
    tool, answer = TOOLS[name], _answer(TOOLS[name])
    operation = _operation(tool)
    schema = operation.answer(int(answer.status))
    assert schema is not None, "the document has no schema of it: say so in its allowances"
    problems = list(operation.document.problems(schema, answer.body, "writeOnly"))
    if allowances.of_tool(tool.integration_id, tool.id).answer:
        assert problems, "it follows the document by now: take it out of its allowances"
    else:
        assert problems == []


@pytest.mark.parametrize("name", published.judged(WITHOUT_SCHEMA))
def test_what_is_said_to_have_no_schema_has_none(name: str) -> None:
    answer = _answer(TOOLS[name])
    described = _operation(TOOLS[name]).answer(int(answer.status)) is not None
    assert isinstance(answer.body, bytes) or not described, "it has one by now: take it out of its allowances"


@pytest.mark.parametrize("integration_id", IDS)
def test_every_sample_stands_for_a_call(integration_id: str) -> None:
    entry = integration(integration_id)
    calls = [call_of(_request(tool, UPSTREAM), UPSTREAM) for tool in entry.tools]
    if entry.verify:
        calls.append(call_of(build(entry, proving(entry), accepted(entry.id), upstream=UPSTREAM), UPSTREAM))
    idle = [key for key in sample_paths(integration_id) if not any(fits(key, call) for call in calls)]
    assert idle == []


def _answer(tool: Tool) -> Answer:
    emulator = emulators()[tool.integration_id]
    if isinstance(emulator, Resettable):  # another test may have deleted what this one is about
        emulator.reset()
    return emulator.answer(call_of(_request(tool, UPSTREAM), UPSTREAM))


def _operation(tool: Tool) -> published.Operation:
    request = _request(tool, upstream=None)
    return published.operation(integration(tool.integration_id), request, request.method)


def _request(tool: Tool, upstream: str | None) -> PreparedRequest:
    entry = integration(tool.integration_id)
    values = parameters.fewest(tool.parameters)
    return build(entry, tool.request, accepted(entry.id), values, upstream=upstream, token=access_token(entry))
