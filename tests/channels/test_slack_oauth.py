"""The way over Slack's page: begun with a key, ended once and in time by whoever comes back, and tokens renewed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from moorings.domain.job import JobKind
from moorings.http import application
from moorings.web import authorised
from tests.channels.conftest import PUBLIC
from tests.channels.test_slack_install import install, installations
from tests.channels.test_slack_rotate import rotate, sealed
from tests.channels.workspaces import CLIENT, Workspaces, bot_token, code
from tests.http.judge import CANARY, problem
from tests.http.world import Answer, Client, World, new_key, reserve, status

pytestmark = pytest.mark.anyio

CONNECT = "/v1/integrations/slack/connect"
CALLBACK = "/hooks/slack/oauth/callback"


@pytest.fixture
async def browser(anyio_backend: str, world: World) -> AsyncIterator[Client]:
    """Of a person who has no key."""
    served = application.create(world.hub, (), authorised.routes(world.hub))
    async with Client(transport=httpx2.ASGITransport(served), base_url=PUBLIC) as client:
        yield client


async def begin(client: Client, **more: Any) -> Answer:
    return await client.post(CONNECT, json={**CLIENT, "signingSecret": f"signing-{CANARY}", **more})


def state_of(begun: Answer | dict[str, Any]) -> str:
    body = begun if isinstance(begun, dict) else begun.json()
    return parse_qs(urlsplit(body["authorizeUrl"]).query)["state"][0]


async def come_back(browser: Client, state: str, shown: str | None = None, **more: str) -> Answer:
    return await browser.get(CALLBACK, params={"state": state, "code": shown or code(), **more})


@pytest.fixture
async def connected(admin: Client, browser: Client, workspaces: Workspaces) -> str:
    """An installation whose tokens have an end."""
    begun = (await begin(admin)).json()
    assert (await come_back(browser, state_of(begun), code(rotating=True))).status_code == 200
    place: str = begun["integrationId"]
    return place


async def test_a_person_is_sent_to_slack_s_page_with_nothing_secret(admin: Client, slack: Any) -> None:
    answer = await begin(admin, name="Support", scopes=["chat:write", "im:history"])
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"integrationId", "authorizeUrl", "redirectUrl", "webhookUrl", "expiresAt"}
    address = urlsplit(body["authorizeUrl"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{slack[1]}/@slack.com/oauth/v2/authorize"
    query = parse_qs(address.query)
    assert query["client_id"] == ["100.200"]
    assert query["scope"] == ["chat:write,im:history"]
    assert query["redirect_uri"] == [body["redirectUrl"]] == [f"{PUBLIC}{CALLBACK}"]
    assert len(query["state"][0]) >= 32
    left = datetime.fromisoformat(body["expiresAt"]) - datetime.now(UTC)
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)


async def test_whoever_comes_back_has_connected_the_installation(
    world: World, admin: Client, browser: Client, workspaces: Workspaces
) -> None:
    begun = (await begin(admin, name="Support", environment="staging")).json()
    [pending] = await installations(admin)
    assert (pending["id"], pending["status"]) == (begun["integrationId"], "pending")
    answer = await come_back(browser, state_of(begun))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "Support is connected to the workspace Acme" in answer.text
    assert CANARY not in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    [made] = await installations(admin)
    assert (made["id"], made["status"], made["environment"]) == (begun["integrationId"], "connected", "staging")
    kept = await sealed(world, made["id"])
    assert set(kept) == {"botToken", "signingSecret", "clientId", "clientSecret"}
    exchange = workspaces.heard[0]
    assert exchange.path == "/oauth.v2.access"
    assert exchange.form["redirect_uri"] == begun["redirectUrl"]
    assert CLIENT["clientSecret"] not in exchange.body.decode()


async def test_what_waits_for_a_person_answers_nowhere(admin: Client) -> None:
    begun = (await begin(admin)).json()
    assert (await status(admin, begun["integrationId"]))["configured"] is False
    slack = (await admin.get("/v1/integrations/slack")).json()
    assert (slack["status"], slack["configured"]) == ("pending", False)


async def test_no_secret_of_it_is_shown_or_stands_in_the_database(world: World, admin: Client, connected: str) -> None:
    answer = await admin.get("/v1/integrations/credentials/status", params={"integrationId": connected})
    assert set(answer.json()["data"][0]["fields"]) == {"botToken", "signingSecret"}
    assert "client" not in answer.text.lower()
    for path in world.data_dir.iterdir():
        assert CANARY.encode() not in path.read_bytes()


async def test_a_state_is_good_once(admin: Client, browser: Client, workspaces: Workspaces) -> None:
    state = state_of(await begin(admin))
    answers = await asyncio.gather(*(come_back(browser, state) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    assert len(await installations(admin)) == 1


async def test_a_state_is_good_for_ten_minutes(world: World, admin: Client, browser: Client) -> None:
    state = state_of(await begin(admin))
    await world.change_as_ours("UPDATE authorisations SET expires_at = expires_at - 600001")
    answer = await come_back(browser, state)
    assert answer.status_code == 400
    assert "begin again" in answer.text


@pytest.mark.parametrize("state", ["", "unknown", CANARY, "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")])
async def test_a_state_that_nobody_was_given_ends_nothing(browser: Client, workspaces: Workspaces, state: str) -> None:
    answer = await come_back(browser, state)
    assert answer.status_code == 400
    assert workspaces.heard == []
    assert CANARY not in answer.text


async def test_only_the_hash_of_a_state_is_kept(world: World, admin: Client) -> None:
    state = state_of(await begin(admin))
    for path in world.data_dir.iterdir():
        assert state.encode() not in path.read_bytes()


async def test_who_does_not_let_the_app_in_has_ended_it(admin: Client, browser: Client) -> None:
    begun = (await begin(admin)).json()
    answer = await browser.get(CALLBACK, params={"state": state_of(begun), "error": "access_denied"})
    assert (answer.status_code, "not to let the app in" in answer.text) == (400, True)
    assert (await come_back(browser, state_of(begun))).status_code == 400
    again = await admin.get(CONNECT, params={"integrationId": begun["integrationId"]})
    assert (await come_back(browser, state_of(again))).status_code == 200


async def test_the_way_there_and_back_is_written_down(world: World, admin: Client, browser: Client) -> None:
    begun = (await begin(admin)).json()
    await browser.get(CALLBACK, params={"state": state_of(begun), "error": "access_denied"})
    again = await admin.get(CONNECT, params={"integrationId": begun["integrationId"]})
    await come_back(browser, state_of(again))
    rows = world.rows("SELECT kind FROM audit WHERE subject = ? ORDER BY sequence", begun["integrationId"])
    assert [kind for (kind,) in rows] == [
        "credentials.saved", "authorisation.begun", "authorisation.abandoned", "authorisation.begun",
        "installation.connected",
    ]  # fmt: skip


async def test_a_code_that_slack_does_not_take_connects_nothing(admin: Client, browser: Client) -> None:
    for shown in ("nonsense", "<script>alert(1)</script>"):
        begun = await begin(admin)
        answer = await come_back(browser, state_of(begun), shown)
        assert answer.status_code == 400
        assert "<script>" not in answer.text
    assert {item["status"] for item in await installations(admin)} == {"pending"}


async def test_a_wrong_client_secret_is_told(admin: Client, browser: Client, workspaces: Workspaces) -> None:
    begun = await begin(admin, clientSecret=f"wrong-{CANARY}")
    answer = await come_back(browser, state_of(begun))
    assert (answer.status_code, "client secret" in answer.text) == (400, True)


async def test_the_same_bot_is_installed_once_also_on_this_way(
    admin: Client, browser: Client, workspaces: Workspaces
) -> None:
    first = (await install(admin)).json()["integrationId"]
    begun = await begin(admin)
    answer = await come_back(browser, state_of(begun))
    assert (answer.status_code, first in answer.text) == (409, True)


async def test_a_reserved_installation_is_connected_and_a_connected_one_again(
    world: World, admin: Client, browser: Client, workspaces: Workspaces
) -> None:
    pending = await reserve(admin, "slack", environment="production")
    begun = (await begin(admin, integrationId=pending["id"])).json()
    assert begun["webhookUrl"] == pending["webhookUrl"]
    assert (await come_back(browser, state_of(begun))).status_code == 200
    before = await sealed(world, pending["id"])
    again = await admin.get(CONNECT, params={"integrationId": pending["id"]})
    assert (await come_back(browser, state_of(again))).status_code == 200
    after = await sealed(world, pending["id"])
    assert before["botToken"] != after["botToken"]
    other = await admin.get(CONNECT, params={"integrationId": pending["id"]})
    answer = await come_back(browser, state_of(other), code("TOTHER"))
    assert (answer.status_code, "another workspace" in answer.text) == (400, True)
    assert await sealed(world, pending["id"]) == after


async def test_an_installation_that_was_removed_meanwhile_is_not_connected(admin: Client, browser: Client) -> None:
    begun = (await begin(admin)).json()
    assert (await admin.delete(f"/v1/integrations/{begun['integrationId']}/credentials")).status_code == 200
    assert (await come_back(browser, state_of(begun))).status_code == 400
    assert await installations(admin) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"clientId": ""}, "clientId"), ({"clientId": "a b"}, "clientId"), ({"clientSecret": ""}, "clientSecret"),
        ({"signingSecret": ""}, "signingSecret"), ({"scopes": []}, "scopes"), ({"scopes": ["chat write"]}, "scopes.0"),
        ({"integrationId": "slack"}, "integrationId"),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_a_beginning_is_named(admin: Client, body: Any, field: str) -> None:
    answer = await begin(admin, **body)
    assert answer.status_code == 400
    assert [detail["field"] for detail in problem(answer)["details"]] == [field]


async def test_only_who_may_write_begins(world: World, admin: Client, connected: str) -> None:
    reader = world.client((await new_key(admin, "INTEGRATIONS:READ"))["key"])
    assert (await begin(reader)).status_code == 403
    assert (await reader.get(CONNECT, params={"integrationId": connected})).status_code == 403
    stranger = await world.owner()
    assert (await stranger.get(CONNECT, params={"integrationId": connected})).status_code == 404
    by_token = (await install(stranger)).json()["integrationId"]
    answer = await stranger.get(CONNECT, params={"integrationId": by_token})
    assert (answer.status_code, problem(answer)["code"]) == (404, "CREDENTIALS_NOT_FOUND")


# Tokens that have an end


async def due(world: World, place: str) -> Any:
    rows = world.rows("SELECT due_at FROM jobs WHERE kind = ? AND id = ?", JobKind.REFRESH, place)
    return rows[0][0] if rows else None


async def test_a_token_is_renewed_two_hours_before_its_end(world: World, admin: Client, connected: str) -> None:
    entry = await status(admin, connected)
    ends = datetime.fromisoformat(entry["expiresAt"])
    assert timedelta(hours=11.9) < ends - datetime.now(UTC) <= timedelta(hours=12)
    assert datetime.fromtimestamp(await due(world, connected) / 1000, UTC) == ends - timedelta(hours=2)


async def test_a_renewal_stores_the_new_pair_and_the_next_time_together(
    world: World, admin: Client, workspaces: Workspaces, connected: str
) -> None:
    before = await sealed(world, connected)
    world.change("DELETE FROM jobs")
    assert await world.hub.slack_authorisation.refresh(connected) is None
    after = await sealed(world, connected)
    assert after["botToken"] != before["botToken"]
    assert after["refreshToken"] != before["refreshToken"]
    assert before["refreshToken"] in workspaces.used
    assert await due(world, connected) is not None
    entry = await status(admin, connected)
    assert (entry["status"], set(entry["fields"])) == ("valid", {"botToken", "signingSecret"})


async def test_of_several_workers_one_renews(world: World, workspaces: Workspaces, connected: str) -> None:
    world.change("UPDATE jobs SET due_at = 0, next_at = 0 WHERE kind = 'refresh' AND id = ?", connected)
    jobs = world.hub.jobs
    taken = [job for _ in range(3) for job in await jobs.take(JobKind.REFRESH, 10)]
    assert [job.id for job in taken] == [connected]
    for job in taken:
        await jobs.run(job)
    assert len([heard for heard in workspaces.heard if heard.form.get("grant_type")]) == 1
    assert await due(world, connected) > datetime.now(UTC).timestamp() * 1000


async def test_a_pair_that_was_lost_is_told_and_the_app_is_installed_again(
    world: World, admin: Client, browser: Client, workspaces: Workspaces, connected: str
) -> None:
    workspaces.used.add(
        (await sealed(world, connected))["refreshToken"]
    )  # by a process that was killed with the answer
    assert await world.hub.slack_authorisation.refresh(connected) is None
    [found] = await installations(admin)
    assert (found["status"], "let the app in again" in found["problem"]) == ("failing", True)
    again = await admin.get(CONNECT, params={"integrationId": connected})
    assert (await come_back(browser, state_of(again), code(rotating=True))).status_code == 200
    [found] = await installations(admin)
    assert (found["status"], found["problem"]) == ("connected", None)


async def test_a_rotation_meanwhile_does_not_lose_the_new_pair(
    world: World, admin: Client, workspaces: Workspaces, connected: str
) -> None:
    renewing = asyncio.create_task(world.hub.slack_authorisation.refresh(connected))
    rotated = await rotate(admin, connected, signingSecret=f"new-{CANARY}")
    await renewing
    kept = await sealed(world, connected)
    assert rotated.status_code == 200
    assert kept["signingSecret"] == f"new-{CANARY}"
    assert kept["refreshToken"] not in workspaces.used


async def test_a_token_that_a_person_brings_is_not_renewed(
    world: World, admin: Client, workspaces: Workspaces, connected: str
) -> None:
    assert (await rotate(admin, connected, botToken=bot_token(number=99))).status_code == 200
    assert "refreshToken" not in await sealed(world, connected)
    assert await world.hub.slack_authorisation.refresh(connected) is None
    assert (await status(admin, connected))["expiresAt"] is None


async def test_a_reservation_that_ends_takes_its_secrets_with_it(world: World, admin: Client) -> None:
    begun = (await begin(admin)).json()
    world.change("UPDATE installations SET expires_at = 1 WHERE id = ?", begun["integrationId"])
    await world.hub.housekeeping.once()
    assert world.rows("SELECT 1 FROM credentials WHERE integration_id = ?", begun["integrationId"]) == []
    assert world.rows("SELECT 1 FROM authorisations WHERE installation_id = ?", begun["integrationId"]) == []
