"""A listing of each turning is turned at its stand-in, by the way that its manifest declares."""

from collections.abc import Iterator

import pytest

from moorings.domain.request_form import Turning
from moorings.emulators.server import EmulatorServer
from moorings.providers.answers import find
from moorings.providers.contract import ToolRunner
from moorings.providers.registry import providers
from moorings.providers.running import Limits
from moorings.providers.transport import Transport
from tests.contract.catalogue import accepted, emulators, integration
from tests.contract.loopback import serving

pytestmark = pytest.mark.anyio

LISTINGS: tuple[tuple[str, str, dict[str, str], str, list[str]], ...] = (
    ("resend", "list_emails", {}, "data[].subject", ["Your berth is booked", "Your berth is free"]),
    ("github", "list_issues", {"owner": "o", "repo": "r"}, "[].title", ["The light is out", "The gate is stuck"]),
    ("brave-search", "search_news", {"q": "a"}, "[].title", ["The harbour is open again", "A new pier"]),
    ("pagerduty", "list_services", {}, "services[].name", ["Harbour gates", "Harbour lights"]),
    ("sentry", "list_projects", {}, "[].name", ["Harbour", "Pier"]),
    ("jira", "list_projects", {}, "values[].name", ["Harbour works", "Pier works"]),
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    names = {name for name, *_ in LISTINGS}
    with serving(EmulatorServer({name: stand_in for name, stand_in in emulators().items() if name in names})) as base:
        yield base


@pytest.mark.parametrize(("integration_id", "tool_id", "values", "at", "expected"), LISTINGS)
async def test_two_pages_of_the_stand_in_become_one_listing(
    address: str, integration_id: str, tool_id: str, values: dict[str, str], at: str, expected: list[str]
) -> None:
    tool = integration(integration_id).tool(tool_id)
    async with Transport() as transport:
        runner = _runner(transport, integration_id, address)
        for wanted in (1, 2, 5):
            run = await runner.run(tool, accepted(integration_id), {**values, "maxPages": wanted})
            assert (find(at, run.result), run.truncated) == (expected[:wanted], False)


def test_every_way_of_turning_is_tried() -> None:
    pages = [integration(integration_id).tool(tool_id).pages for integration_id, tool_id, *_ in LISTINGS]
    assert {page.turning for page in pages if page} == set(Turning)
    assert {page.first for page in pages if page and page.turning is Turning.NUMBER} == {0, 1}


def _runner(transport: Transport, integration_id: str, address: str) -> ToolRunner:
    entry = integration(integration_id)
    runner = providers([entry], transport, {entry.id: f"{address}/{entry.id}"}, Limits())[entry.id].runner
    assert runner is not None
    return runner
