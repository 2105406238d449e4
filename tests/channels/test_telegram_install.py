"""Call 7: a bot is installed when Telegram knows its token and sends us its updates."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from moorings.domain.job import JobKind
from moorings.services.telegram import UPDATES
from tests.channels.bots import BotFather
from tests.channels.conftest import PUBLIC
from tests.http.judge import CANARY, problem
from tests.http.world import Answer, Client, World, new_key, reserve, status

pytestmark = pytest.mark.anyio

INSTALL = "/v1/integrations/telegram/install"
INSTALLED = {"success", "integrationId", "status", "botId", "botUsername", "webhookUrl", "delivery"}


async def install(client: Client, token: str, **more: Any) -> Answer:
    return await client.post(INSTALL, json={"botToken": token, **more})


async def installations(client: Client) -> list[Any]:
    found: list[Any] = (await client.get("/v1/integrations/telegram")).json()["installations"]
    return found


async def test_telegram_is_told_where_to_send_what_and_with_which_proof(admin: Client, botfather: BotFather) -> None:
    bot = botfather.bot()
    answer = await install(admin, bot.token)
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == INSTALLED
    assert (body["botId"], body["botUsername"], body["status"]) == (str(bot.id), bot.username, "connected")
    assert (body["delivery"], body["webhookUrl"]) == ("webhook", f"{PUBLIC}/hooks/telegram/{body['integrationId']}")
    assert bot.webhook is not None
    assert bot.webhook.url == body["webhookUrl"]
    assert len(bot.webhook.secret_token) >= 32
    assert tuple(bot.allowed) == UPDATES


async def test_each_installation_has_a_secret_of_its_own_that_is_shown_nowhere(
    world: World, admin: Client, botfather: BotFather
) -> None:
    one, other = botfather.bot(), botfather.bot()
    made = [(await install(admin, bot.token)).json()["integrationId"] for bot in (one, other)]
    assert one.webhook
    assert other.webhook
    assert one.webhook.secret_token != other.webhook.secret_token
    answer = await admin.get("/v1/integrations/credentials/status", params={"integrationId": made[0]})
    assert list(answer.json()["data"][0]["fields"]) == ["botToken"]
    for path in world.data_dir.iterdir():
        assert one.webhook.secret_token.encode() not in path.read_bytes()
        assert CANARY.encode() not in path.read_bytes()


async def test_a_server_without_a_public_address_fetches_the_updates(hidden: World, botfather: BotFather) -> None:
    admin, bot = await hidden.owner(), botfather.bot()
    body = (await install(admin, bot.token)).json()
    assert (body["delivery"], body["webhookUrl"]) == ("polling", None)
    assert bot.webhook is None
    jobs = hidden.rows("SELECT kind FROM jobs WHERE id = ?", body["integrationId"])
    assert jobs == [(JobKind.POLL,)]


async def test_before_it_polls_a_webhook_of_somebody_else_goes(hidden: World, botfather: BotFather) -> None:
    bot = botfather.bot()
    assert (await install(await hidden.owner(), bot.token)).status_code == 201
    assert bot.webhook is None


async def test_what_waited_is_kept_unless_it_shall_be_forgotten(admin: Client, botfather: BotFather) -> None:
    for forget, left in ((False, 1), (True, 0)):
        bot = botfather.bot()
        bot.tell("message", {"text": "hello"}, botfather.telegram.world.time())
        assert (await install(admin, bot.token, dropPendingUpdates=forget)).status_code == 201
        assert len(bot.updates) == left


async def test_a_reserved_installation_is_completed(admin: Client, botfather: BotFather) -> None:
    pending = await reserve(admin, "telegram", name="Ours", environment="staging")
    answer = await install(admin, botfather.bot().token, integrationId=pending["id"])
    assert answer.json()["webhookUrl"] == pending["webhookUrl"]
    [found] = await installations(admin)
    assert (found["id"], found["status"], found["expiresAt"]) == (pending["id"], "connected", None)
    assert (await status(admin, pending["id"]))["status"] == "valid"


async def test_a_bot_is_installed_once_for_an_owner_for_it_has_one_webhook(admin: Client, botfather: BotFather) -> None:
    bot = botfather.bot()
    first = (await install(admin, bot.token, environment="staging")).json()["integrationId"]
    before = bot.webhook
    for environment in ("staging", "production", None):
        again = await install(admin, bot.token, environment=environment)
        assert (again.status_code, problem(again)["code"]) == (409, "ALREADY_INSTALLED")
        assert first in problem(again)["error"]
    assert bot.webhook is before


async def test_of_clicks_at_once_one_installs_and_it_is_the_one_that_is_heard(
    admin: Client, botfather: BotFather
) -> None:
    bot = botfather.bot()
    answers = await asyncio.gather(*(install(admin, bot.token) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    [one] = await installations(admin)
    assert bot.webhook
    assert bot.webhook.url == one["webhookUrl"]


async def test_a_dead_token_is_refused(admin: Client, botfather: BotFather) -> None:
    bot = botfather.bot()
    token = bot.token
    botfather.kill(bot)
    answer = await install(admin, token)
    assert (answer.status_code, problem(answer)["code"]) == (400, "CREDENTIALS_REJECTED")
    assert await installations(admin) == []


async def script(botfather: BotFather, **what: Any) -> None:
    async with Client(trust_env=False) as client:
        base = botfather.url.removesuffix("/telegram")
        call = (
            client.put(f"{base}/__control/telegram", json=what) if what else client.delete(f"{base}/__control/telegram")
        )
        assert (await call).status_code in (200, 204)


@pytest.mark.parametrize("reserved", [None, "reserved"])
@pytest.mark.parametrize("method", ["setWebhook", "getWebhookInfo"])
async def test_where_telegram_does_not_send_to_us_nothing_stays(
    world: World, admin: Client, botfather: BotFather, method: str, reserved: str | None
) -> None:
    bot = botfather.bot()
    pending = (await reserve(admin, "telegram"))["id"] if reserved else None
    failing = {"path": f"/bot{bot.token}/{method}", "status": 500, "body": {"ok": False}, "times": 1}
    await script(botfather, **failing)
    answer = await install(admin, bot.token, **({"integrationId": pending} if pending else {}))
    assert (answer.status_code, problem(answer)["code"]) == (502, "PROVIDER_ERROR")
    found = await installations(admin)
    assert [(item["id"], item["status"]) for item in found] == ([(pending, "pending")] if pending else [])
    assert not pending or found[0]["expiresAt"] is not None
    if pending:
        assert world.rows("SELECT 1 FROM credentials WHERE integration_id = ?", pending) == []
        assert world.rows("SELECT 1 FROM jobs WHERE id = ?", pending) == []
    botfather.telegram.world.ahead += 2
    assert (await install(admin, bot.token, **({"integrationId": pending} if pending else {}))).status_code == 201


async def test_a_webhook_that_was_set_just_now_is_waited_for(admin: Client, botfather: BotFather) -> None:
    bot = botfather.bot()
    busy = {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    await script(botfather, path=f"/bot{bot.token}/setWebhook", status=429, body=busy, times=1)
    assert (await install(admin, bot.token)).status_code == 201


async def test_what_a_killed_process_leaves_is_brought_to_its_end(
    world: World, admin: Client, botfather: BotFather
) -> None:
    bot = botfather.bot()
    made = (await install(admin, bot.token)).json()["integrationId"]
    bot.webhook = None
    world.change("UPDATE installations SET status = 'pending' WHERE id = ?", made)
    botfather.telegram.world.ahead += 2
    assert await world.hub.telegram.repair(made) is None
    [found] = await installations(admin)
    assert (found["status"], getattr(bot.webhook, "url", None)) == ("connected", found["webhookUrl"])
    assert await world.hub.telegram.repair("intg_00000000000000000000000000") is None


async def test_a_job_looks_after_an_installation_until_it_is_connected(
    world: World, admin: Client, botfather: BotFather
) -> None:
    bot = botfather.bot()
    world.change("DELETE FROM jobs WHERE kind = 'repair'")
    seen: list[Any] = []
    await script(botfather, path=f"/bot{bot.token}/setWebhook", delayMs=150, times=1)
    making = asyncio.create_task(install(admin, bot.token))
    while not making.done() and not seen:
        await asyncio.sleep(0.01)
        seen = world.rows("SELECT id, due_at FROM jobs WHERE kind = ?", JobKind.REPAIR)
    made = (await making).json()["integrationId"]
    [(job, due_at)] = seen
    assert job == made
    assert timedelta(0) < datetime.fromtimestamp(due_at / 1000).astimezone() - datetime.now().astimezone()
    assert world.rows("SELECT 1 FROM jobs WHERE id = ?", made) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"botToken": f"not a token {CANARY}"}, "botToken"),
        ({"botToken": f"0123:{CANARY}{'x' * 30}"}, "botToken"),
        ({"botToken": f"1234567:{CANARY}/{'x' * 30}"}, "botToken"),
        ({"botToken": f"xoxb-{CANARY}"}, "botToken"),
        ({"botToken": ""}, "botToken"),
        ({"dropPendingUpdates": "yes"}, "dropPendingUpdates"),
        ({"integrationId": "telegram"}, "integrationId"),
        ({"forwardUrl": "ftp://example.com"}, "forwardUrl"),
    ],
)
async def test_what_is_wrong_of_itself_is_named(
    admin: Client, botfather: BotFather, body: dict[str, Any], field: str
) -> None:
    answer = await install(admin, **{"token": botfather.bot().token, **body})
    assert answer.status_code == 400
    assert [detail["field"] for detail in problem(answer)["details"]] == [field]
    assert await installations(admin) == []


async def test_who_may_not_write_is_refused(world: World, admin: Client, botfather: BotFather) -> None:
    reader = world.client((await new_key(admin, "INTEGRATIONS:READ"))["key"])
    bound = world.client((await new_key(admin, "INTEGRATIONS:WRITE", environments=["staging"]))["key"])
    for client in (reader, bound):
        assert (await install(client, botfather.bot().token)).status_code == 403


async def remove(client: Client, place: str) -> Any:
    answer = await client.delete(f"/v1/integrations/{place}/credentials")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_its_removal_removes_the_webhook_and_every_byte(
    world: World, admin: Client, botfather: BotFather
) -> None:
    bot = botfather.bot()
    made = (await install(admin, bot.token)).json()["integrationId"]
    assert "could not" not in (await remove(admin, made))["message"]
    assert bot.webhook is None
    for table, column in (("credentials", "integration_id"), ("bots", "installation_id"), ("jobs", "id")):
        assert world.rows(f"SELECT 1 FROM {table} WHERE {column} = ?", made) == []  # noqa: S608 - our own names
    botfather.telegram.world.ahead += 2
    assert (await install(admin, bot.token)).status_code == 201


async def test_a_telegram_that_fails_keeps_no_byte_of_ours(world: World, admin: Client, botfather: BotFather) -> None:
    bot = botfather.bot()
    made = (await install(admin, bot.token)).json()["integrationId"]
    botfather.kill(bot)
    assert "Telegram could not be told" in (await remove(admin, made))["message"]
    assert world.rows("SELECT 1 FROM credentials WHERE integration_id = ?", made) == []
    assert await installations(admin) == []


async def test_a_webhook_that_leads_elsewhere_by_now_is_left_alone(admin: Client, botfather: BotFather) -> None:
    bot = botfather.bot()
    made = (await install(admin, bot.token)).json()["integrationId"]
    assert bot.webhook
    bot.webhook.url = "https://elsewhere.example.com/bot"
    await remove(admin, made)
    assert bot.webhook
    assert bot.webhook.url == "https://elsewhere.example.com/bot"


async def test_the_removal_of_a_polled_bot_ends_the_polling(hidden: World, botfather: BotFather) -> None:
    admin = await hidden.owner()
    made = (await install(admin, botfather.bot().token)).json()["integrationId"]
    await remove(admin, made)
    assert hidden.rows("SELECT 1 FROM jobs WHERE id = ?", made) == []
