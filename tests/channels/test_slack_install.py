"""Call 5: a Slack app is installed when Slack says whose bot the token is, and once only."""

import asyncio
from typing import Any

import pytest

from tests.channels.workspaces import Workspaces, bot_token, broken_token
from tests.http.judge import CANARY, problem
from tests.http.shapes import INSTALLATION_ID
from tests.http.world import Answer, Client, World, new_key, reserve, status

pytestmark = pytest.mark.anyio

INSTALL = "/v1/integrations/slack/install"
INSTALLED = {
    "success", "integrationId", "status", "teamId", "teamName", "botId", "botUserId", "webhookUrl",
}  # fmt: skip


async def install(client: Client, token: str | None = None, **more: Any) -> Answer:
    body = {"botToken": token or bot_token(), "signingSecret": f"signing-{CANARY}", **more}
    return await client.post(INSTALL, json=body)


async def installations(client: Client) -> list[Any]:
    found: list[Any] = (await client.get("/v1/integrations/slack")).json()["installations"]
    return found


async def test_the_answer_says_what_was_installed_and_where_its_events_go(
    admin: Client, workspaces: Workspaces
) -> None:
    answer = await install(admin)
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == INSTALLED
    assert INSTALLATION_ID.fullmatch(body["integrationId"])
    assert (body["teamId"], body["teamName"], body["botId"]) == ("TACME", "Acme", "BHELPER01")
    assert (body["botUserId"], body["status"], body["success"]) == ("UHELPER01", "connected", True)
    assert body["webhookUrl"] == f"https://moorings.example.com/hooks/slack/{body['integrationId']}"
    [asked] = workspaces.heard
    assert asked.headers["authorization"] == f"Bearer {bot_token()}"


async def test_the_installation_stands_in_the_catalogue_and_shows_no_secret(
    admin: Client, workspaces: Workspaces
) -> None:
    made = (await install(admin, environment="staging", name="Support")).json()["integrationId"]
    [found] = await installations(admin)
    assert (found["id"], found["name"], found["environment"], found["status"]) == (
        made, "Support", "staging", "connected",
    )  # fmt: skip
    assert found["account"] == {"id": "TACME", "label": "Acme"}
    entry = await status(admin, made)
    assert set(entry["fields"]) == {"botToken", "signingSecret"}
    assert entry["status"] == "valid"


@pytest.mark.parametrize("prefix", ["", "xoxe."])
async def test_tokens_of_both_forms_are_taken(admin: Client, workspaces: Workspaces, prefix: str) -> None:
    assert (await install(admin, prefix + bot_token())).status_code == 201


async def test_a_reserved_installation_is_completed_and_keeps_its_address(
    admin: Client, workspaces: Workspaces
) -> None:
    pending = await reserve(admin, "slack", name="Ours", environment="production", forwardUrl="https://example.com/in")
    answer = await install(admin, integrationId=pending["id"])
    assert answer.json()["integrationId"] == pending["id"]
    assert answer.json()["webhookUrl"] == pending["webhookUrl"]
    [found] = await installations(admin)
    assert (found["name"], found["environment"], found["forwardUrl"]) == (
        "Ours", "production", "https://example.com/in",
    )  # fmt: skip
    assert (found["status"], found["expiresAt"]) == ("connected", None)


async def test_what_is_said_while_completing_is_what_counts(admin: Client, workspaces: Workspaces) -> None:
    pending = await reserve(admin, "slack", name="Ours")
    await install(admin, integrationId=pending["id"], name="Theirs", environment="staging")
    [found] = await installations(admin)
    assert (found["name"], found["environment"]) == ("Theirs", "staging")


async def test_an_installation_for_one_environment_is_not_completed_for_another(
    admin: Client, workspaces: Workspaces
) -> None:
    pending = await reserve(admin, "slack", environment="staging")
    answer = await install(admin, integrationId=pending["id"], environment="production")
    assert (answer.status_code, problem(answer)["code"]) == (400, "INVALID_ENVIRONMENT")
    assert workspaces.heard == []


async def test_the_same_bot_is_installed_once_for_an_environment(admin: Client, workspaces: Workspaces) -> None:
    first = (await install(admin, environment="staging")).json()["integrationId"]
    again = await install(admin, bot_token(number=2), environment="staging")
    assert (again.status_code, problem(again)["code"]) == (409, "ALREADY_INSTALLED")
    assert first in problem(again)["error"]
    assert (await install(admin, environment="production")).status_code == 201
    assert (await install(admin, bot_token(bot="BOTHER001"), environment="staging")).status_code == 201
    assert len(await installations(admin)) == 3


