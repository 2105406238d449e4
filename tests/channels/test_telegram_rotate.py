"""A bot whose token was revoked takes its new one and stays the same installation; another bot's changes nothing."""

import asyncio
from typing import Any

import pytest

from moorings.domain.job import JobKind
from moorings.services.polling import Polling
from moorings.services.telegram import UPDATES
from tests.channels.bots import BotFather
from tests.channels.test_slack_rotate import sealed
from tests.channels.test_telegram_install import install, installations, script
from tests.http.judge import CANARY, problem
from tests.http.world import Answer, Client, World, new_key, reserve

pytestmark = pytest.mark.anyio

ROTATE = "/v1/integrations/telegram/rotate"


async def rotate(client: Client, place: str, token: str) -> Answer:
    return await client.post(ROTATE, json={"integrationId": place, "botToken": token})


def renewed(botfather: BotFather, bot: Any) -> tuple[str, str]:
    """The token before its owner revoked it, and the one since; a webhook goes with the old one."""
    before = bot.token
    botfather.kill(bot)
    bot.token = f"{bot.id}:{CANARY}-renewed-{before[-20:]}"
    bot.webhook = None
    return before, bot.token


async def test_the_new_token_takes_over_and_the_bot_is_heard_again(
    world: World, admin: Client, botfather: BotFather
) -> None:
    bot = botfather.bot()
    place = (await install(admin, bot.token, forwardUrl="https://hub.example.com/here")).json()["integrationId"]
    secret = (await sealed(world, place, "telegram"))["webhookSecret"]
    _, token = renewed(botfather, bot)
    answer = await rotate(admin, place, token)
    assert answer.status_code == 200
    assert set(answer.json()) == {"success", "integrationId", "message", "rotatedAt"}
    assert await sealed(world, place, "telegram") == {"botToken": token, "webhookSecret": secret}
    assert bot.webhook is not None
    assert (bot.webhook.secret_token, tuple(bot.allowed)) == (secret, UPDATES)
    [found] = await installations(admin)
    assert (found["id"], found["status"], found["forwardUrl"]) == (place, "connected", "https://hub.example.com/here")


async def test_what_had_failed_for_the_dead_token_is_connected_and_polled_again(
    hidden: World, botfather: BotFather
) -> None:
    admin, bot = await hidden.owner(), botfather.bot()
    place = (await install(admin, bot.token)).json()["integrationId"]
    _, token = renewed(botfather, bot)
    hub = hidden.hub
    assert (
        await Polling(hub.telegram, hub.arrivals, hub.inbox, hub.telegram.installing.database, hub.now, 0).poll(place)
        is None
    )
    hidden.change("DELETE FROM jobs")
    [found] = await installations(admin)
    assert (found["status"], f"moorings telegram rotate {place}" in found["problem"]) == ("failing", True)
    assert (await rotate(admin, "telegram", token)).status_code == 200
    [found] = await installations(admin)
    assert (found["status"], found["problem"]) == ("connected", None)
    assert set(hidden.rows("SELECT kind FROM jobs WHERE id = ?", place)) == {(JobKind.POLL,), (JobKind.REPAIR,)}


async def test_the_token_of_another_bot_is_refused_and_the_old_one_kept(
    world: World, admin: Client, botfather: BotFather
) -> None:
    bot = botfather.bot()
    place = (await install(admin, bot.token)).json()["integrationId"]
    answer = await rotate(admin, place, botfather.bot().token)
    assert (answer.status_code, problem(answer)["code"]) == (400, "DIFFERENT_ACCOUNT")
    assert (await sealed(world, place, "telegram"))["botToken"] == bot.token


async def test_a_dead_or_misshapen_token_changes_nothing(world: World, admin: Client, botfather: BotFather) -> None:
    bot = botfather.bot()
    place = (await install(admin, bot.token)).json()["integrationId"]
    before, _ = renewed(botfather, bot)
    for token, code in ((before, "CREDENTIALS_REJECTED"), ("no-token", "INVALID_CREDENTIALS")):
        answer = await rotate(admin, place, token)
        assert (answer.status_code, problem(answer)["code"]) == (400, code)
    assert (await sealed(world, place, "telegram"))["botToken"] == before


async def test_where_telegram_cannot_be_told_a_job_sees_to_it(
    world: World, admin: Client, botfather: BotFather
) -> None:
    bot = botfather.bot()
    place = (await install(admin, bot.token)).json()["integrationId"]
    _, token = renewed(botfather, bot)
    await script(botfather, path=f"/bot{token}/setWebhook", status=500, body={"ok": False}, times=1)
    assert (await rotate(admin, place, token)).status_code == 200
    assert bot.webhook is None
    assert (JobKind.REPAIR,) in world.rows("SELECT kind FROM jobs WHERE id = ?", place)
    await world.hub.telegram.repair(place)
    assert bot.webhook is not None


async def test_rotations_at_once_end_with_one_of_the_tokens(world: World, admin: Client, botfather: BotFather) -> None:
    bot = botfather.bot()
    place = (await install(admin, bot.token)).json()["integrationId"]
    _, token = renewed(botfather, bot)
    answers = await asyncio.gather(*(rotate(admin, place, token) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert 200 in {answer.status_code for answer in answers}
    assert (await sealed(world, place, "telegram"))["botToken"] == token


async def test_what_is_no_bot_of_the_caller_s_is_not_found(world: World, admin: Client, botfather: BotFather) -> None:
    bot = botfather.bot()
    place = (await install(admin, bot.token, environment="staging")).json()["integrationId"]
    pending = (await reserve(admin, "telegram"))["id"]
    other, reader = await world.owner(), world.client((await new_key(admin, "INTEGRATIONS:READ"))["key"])
    narrow = world.client((await new_key(admin, "*", environments=["production"]))["key"])
    for client, wanted, status in (
        (other, place, 404),
        (admin, pending, 404),
        (reader, place, 403),
        (narrow, place, 403),
    ):
        assert (await rotate(client, wanted, bot.token)).status_code == status


async def test_it_is_written_down(admin: Client, botfather: BotFather) -> None:
    bot = botfather.bot()
    place = (await install(admin, bot.token)).json()["integrationId"]
    _, token = renewed(botfather, bot)
    await rotate(admin, place, token)
    kinds = [entry["kind"] for entry in (await admin.get(f"/v1/audit-events?integrationId={place}")).json()["data"]]
    assert kinds[0] == "credentials.rotated"
    assert CANARY not in str(kinds)
