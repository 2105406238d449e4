"""Whoever can write to the database leads no credential to another company, on both databases."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from moorings.domain.credential import CredentialRef
from moorings.emulators.contract import Answer, Call
from moorings.emulators.exa import Exa
from moorings.emulators.tavily import KEY, Tavily
from moorings.errors import SealBroken
from moorings.store import credentials
from tests.stories.stage import Stage, stage

pytestmark = pytest.mark.anyio

SEARCH = {"query": "the deepest harbour"}
# Tavily and Exa name their field alike. What is changed so that a Tavily key would go to Exa:
INSTALLATION = "UPDATE installations SET type = 'exa'"
BOTH = (INSTALLATION, "UPDATE credentials SET integration = 'exa'")
ALONE = ("UPDATE credentials SET integration = 'exa'",)


class Overheard:
    """A stand-in that tells what it was asked."""

    def __init__(self, inner: Tavily | Exa) -> None:
        self.inner, self.integration_id, self.calls = inner, inner.integration_id, list[Call]()

    def credentials(self) -> Mapping[str, str]:
        return self.inner.credentials()

    def answer(self, call: Call) -> Answer:
        self.calls.append(call)
        return self.inner.answer(call)


@pytest.fixture
def exa() -> Overheard:
    return Overheard(Exa())


@pytest.fixture(params=["sqlite", "postgresql"])
async def on(request: pytest.FixtureRequest, tmp_path: Path, exa: Overheard) -> AsyncIterator[Stage]:
    url = request.getfixturevalue("databases").emptied() if request.param == "postgresql" else None
    async with stage(tmp_path, {"tavily": Overheard(Tavily()), "exa": exa}, database_url=url) as made:
        yield made


async def installed(on: Stage) -> str:
    """An installation of Tavily that has worked."""
    place: str = (await on.ok("POST", "", 201, json={"type": "tavily"}))["id"]
    await on.ok("POST", f"/{place}/credentials", json={"credentials": {"apiKey": KEY}})
    assert (await on.run("tavily_search_web", SEARCH, place=place))["success"]
    return place


async def intrude(on: Stage, *statements: str) -> None:
    """Write past the server."""

    def work(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    await on.beside.write(work)


@pytest.mark.parametrize("changes", [(INSTALLATION,), BOTH], ids=["the installation", "all that says so"])
async def test_a_key_of_one_company_is_not_sent_to_another(on: Stage, exa: Overheard, changes: tuple[str, ...]) -> None:
    place = await installed(on)
    await intrude(on, *changes)
    body = {"parameters": SEARCH}
    for way in (place, "exa"):
        await on.no("POST", f"/{way}/tools/search_web/execute", 500, "SEAL_BROKEN", json=body)
    await on.ok("GET", "/diff", params={"from": "staging", "to": "production"})
    await on.client.delete(f"/v1/integrations/{place}/credentials")
    assert exa.calls == []


async def test_the_status_says_what_is_wrong(on: Stage) -> None:
    place = await installed(on)
    await intrude(on, INSTALLATION)
    [entry] = (await on.ok("GET", "/credentials/status", params={"integrationId": place}))["data"]
    assert (entry["status"], entry["fields"]) == ("unreadable", {})
    assert "sealed for tavily" in entry["reason"]
    answering = (await on.ok("GET", "/exa/resolve", params={"environment": "production"}))["answering"]
    assert answering["status"] == "unreadable"
    refusal = await on.no("POST", f"/{place}/tools/search_web/execute", 500, "SEAL_BROKEN", json={"parameters": SEARCH})
    assert "was sealed for tavily and is not shown to exa" in refusal["error"]


async def test_a_check_by_the_server_itself_asks_no_other_company(on: Stage, exa: Overheard) -> None:
    place = await installed(on)
    [(owner,)] = await on.rows("SELECT owner FROM installations")
    await intrude(on, INSTALLATION)
    with pytest.raises(SealBroken):
        await on.hub.checks.due(credentials.job_of(CredentialRef(owner, place, None)))
    assert exa.calls == []


@pytest.mark.parametrize("changes", [ALONE, ("UPDATE credentials SET integration = ''",)], ids=["another", "none"])
async def test_a_default_connections_row_that_was_changed_opens_for_nobody(
    on: Stage, exa: Overheard, changes: tuple[str, ...]
) -> None:
    await on.ok("POST", "/tavily/credentials", json={"credentials": {"apiKey": KEY}})
    await intrude(on, *changes)
    await on.no("POST", "/tavily/tools/search_web/execute", 500, "SEAL_BROKEN", json={"parameters": SEARCH})
    assert exa.calls == []


async def test_put_right_it_works_again(on: Stage) -> None:
    place = await installed(on)
    await intrude(on, INSTALLATION)
    await intrude(on, "UPDATE installations SET type = 'tavily'")
    assert (await on.run("tavily_search_web", SEARCH, place=place))["success"]