async def test_of_clicks_at_once_one_installs_and_nothing_is_left_of_the_others(
    world: World, workspaces: Workspaces
) -> None:
    admin = await world.owner()
    answers = await asyncio.gather(*(install(admin) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    [one] = await installations(admin)
    assert world.rows("SELECT count(*) FROM credentials WHERE integration_id = ?", one["id"]) == [(1,)]


async def test_two_that_complete_one_reservation_at_once_do_so_once(admin: Client, workspaces: Workspaces) -> None:
    pending = (await reserve(admin, "slack"))["id"]
    tokens = (bot_token(), bot_token(bot="BOTHER001"))
    answers = await asyncio.gather(*(install(admin, token, integrationId=pending) for token in tokens))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    [one] = await installations(admin)
    assert one["id"] == pending


async def test_the_same_bot_of_another_owner_is_nobody_s_business(world: World, workspaces: Workspaces) -> None:
    for _ in range(2):
        assert (await install(await world.owner())).status_code == 201


async def test_after_its_removal_it_can_be_installed_again(admin: Client, workspaces: Workspaces) -> None:
    made = (await install(admin)).json()["integrationId"]
    removed = await admin.delete(f"/v1/integrations/{made}/credentials")
    assert removed.json()["message"].endswith("Slack has confirmed that they are revoked.")
    assert problem(await install(admin))["code"] == "CREDENTIALS_REJECTED"
    assert (await install(admin, botToken=bot_token(number=2))).status_code == 201


async def test_who_does_not_wish_it_keeps_the_token(admin: Client, workspaces: Workspaces) -> None:
    made = (await install(admin)).json()["integrationId"]
    await admin.delete(f"/v1/integrations/{made}/credentials", params={"revoke": "false"})
    assert (await install(admin)).status_code == 201


@pytest.mark.parametrize(
    ("word", "answered"),
    [
        ("invalid_auth", (400, "CREDENTIALS_REJECTED")), ("account_inactive", (400, "CREDENTIALS_REJECTED")),
        ("token_revoked", (400, "CREDENTIALS_REJECTED")), ("token_expired", (400, "CREDENTIALS_REJECTED")),
        ("missing_scope", (400, "CREDENTIALS_REJECTED")), ("not_allowed_token_type", (400, "CREDENTIALS_REJECTED")),
        ("ratelimited", (502, "PROVIDER_ERROR")), ("fatal_error", (502, "PROVIDER_ERROR")),
        ("something_new", (502, "PROVIDER_ERROR")),
    ],
)  # fmt: skip
async def test_nothing_is_stored_of_a_token_that_slack_refuses(
    admin: Client, workspaces: Workspaces, word: str, answered: tuple[int, str]
) -> None:
    answer = await install(admin, broken_token(word))
    assert (answer.status_code, problem(answer)["code"]) == answered
    assert await installations(admin) == []


async def test_a_reservation_outlives_a_refused_token(admin: Client, workspaces: Workspaces) -> None:
    pending = (await reserve(admin, "slack"))["id"]
    assert (await install(admin, broken_token("invalid_auth"), integrationId=pending)).status_code == 400
    assert (await install(admin, integrationId=pending)).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"botToken": f"xoxp-1-2-{CANARY}"}, "botToken"),
        ({"botToken": f"xapp-1-2-{CANARY}"}, "botToken"),
        ({"botToken": ""}, "botToken"),
        ({"botToken": None}, "botToken"),
        ({"signingSecret": ""}, "signingSecret"),
        ({"signingSecret": f" {CANARY}"}, "signingSecret"),
        ({"integrationId": "slack"}, "integrationId"),
        ({"integrationId": CANARY}, "integrationId"),
        ({"forwardUrl": "http://example.com"}, "forwardUrl"),
        ({"name": ""}, "name"),
        ({"unknown": 1}, "unknown"),
    ],
)
async def test_what_is_wrong_of_itself_is_named_before_slack_is_asked(
    admin: Client, workspaces: Workspaces, body: dict[str, Any], field: str
) -> None:
    answer = await install(admin, **body)
    assert answer.status_code == 400
    assert [detail["field"] for detail in problem(answer)["details"]] == [field]
    assert workspaces.heard == []


async def test_an_installation_of_another_kind_or_owner_is_not_completed(
    world: World, admin: Client, workspaces: Workspaces
) -> None:
    theirs = (await reserve(await world.owner(), "slack"))["id"]
    for place in ((await reserve(admin, "harbour"))["id"], theirs):
        answer = await install(admin, integrationId=place)
        assert (answer.status_code, problem(answer)["code"]) == (404, "INTEGRATION_NOT_FOUND")
    assert workspaces.heard == []


async def test_who_may_not_write_is_refused_and_written_down(world: World, workspaces: Workspaces) -> None:
    admin = await world.owner()
    reader = world.client((await new_key(admin, "INTEGRATIONS:READ"))["key"])
    answer = await install(reader)
    assert (answer.status_code, problem(answer)["code"]) == (403, "MISSING_SCOPE")
    bound = world.client((await new_key(admin, "INTEGRATIONS:WRITE", environments=["staging"]))["key"])
    for environment in (None, "production"):
        answer = await install(bound, environment=environment)
        assert (answer.status_code, problem(answer)["code"]) == (403, "ENVIRONMENT_FORBIDDEN")
    assert workspaces.heard == []
    assert (await install(bound, environment="staging")).status_code == 201
    denied = world.rows("SELECT subject FROM audit WHERE kind = 'call.denied' AND subject LIKE '%slack/install'")
    assert len(denied) >= 2  # the second of a kind within a minute is counted


async def test_an_installation_is_written_down_with_who_did_it(world: World, workspaces: Workspaces) -> None:
    made = (await install(await world.owner())).json()["integrationId"]
    rows = world.rows("SELECT kind, outcome FROM audit WHERE subject = ?", made)
    assert rows == [("installation.connected", "ok")]


async def test_no_secret_stands_in_the_database(world: World, admin: Client, workspaces: Workspaces) -> None:
    await install(admin)
    for path in world.data_dir.iterdir():
        assert CANARY.encode() not in path.read_bytes()
