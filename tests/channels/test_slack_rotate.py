"""Call 6: new credentials take over at once, or the old ones stay as they are."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moorings.domain.credential import CredentialRef
from moorings.errors import SealBroken
from moorings.services.installing import Installing
from moorings.store import installations
from tests.channels.test_slack_install import install
from tests.channels.workspaces import Workspaces, bot_token, broken_token
from tests.http.judge import CANARY, problem
from tests.http.shapes import TIME
from tests.http.world import Answer, Client, World, new_key, reserve, status

pytestmark = pytest.mark.anyio

ROTATE = "/v1/integrations/slack/rotate"
NEW_SECRET = f"new-signing-{CANARY}"


async def rotate(client: Client, place: str, **more: Any) -> Answer:
    return await client.post(ROTATE, json={"integrationId": place, **more})


async def sealed(world: World, place: str, integration: str = "slack") -> dict[str, str]:
    """What the vault holds of an installation."""
    installing: Installing = world.hub.slack.installing
    [(owner, environment)] = world.rows("SELECT owner, environment FROM installations WHERE id = ?", place)
    ref = CredentialRef(owner, place, None if environment == "*" else environment)
    opened = await installing.sealing.open(ref, integration)
    assert opened is not None
    return {name: secret.reveal() for name, secret in opened.fields.items()}


@pytest.fixture
async def installed(admin: Client, workspaces: Workspaces) -> str:
    made: str = (await install(admin)).json()["integrationId"]
    workspaces.heard.clear()
    return made


async def test_what_speaks_to_telegram_gets_no_token_of_slack_whatever_a_job_or_row_says(
    world: World, installed: str
) -> None:
    """Both call their field `botToken`."""
    installing: Installing = world.hub.telegram.installing
    installation = await installing.database.read(installations.by_id, installed)
    assert installation is not None
    for told in (installation, replace(installation, type="telegram")):
        with pytest.raises(SealBroken, match="sealed for slack and is not shown to telegram"):
            await installing.open("telegram", told)


async def test_a_new_token_of_the_same_bot_takes_over(
    world: World, admin: Client, workspaces: Workspaces, installed: str
) -> None:
    answer = await rotate(admin, installed, botToken=bot_token(number=2))
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"success", "integrationId", "message", "rotatedAt", "previousValidUntil"}
    assert (body["integrationId"], body["previousValidUntil"]) == (installed, None)
    assert TIME.fullmatch(body["rotatedAt"])
    assert await sealed(world, installed) == {"botToken": bot_token(number=2), "signingSecret": f"signing-{CANARY}"}


async def test_the_old_signing_secret_stands_beside_the_new_for_the_grace_time(
    world: World, admin: Client, installed: str
) -> None:
    body = (await rotate(admin, installed, signingSecret=NEW_SECRET, graceSeconds=600)).json()
    kept = await sealed(world, installed)
    assert (kept["signingSecret"], kept["previousSigningSecret"]) == (NEW_SECRET, f"signing-{CANARY}")
    until = datetime.fromisoformat(kept["previousValidUntil"])
    assert until == datetime.fromisoformat(body["previousValidUntil"])
    assert timedelta(seconds=590) < until - datetime.now(UTC) <= timedelta(seconds=600)


async def test_the_usual_grace_is_an_hour(admin: Client, installed: str) -> None:
    body = (await rotate(admin, installed, signingSecret=NEW_SECRET)).json()
    rotated, until = (datetime.fromisoformat(body[name]) for name in ("rotatedAt", "previousValidUntil"))
    assert timedelta(minutes=59) < until - rotated <= timedelta(hours=1)


async def test_without_grace_the_old_signing_secret_is_gone(world: World, admin: Client, installed: str) -> None:
    await rotate(admin, installed, signingSecret=NEW_SECRET)
    body = (await rotate(admin, installed, signingSecret=f"third-{CANARY}", graceSeconds=0)).json()
    assert body["previousValidUntil"] is None
    assert set(await sealed(world, installed)) == {"botToken", "signingSecret"}


async def test_the_same_secret_again_does_not_end_the_grace_time(world: World, admin: Client, installed: str) -> None:
    first = (await rotate(admin, installed, signingSecret=NEW_SECRET)).json()
    again = (await rotate(admin, installed, signingSecret=NEW_SECRET)).json()
    assert again["previousValidUntil"] == first["previousValidUntil"]
    assert (await sealed(world, installed))["previousSigningSecret"] == f"signing-{CANARY}"


async def test_the_hidden_fields_are_not_even_named(admin: Client, installed: str) -> None:
    await rotate(admin, installed, signingSecret=NEW_SECRET)
    answer = await admin.get("/v1/integrations/credentials/status", params={"integrationId": installed})
    assert "previous" not in answer.text
    assert set((await status(admin, installed))["fields"]) == {"botToken", "signingSecret"}


@pytest.mark.parametrize("token", [bot_token(team="TOTHER"), bot_token(bot="BOTHER001")])
async def test_a_token_of_another_account_is_refused_and_the_old_goes_on(
    world: World, admin: Client, installed: str, token: str
) -> None:
    answer = await rotate(admin, installed, botToken=token, signingSecret=NEW_SECRET)
    assert (answer.status_code, problem(answer)["code"]) == (400, "DIFFERENT_ACCOUNT")
    assert await sealed(world, installed) == {"botToken": bot_token(), "signingSecret": f"signing-{CANARY}"}


@pytest.mark.parametrize(("word", "code"), [("token_revoked", 400), ("ratelimited", 502)])
async def test_a_token_that_slack_refuses_changes_nothing(
    world: World, admin: Client, installed: str, word: str, code: int
) -> None:
    assert (await rotate(admin, installed, botToken=broken_token(word))).status_code == code
    assert (await sealed(world, installed))["botToken"] == bot_token()
    assert (await status(admin, installed))["status"] == "valid"


async def test_rotations_at_once_both_count(world: World, admin: Client, installed: str) -> None:
    answers = await asyncio.gather(
        rotate(admin, installed, botToken=bot_token(number=2)), rotate(admin, installed, signingSecret=NEW_SECRET)
    )
    assert [answer.status_code for answer in answers] == [200, 200]
    kept = await sealed(world, installed)
    assert (kept["botToken"], kept["signingSecret"]) == (bot_token(number=2), NEW_SECRET)
    assert kept["previousSigningSecret"] == f"signing-{CANARY}"


async def test_the_catalogue_id_means_the_only_installation(admin: Client, installed: str) -> None:
    assert (await rotate(admin, "slack", botToken=bot_token(number=2))).json()["integrationId"] == installed
    await install(admin, bot_token(bot="BOTHER001"))
    answer = await rotate(admin, "slack", botToken=bot_token(number=3))
    assert (answer.status_code, problem(answer)["code"]) == (400, "INVALID_REQUEST")
    assert installed in problem(answer)["details"][0]["message"]


@pytest.mark.parametrize(
    "body",
    [{}, {"graceSeconds": 5}, {"botToken": "nonsense"}, {"signingSecret": ""}, {"botToken": f"xoxp-1-{CANARY}"},
     {"signingSecret": "x", "graceSeconds": -1}, {"signingSecret": "x", "graceSeconds": 86_401}],
)  # fmt: skip
async def test_what_is_wrong_of_itself_is_refused(
    admin: Client, workspaces: Workspaces, installed: str, body: Any
) -> None:
    assert (await rotate(admin, installed, **body)).status_code == 400
    assert workspaces.heard == []


async def test_what_is_not_installed_cannot_be_rotated(world: World, admin: Client, installed: str) -> None:
    pending = (await reserve(admin, "slack"))["id"]
    other = (await reserve(admin, "harbour"))["id"]
    stranger = await world.owner()
    for client, place, code in (
        (admin, pending, "CREDENTIALS_NOT_FOUND"), (admin, other, "INTEGRATION_NOT_FOUND"),
        (admin, "nowhere", "INTEGRATION_NOT_FOUND"), (stranger, installed, "INTEGRATION_NOT_FOUND"),
        (stranger, "slack", "INTEGRATION_NOT_FOUND"),
    ):  # fmt: skip
        answer = await rotate(client, place, botToken=bot_token(number=2))
        assert (answer.status_code, problem(answer)["code"]) == (404, code)


async def test_a_key_for_another_environment_may_not(world: World, workspaces: Workspaces) -> None:
    admin = await world.owner()
    made = (await install(admin, environment="production")).json()["integrationId"]
    bound = world.client((await new_key(admin, "INTEGRATIONS:WRITE", environments=["staging"]))["key"])
    answer = await rotate(bound, made, botToken=bot_token(number=2))
    assert (answer.status_code, problem(answer)["code"]) == (403, "ENVIRONMENT_FORBIDDEN")


async def test_a_rotation_is_written_down(world: World, admin: Client, installed: str) -> None:
    await rotate(admin, installed, botToken=bot_token(number=2))
    rows = world.rows("SELECT kind FROM audit WHERE subject = ? ORDER BY sequence", installed)
    assert rows == [("installation.connected",), ("credentials.rotated",)]
