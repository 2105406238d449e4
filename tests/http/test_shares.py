"""One owner with a slow provider: its own calls wait, are refused in time, and leave all others alone."""

import asyncio
from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path

import httpx2
import pytest

from moorings.http import application
from tests.http.judge import Judge, problem
from tests.http.test_execute import audit, moor
from tests.http.world import World, harbour_key, living, save, saved, status

pytestmark = pytest.mark.anyio


@pytest.fixture
async def narrow(anyio_backend: str, data_dir: Path, judge: Judge) -> AsyncIterator[World]:
    """A server on which an owner may ask two things at once."""
    async with living(data_dir, judge, provider_calls_owner=2, provider_timeout=2.0, tool_timeout=2.0) as world:
        yield world


async def test_a_slow_provider_of_one_owner_holds_up_no_other(narrow: World) -> None:
    slow, other = await narrow.owner(), await narrow.owner()
    waiting = [asyncio.create_task(save(slow, key=harbour_key("slow"), verify=True)) for _ in range(6)]
    await narrow.provider.called.wait()
    assert (await save(other, verify=True)).status_code == 200
    assert [task for task in waiting if not task.done()], "it was answered after those that wait"
    answers = await asyncio.gather(*waiting)
    codes = sorted(problem(answer)["code"] for answer in answers)
    assert codes == ["PROVIDER_TIMEOUT"] * 2 + ["TOO_MANY_UNDER_WAY"] * 4
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["retry-after"] == "5"
    assert (await status(slow))["configured"] is False, "nothing is stored"


async def test_a_tool_that_was_not_run_for_it_leaves_its_entry(narrow: World) -> None:
    ada = await narrow.owner()
    await saved(ada, key=harbour_key("slow"))
    answers = await asyncio.gather(*(moor(ada) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [429, 504, 504]
    assert [outcome for _, _, outcome in audit(narrow)] == ["failed"] * 3


async def test_it_is_counted(narrow: World) -> None:
    ada = await narrow.owner()
    await asyncio.gather(*(save(ada, key=harbour_key("slow"), verify=True) for _ in range(3)))
    made = application.create(narrow.hub, metered=[ip_network("10.0.0.0/8")])
    transport = httpx2.ASGITransport(made, client=("10.0.0.1", 1))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as prometheus:
        lines = (await prometheus.get("/metrics")).text.splitlines()
    assert "moorings_provider_calls_under_way 0" in lines
    assert "moorings_provider_calls_refused_total 1" in lines
