"""The listing of events: whose they are, in which order, page by page."""

import json
from typing import Any

import pytest

from tests.events.harbour import Harbour
from tests.events.providers import message, slack, telegram, update
from tests.http.judge import problem
from tests.http.world import Client, new_key

pytestmark = pytest.mark.anyio

NO_EVENT = "evt_01kb0h6v3m8x2q4r5s6t7v8w9x"


def texts(page: Any) -> list[str]:
    return [event["text"] for event in page["data"]]


async def test_events_come_page_by_page_the_newest_first(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner, forward_url=None)
    for number in range(5):
        await shared.send(installation, slack(message(str(number))))
    first = await shared.events(owner, installation, limit=2)
    second = await shared.events(owner, installation, limit=2, cursor=first["nextCursor"])
    await shared.send(installation, slack(message("later")))
    third = await shared.events(owner, installation, limit=2, cursor=second["nextCursor"])
    assert [texts(page) for page in (first, second, third)] == [["4", "3"], ["2", "1"], ["0"]]
    assert third["nextCursor"] is None


async def test_a_page_that_is_just_full_leads_nowhere(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner, forward_url=None)
    await shared.send(installation, slack(message("only")))
    assert (await shared.events(owner, installation, limit=1))["nextCursor"] is None


async def test_a_catalogue_id_means_all_installations_that_the_caller_may_see(shared: Harbour, owner: Client) -> None:
    here = await shared.install(owner, forward_url=None, environment="staging")
    there = await shared.install(owner, forward_url=None, environment="production")
    elsewhere = await shared.install(owner, "telegram", forward_url=None)
    await shared.send(here, slack(message("staging")))
    await shared.send(there, slack(message("production")))
    await shared.send(elsewhere, telegram(update("telegram")), "telegram")
    assert texts(await shared.events(owner, "slack")) == ["production", "staging"]
    assert texts(await shared.events(owner, "firecrawl")) == []
    bound = shared.world.client((await new_key(owner, "INTEGRATIONS:READ", environments=["staging"]))["key"])
    assert texts(await shared.events(bound, "slack")) == ["staging"]
    assert (await bound.get(f"/v1/integrations/{there}/events")).status_code == 403


async def test_other_owners_see_nothing(shared: Harbour, owner: Client) -> None:
    installation, stranger = await shared.install(owner), await shared.world.owner()
    await shared.send(installation, slack(message("private")))
    [event] = await shared.settled(owner, installation)
    assert texts(await shared.events(stranger, "slack")) == []
    own = await shared.install(stranger)
    for answer in (
        await stranger.get(f"/v1/integrations/{installation}/events"),
        await stranger.post(f"/v1/integrations/{installation}/events/{event['id']}/redeliver", json={}),
        await stranger.post(f"/v1/integrations/{own}/events/{event['id']}/redeliver", json={}),
    ):
        assert answer.status_code == 404
        assert "private" not in answer.text
    assert (await stranger.get(f"/v1/integrations/{own}/events", params={"cursor": event["id"]})).json()["data"] == []


async def test_an_event_that_does_not_open_does_not_hide_the_others(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner, forward_url=None)
    for text in ("first", "second", "third"):
        await shared.send(installation, slack(message(text)))
    changed = (await shared.events(owner, installation))["data"][1]["id"]
    shared.world.change("UPDATE events SET sealed = x'00' WHERE id = ?", changed)
    page = await shared.events(owner, installation)
    assert texts(page) == ["third", None, "first"]
    assert [event["readable"] for event in page["data"]] == [True, False, True]
    assert (page["data"][1]["id"], page["data"][1]["raw"]) == (changed, {})


async def test_an_event_belongs_to_its_installation_alone(shared: Harbour, owner: Client) -> None:
    installation, other = await shared.install(owner), await shared.install(owner)
    await shared.send(installation, slack(message()))
    [event] = await shared.settled(owner, installation)
    for place, event_id in ((other, event["id"]), (installation, NO_EVENT), (installation, "nonsense")):
        answer = await owner.post(f"/v1/integrations/{place}/events/{event_id}/redeliver", json={})
        assert (answer.status_code, problem(answer)["code"]) == (404, "EVENT_NOT_FOUND")


async def test_reading_and_sending_again_want_their_scopes(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner)
    await shared.send(installation, slack(message()))
    [event] = await shared.settled(owner, installation)
    runner = shared.world.client((await new_key(owner, "INTEGRATIONS:EXECUTE"))["key"])
    reader = shared.world.client((await new_key(owner, "INTEGRATIONS:READ"))["key"])
    assert (await runner.get(f"/v1/integrations/{installation}/events")).status_code == 403
    again = f"/v1/integrations/{installation}/events/{event['id']}/redeliver"
    assert (await reader.post(again, json={})).status_code == 403
    assert shared.world.rows(
        "SELECT COUNT(*) FROM audit WHERE kind = 'event.redelivered'  AND subject LIKE ?", f"%{event['id']}"
    ) == [(0,)]


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"cursor": "nonsense"}])
async def test_a_wrong_query_is_400(shared: Harbour, owner: Client, query: Any) -> None:
    answer = await owner.get("/v1/integrations/slack/events", params=query)
    assert (answer.status_code, problem(answer)["code"]) == (400, "INVALID_REQUEST")


async def test_an_unknown_integration_is_404(owner: Client) -> None:
    for path in ("nowhere", "intg_01kb0h6v3m8x2q4r5s6t7v8w9x"):
        answer = await owner.get(f"/v1/integrations/{path}/events")
        assert (answer.status_code, problem(answer)["code"]) == (404, "INTEGRATION_NOT_FOUND")


async def test_the_same_idempotency_key_sends_once(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner)
    await shared.send(installation, slack(message()))
    [event] = await shared.settled(owner, installation)
    place = f"/v1/integrations/{installation}/events/{event['id']}/redeliver"
    answers = [await owner.post(place, json={}, headers={"Idempotency-Key": "once"}) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {202}
    await shared.settled(owner, installation)
    assert len(shared.program.deliveries) == 2


async def test_halves_of_characters_are_escapes(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner, forward_url=None)
    await shared.send(installation, slack(json.dumps(message("\ud83d")).encode()))
    answer = await owner.get(f"/v1/integrations/{installation}/events")
    assert b"\\ud83d" in answer.content
