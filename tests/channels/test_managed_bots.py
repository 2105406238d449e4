"""Calls 8 to 14: a person makes a bot by a link, and it comes to who asked for it and to nobody else."""

import asyncio
import itertools
import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx2
import pytest

from moorings.domain.credential import CredentialRef
from moorings.domain.job import JobKind
from moorings.domain.username import username_problem
from moorings.emulators.telegram.world import Bot
from moorings.services.telegram import UPDATES
from tests.channels.bots import BotFather
from tests.channels.conftest import PUBLIC
from tests.channels.test_telegram_install import install, installations, remove, script
from tests.http.judge import CANARY, problem
from tests.http.shapes import TIME
from tests.http.world import Answer, Client, World, new_key, reserve

pytestmark = pytest.mark.anyio

MANAGED = "/v1/integrations/telegram/managed"
INVITATION = {
    "requestId", "status", "deepLink", "qrCode", "suggestedUsername", "suggestedName", "expiresAt",
}  # fmt: skip
STATUS = {
    "requestId", "status", "suggestedUsername", "suggestedName", "actualUsername", "actualName", "botId",
    "integrationId", "error", "createdAt", "expiresAt",
}  # fmt: skip
NOWHERE = "tmb_00000000000000000000000000"

_names = itertools.count(1)


def nicer() -> str:
    """A username that somebody likes better than the suggested one."""
    return f"nicer_{next(_names)}_bot"


@pytest.fixture(autouse=True)
async def _nobody_else_asks(world: World, botfather: BotFather) -> None:
    """Whoever waits in one test is no longer there in the next, and a webhook may be set again."""
    world.change("DELETE FROM managed_requests")
    world.change("DELETE FROM jobs")
    botfather.manager.manages = True
    botfather.telegram.world.ahead += 2


async def ask(client: Client, name: str = "Acme Helper", **more: Any) -> Any:
    answer = await client.post(f"{MANAGED}/initiate", json={"name": name, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def look(client: Client, request: Any) -> Any:
    answer = await client.get(f"{MANAGED}/{request['requestId']}/status")
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == STATUS
    return answer.json()


async def decide(client: Client, request: Any, what: str) -> Answer:
    return await client.post(f"{MANAGED}/{request['requestId']}/{what}-rename", json={})


async def tell(world: World, update: Any, secret: str | None = None) -> int:
    """Telegram delivers an update to the managing bot's webhook."""
    shown = world.hub.telegram.managing.webhook_secret.reveal() if secret is None else secret
    headers = {b"X-Telegram-Bot-Api-Secret-Token": shown.encode("latin-1")}
    async with Client(transport=httpx2.ASGITransport(world.application), base_url="http://test") as telegram:
        body = update if isinstance(update, bytes) else json.dumps(update).encode()
        answer = await telegram.post("/hooks/telegram/manager", content=body, headers=headers)
    assert answer.status_code != 200 or answer.content == b""
    return answer.status_code


async def work(world: World) -> None:
    """Let the jobs be done that are due."""
    jobs = world.hub.jobs
    for kind in (JobKind.MANAGE, JobKind.BIND, JobKind.REPAIR):
        for job in await jobs.take(kind, 100):
            await jobs.run(job)


async def answered(world: World, botfather: BotFather, request: Any, username: str | None = None) -> Bot:
    """A person makes the bot, and Telegram tells."""
    bot = botfather.opened(request["deepLink"], username)
    assert await tell(world, botfather.told) == 200
    await work(world)
    return bot


async def token_of(world: World, place: str) -> str:
    """The token that the vault holds of an installation."""
    [(owner,)] = world.rows("SELECT owner FROM installations WHERE id = ?", place)
    opened = await world.hub.telegram.installing.sealing.open(CredentialRef(owner, place, None), "telegram")
    assert opened is not None
    return opened.fields["botToken"].reveal()


# What is offered


async def test_there_are_managed_bots_where_a_manager_may_manage(admin: Client, botfather: BotFather) -> None:
    body = (await admin.get(f"{MANAGED}/availability")).json()
    assert body == {
        "available": True, "managerBotUsername": "emulated_manager_bot", "reason": None, "username": None,
        "usernameValid": None,
    }  # fmt: skip


@pytest.mark.parametrize(("username", "valid"), [("acme_bot", True), ("acme", False), ("telegram_bot", False)])
async def test_of_a_username_it_is_said_only_whether_telegram_takes_such(
    admin: Client, username: str, *, valid: bool
) -> None:
    body = (await admin.get(f"{MANAGED}/availability", params={"username": username})).json()
    assert (body["username"], body["usernameValid"], body["available"]) == (username, valid, valid)
    assert body["reason"] == (None if valid else "USERNAME_INVALID")


async def test_without_a_manager_there_are_none(hidden: World) -> None:
    admin = await hidden.owner()
    body = (await admin.get(f"{MANAGED}/availability")).json()
    assert (body["available"], body["managerBotUsername"], body["reason"]) == (False, None, "NOT_CONFIGURED")
    answer = await admin.post(f"{MANAGED}/initiate", json={"name": "Acme"})
    assert (answer.status_code, problem(answer)["code"]) == (409, "NOT_AVAILABLE")
    assert problem(answer)["details"] == [{"field": "reason", "message": "NOT_CONFIGURED"}]


@pytest.mark.parametrize(
    ("what", "reason"),
    [("mode off", "MANAGEMENT_MODE_OFF"), ("dead", "MANAGER_TOKEN_INVALID"), ("down", "MANAGER_UNREACHABLE")],
)
async def test_a_manager_that_cannot_manage_is_told_apart(
    world: World, admin: Client, botfather: BotFather, what: str, reason: str
) -> None:
    managing = world.hub.telegram.managing
    managing._good = None
    answers = {"dead": (401, "Unauthorized"), "down": (500, "Internal Server Error")}
    if what in answers:
        status, words = answers[what]
        body = {"ok": False, "error_code": status, "description": words}
        await script(botfather, path=f"/bot{botfather.manager.token}/getMe", status=status, body=body, times=2)
    botfather.manager.manages = what != "mode off"
    assert (await admin.get(f"{MANAGED}/availability")).json()["reason"] == reason
    answer = await admin.post(f"{MANAGED}/initiate", json={"name": "Acme"})
    assert (answer.status_code, problem(answer)["details"][0]["message"]) == (409, reason)


async def test_a_manager_whose_token_is_dead_is_told_to_the_operator_and_not_asked_again_soon(
    world: World, botfather: BotFather, caplog: pytest.LogCaptureFixture
) -> None:
    body = {"ok": False, "error_code": 401, "description": "Unauthorized"}
    await script(botfather, path=f"/bot{botfather.manager.token}/setWebhook", status=401, body=body, times=1)
    again = await world.hub.arrivals.listen("manager")
    assert again is not None
    assert again - world.hub.now() > timedelta(minutes=59)
    assert "the operator sets the present one" in caplog.text
    assert await world.hub.arrivals.listen("manager") is None


async def test_a_request_comes_with_a_link_and_its_picture(admin: Client) -> None:
    body = await ask(admin, "Acme & Söhne", environment="staging")
    assert set(body) == INVITATION
    link = urlsplit(body["deepLink"])
    assert (link.scheme, link.netloc) == ("https", "t.me")
    assert link.path == f"/newbot/emulated_manager_bot/{body['suggestedUsername']}"
    assert parse_qs(link.query) == {"name": ["Acme & Söhne"]}
    assert (body["status"], body["suggestedName"]) == ("pending", "Acme & Söhne")
    kind, _, picture = body["qrCode"].partition(",")
    assert kind.startswith("data:image/svg+xml")
    assert "<svg" in unquote(picture)
    left = datetime.fromisoformat(body["expiresAt"]) - datetime.now().astimezone()
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)


@pytest.mark.parametrize("username", [None, "acme_helper_bot", "AcmeBot"])
async def test_a_suggested_username_is_never_one_that_somebody_can_guess(admin: Client, username: str | None) -> None:
    made = [(await ask(admin, username=username))["suggestedUsername"] for _ in range(3)]
    assert len(set(made)) == 3
    for name in made:
        assert username_problem(name) is None
        assert name.startswith("acme")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"), ({"name": ""}, "name"), ({"name": "x" * 65}, "name"), ({"name": "a\nb"}, "name"),
        ({"name": "Acme", "username": "acme"}, "username"), ({"name": "Acme", "username": "x" * 100}, "username"),
        ({"name": "Acme", "integrationId": "telegram"}, "integrationId"),
        ({"name": "Acme", "integrationId": "intg_00000000000000000000000000"}, "integrationId"),
        ({"name": "Acme", "forwardUrl": "nowhere"}, "forwardUrl"),
        ({"name": "Acme", "forwardUrl": "https://10.0.0.1/in"}, "forwardUrl"),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_a_request_is_named(admin: Client, body: Any, field: str) -> None:
    answer = await admin.post(f"{MANAGED}/initiate", json=body)
    assert answer.status_code == 400
    assert [detail["field"] for detail in problem(answer)["details"]] == [field]


# What comes of it


async def test_a_bot_under_the_suggested_name_is_bound_by_itself(
    world: World, admin: Client, botfather: BotFather
) -> None:
    request = await ask(admin, forwardUrl="https://example.com/in")
    assert (await look(admin, request))["status"] == "pending"
    bot = await answered(world, botfather, request)
    found = await look(admin, request)
    assert (found["status"], found["botId"], found["actualUsername"]) == ("completed", str(bot.id), bot.username)
    assert all(TIME.fullmatch(found[name]) for name in ("createdAt", "expiresAt"))
    [made] = await installations(admin)
    assert (made["id"], made["status"], made["name"]) == (found["integrationId"], "connected", "Acme Helper")
    assert (made["forwardUrl"], made["account"]["label"]) == ("https://example.com/in", bot.username)
    assert bot.webhook
    assert (bot.webhook.url, tuple(bot.allowed)) == (f"{PUBLIC}/hooks/telegram/{made['id']}", UPDATES)
    assert await token_of(world, made["id"]) == bot.token


async def test_no_answer_and_no_file_holds_the_token(world: World, admin: Client, botfather: BotFather) -> None:
    await answered(world, botfather, await ask(admin))
    for path in world.data_dir.iterdir():
        assert CANARY.encode() not in path.read_bytes()


async def test_the_case_of_the_name_makes_no_difference(world: World, admin: Client, botfather: BotFather) -> None:
    request = await ask(admin)
    await answered(world, botfather, request, request["suggestedUsername"].upper())
    assert (await look(admin, request))["status"] == "completed"


async def test_a_reserved_installation_is_completed(world: World, admin: Client, botfather: BotFather) -> None:
    pending = await reserve(admin, "telegram", environment="staging")
    request = await ask(admin, integrationId=pending["id"], environment="staging")
    await answered(world, botfather, request)
    assert (await look(admin, request))["integrationId"] == pending["id"]
    [made] = await installations(admin)
    assert (made["id"], made["environment"], made["status"]) == (pending["id"], "staging", "connected")


async def test_a_bot_under_another_name_waits_until_it_is_confirmed(
    world: World, admin: Client, botfather: BotFather
) -> None:
    request, name = await ask(admin), nicer()
    bot = await answered(world, botfather, request, name)
    found = await look(admin, request)
    assert (found["status"], found["actualUsername"], found["integrationId"]) == ("rename_pending", name, None)
    assert await installations(admin) == []
    assert bot.webhook is None
    answer = await decide(admin, request, "confirm")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["actualUsername"]) == ("completed", name)
    assert answer.json() == await look(admin, request)
    [made] = await installations(admin)
    assert await token_of(world, made["id"]) == bot.token


async def test_a_bot_that_is_rejected_stays_its_owner_s_with_another_token(
    world: World, admin: Client, botfather: BotFather
) -> None:
    request = await ask(admin)
    bot = await answered(world, botfather, request, nicer())
    before = bot.token
    answer = await decide(admin, request, "reject")
    assert (answer.status_code, answer.json()["status"]) == (200, "rejected")
    assert bot.token != before
    assert await installations(admin) == []
    other = await ask(admin)
    assert await tell(world, botfather.told) == 200  # our own replacing comes back as an update
    assert (await look(admin, other))["status"] == "pending"


async def test_a_decision_has_a_meaning_only_where_one_waits_for_it(
    world: World, admin: Client, botfather: BotFather
) -> None:
    request = await ask(admin)
    for what in ("confirm", "reject"):
        answer = await decide(admin, request, what)
        assert (answer.status_code, problem(answer)["code"]) == (409, "REQUEST_CLOSED")
    await answered(world, botfather, request, nicer())
    answers = await asyncio.gather(*(decide(admin, request, "confirm") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert (await decide(admin, request, "reject")).status_code == 409
    assert len(await installations(admin)) == 1


async def test_a_request_that_is_cancelled_takes_no_bot(world: World, admin: Client, botfather: BotFather) -> None:
    request = await ask(admin)
    answer = await admin.delete(f"{MANAGED}/{request['requestId']}")
    assert answer.status_code == 200
    assert set(answer.json()) == {"success", "requestId", "status", "message"}
    assert answer.json()["status"] == "cancelled"
    await answered(world, botfather, request)
    assert (await look(admin, request))["status"] == "cancelled"
    assert await installations(admin) == []
    again = await admin.delete(f"{MANAGED}/{request['requestId']}")
    assert (again.status_code, problem(again)["code"]) == (409, "REQUEST_CLOSED")


async def test_a_request_ends_after_half_an_hour_though_no_worker_ran(
    world: World, admin: Client, botfather: BotFather
) -> None:
    request = await ask(admin)
    await world.change_as_ours(
        "UPDATE managed_requests SET expires_at = created_at - 1, created_at = created_at - 1800001"
    )
    assert (await look(admin, request))["status"] == "expired"
    await answered(world, botfather, request)
    assert (await look(admin, request))["status"] == "expired"
    assert await installations(admin) == []
    assert (await admin.delete(f"{MANAGED}/{request['requestId']}")).status_code == 409


async def test_a_candidate_is_gone_when_its_time_is_over(world: World, admin: Client, botfather: BotFather) -> None:
    request = await ask(admin)
    await answered(world, botfather, request, nicer())
    await world.change_as_ours(
        "UPDATE managed_requests SET expires_at = created_at - 1, created_at = created_at - 1800001"
    )
    assert (await look(admin, request))["status"] == "expired"
    assert (await decide(admin, request, "confirm")).status_code == 409


# Two at once


async def test_two_owners_at_once_get_each_their_own(world: World, botfather: BotFather) -> None:
    one, other = await world.owner(), await world.owner()
    asked = [await ask(client, "Twin", username="twin_bot") for client in (one, other)]
    bots = [botfather.opened(request["deepLink"]) for request in reversed(asked)]
    updates = [{"managed_bot": {"user": {"id": 1}, "bot": bot.user()}} for bot in bots]
    assert await asyncio.gather(*(tell(world, update) for update in updates)) == [200, 200]
    await work(world)
    for client, request, bot in zip((one, other), asked, reversed(bots), strict=True):
        found = await look(client, request)
        assert (found["status"], found["botId"]) == ("completed", str(bot.id))
        [made] = await installations(client)
        assert await token_of(world, made["id"]) == bot.token


async def test_with_two_who_wait_a_bot_under_another_name_comes_to_nobody(world: World, botfather: BotFather) -> None:
    one, other = await world.owner(), await world.owner()
    for clients in ((one, other), (one, one)):
        world.change("DELETE FROM managed_requests")
        asked = [await ask(client) for client in clients]
        await answered(world, botfather, asked[0], nicer())
        for client, request in zip(clients, asked, strict=True):
            assert (await look(client, request))["status"] == "pending"
            assert await installations(client) == []


async def test_a_late_answer_to_one_owner_s_link_is_not_offered_to_another(world: World, botfather: BotFather) -> None:
    one, other = await world.owner(), await world.owner()
    first = await ask(one)
    await one.delete(f"{MANAGED}/{first['requestId']}")
    second = await ask(other)
    await answered(world, botfather, first, nicer())
    assert (await look(other, second))["status"] == "pending"


async def test_a_bot_that_was_there_before_is_nobody_s_candidate(
    world: World, admin: Client, botfather: BotFather
) -> None:
    stranger = botfather.opened("https://t.me/newbot/emulated_manager_bot/stranger_bot", nicer())
    assert await tell(world, botfather.told) == 200
    request = await ask(admin)
    botfather.telegram.world.announce(stranger)
    assert await tell(world, botfather.told) == 200
    assert (await look(admin, request))["status"] == "pending"


async def test_an_update_that_comes_twice_binds_once(world: World, admin: Client, botfather: BotFather) -> None:
    request = await ask(admin)
    botfather.opened(request["deepLink"])
    assert await asyncio.gather(*(tell(world, botfather.told) for _ in range(4))) == [200] * 4
    await work(world)
    assert await tell(world, botfather.told) == 200
    await work(world)
    assert (await look(admin, request))["status"] == "completed"
    assert len(await installations(admin)) == 1


async def test_a_process_that_is_killed_before_the_bot_is_bound_leaves_a_job(
    world: World, admin: Client, botfather: BotFather
) -> None:
    request = await ask(admin)
    bot = botfather.opened(request["deepLink"])
    assert await tell(world, botfather.told) == 200  # and here it is killed
    assert (await look(admin, request))["status"] == "pending"
    assert world.rows("SELECT 1 FROM jobs WHERE kind = 'bind' AND id = ?", request["requestId"]) == [(1,)]
    await work(world)
    assert (await look(admin, request))["botId"] == str(bot.id)
    assert (await look(admin, request))["status"] == "completed"


async def test_where_telegram_gives_no_token_it_is_tried_again(
    world: World, admin: Client, botfather: BotFather
) -> None:
    request = await ask(admin)
    await answered(world, botfather, request, nicer())
    body = {"ok": False, "error_code": 500, "description": "Internal Server Error: restart"}
    path = f"/bot{botfather.manager.token}/getManagedBotToken"
    await script(botfather, path=path, status=500, body=body, times=1)
    answer = await decide(admin, request, "confirm")
    assert (answer.status_code, problem(answer)["code"]) == (502, "PROVIDER_ERROR")
    assert (await look(admin, request))["status"] == "pending"
    assert await world.hub.managed_bots.binding.bind(request["requestId"]) is None
    assert (await look(admin, request))["status"] == "completed"


async def test_a_bot_that_cannot_be_installed_fails_the_request_and_says_why(
    world: World, admin: Client, botfather: BotFather
) -> None:
    pending = await reserve(admin, "telegram")
    request = await ask(admin, integrationId=pending["id"])
    await remove(admin, pending["id"])
    await answered(world, botfather, request)
    found = await look(admin, request)
    assert found["status"] == "failed"
    assert "no installation" in found["error"]


# New tokens


@pytest.fixture
async def managed(world: World, admin: Client, botfather: BotFather) -> tuple[str, Bot]:
    """An installation by a managed bot."""
    bot = await answered(world, botfather, await ask(admin))
    [made] = await installations(admin)
    botfather.telegram.world.ahead += 2
    return made["id"], bot


async def rotate(client: Client, place: str) -> Answer:
    return await client.post(f"{MANAGED}/rotate", json={"integrationId": place})


async def test_a_new_token_is_stored_and_the_bot_heard_again(
    world: World, admin: Client, managed: tuple[str, Bot]
) -> None:
    place, bot = managed
    before, secret = bot.token, bot.webhook and bot.webhook.secret_token
    answer = await rotate(admin, place)
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"success", "integrationId", "message", "rotatedAt", "previousValidUntil"}
    assert (body["integrationId"], body["previousValidUntil"]) == (place, None)
    assert bot.token != before
    assert bot.token not in answer.text
    assert await token_of(world, place) == bot.token
    assert bot.webhook
    assert (bot.webhook.url, bot.webhook.secret_token) == (f"{PUBLIC}/hooks/telegram/{place}", secret)


async def test_rotations_at_once_end_with_the_token_that_lives(
    world: World, admin: Client, managed: tuple[str, Bot]
) -> None:
    place, bot = managed
    answers = await asyncio.gather(*(rotate(admin, place) for _ in range(3)))
    # Telegram lets a webhook be set once a second: whoever comes last may be told so, and the job sees to the rest.
    assert {answer.status_code for answer in answers} <= {200, 409, 502}
    await world.hub.telegram.repair(place)
    assert await token_of(world, place) == bot.token


async def test_our_own_rotation_comes_back_as_an_update_and_changes_nothing(
    world: World, admin: Client, botfather: BotFather, managed: tuple[str, Bot]
) -> None:
    place, bot = managed
    await rotate(admin, place)
    entries = world.rows("SELECT count(*) FROM audit WHERE subject = ?", place)
    assert await tell(world, botfather.told) == 200
    await work(world)
    assert await token_of(world, place) == bot.token
    assert world.rows("SELECT count(*) FROM audit WHERE subject = ?", place) == entries


async def test_a_token_that_the_owner_replaces_in_telegram_is_adopted(
    world: World, botfather: BotFather, managed: tuple[str, Bot]
) -> None:
    place, bot = managed
    botfather.kill(bot)
    botfather.telegram.world.announce(bot)
    assert await tell(world, botfather.told) == 200
    await work(world)
    assert await token_of(world, place) == bot.token
    assert bot.webhook is not None


async def test_a_process_that_is_killed_between_the_new_token_and_the_store_is_repaired_by_a_job(
    world: World, admin: Client, botfather: BotFather, managed: tuple[str, Bot]
) -> None:
    place, bot = managed
    path = f"/bot{botfather.manager.token}/getManagedBotToken"
    await script(botfather, path=path, status=500, body={"ok": False}, times=1)
    assert (await rotate(admin, place)).status_code == 502  # Telegram has replaced it, and we hold the old one
    assert await token_of(world, place) != bot.token
    [(due_at,)] = world.rows("SELECT due_at FROM jobs WHERE kind = 'repair' AND id = ?", place)
    assert due_at is not None
    world.change("UPDATE jobs SET due_at = 0, next_at = 0 WHERE kind = 'repair' AND id = ?", place)
    await work(world)
    assert await token_of(world, place) == bot.token
    assert bot.webhook is not None


async def test_a_bot_that_was_installed_by_its_token_is_not_ours_to_rotate(admin: Client, botfather: BotFather) -> None:
    made = (await install(admin, botfather.bot().token)).json()["integrationId"]
    answer = await rotate(admin, made)
    assert (answer.status_code, problem(answer)["code"]) == (409, "NOT_MANAGED")


# Who may


async def test_another_owner_s_request_is_as_one_that_does_not_exist(world: World, admin: Client) -> None:
    request, stranger = await ask(admin), await world.owner()
    for place in (request["requestId"], NOWHERE, CANARY, "nonsense"):
        for answer in (
            await stranger.get(f"{MANAGED}/{place}/status"),
            await stranger.delete(f"{MANAGED}/{place}"),
            await stranger.post(f"{MANAGED}/{place}/confirm-rename", json={}),
            await stranger.post(f"{MANAGED}/{place}/reject-rename", json={}),
        ):
            assert (answer.status_code, problem(answer)["code"]) == (404, "REQUEST_NOT_FOUND")
    assert (await look(admin, request))["status"] == "pending"


async def test_a_key_may_do_what_its_scopes_and_environments_say(world: World, admin: Client) -> None:
    request = await ask(admin, environment="production")
    place = f"{MANAGED}/{request['requestId']}"
    reader = world.client((await new_key(admin, "INTEGRATIONS:READ"))["key"])
    bound = world.client((await new_key(admin, "INTEGRATIONS:WRITE", environments=["staging"]))["key"])
    assert (await reader.get(f"{place}/status")).status_code == 200
    assert (await reader.get(f"{MANAGED}/availability")).status_code == 200
    assert (await bound.get(f"{place}/status")).status_code == 403
    for client in (reader, bound):
        assert (await client.delete(place)).status_code == 403
        assert (await client.post(f"{place}/confirm-rename", json={})).status_code == 403
        assert (await client.post(f"{place}/reject-rename", json={})).status_code == 403
        assert (await client.post(f"{MANAGED}/initiate", json={"name": "x"})).status_code == 403


async def test_every_step_is_written_down(world: World, admin: Client, botfather: BotFather) -> None:
    request = await ask(admin)
    await answered(world, botfather, request, nicer())
    await decide(admin, request, "confirm")
    rows = world.rows("SELECT kind, outcome FROM audit WHERE subject = ? ORDER BY sequence", request["requestId"])
    assert rows == [
        ("managed-bot.requested", "ok"), ("managed-bot.changed", "rename_pending"), ("managed-bot.changed", "binding"),
        ("managed-bot.changed", "completed"),
    ]  # fmt: skip


# What Telegram sends


async def test_the_managing_bot_s_webhook_is_set_with_its_proof(world: World, botfather: BotFather) -> None:
    await world.hub.arrivals.start()
    await work(world)
    assert botfather.manager.webhook
    assert botfather.manager.webhook.url == f"{PUBLIC}/hooks/telegram/manager"
    assert botfather.manager.webhook.secret_token == world.hub.telegram.managing.webhook_secret.reveal()
    assert botfather.manager.allowed == ["managed_bot"]
    botfather.manager.webhook = None


@pytest.mark.parametrize("secret", ["", "wrong", CANARY, "ü"])
async def test_what_telegram_did_not_send_is_not_read(
    world: World, admin: Client, botfather: BotFather, secret: str
) -> None:
    request = await ask(admin)
    botfather.opened(request["deepLink"])
    assert await tell(world, botfather.told, secret) == 401
    await work(world)
    assert (await look(admin, request))["status"] == "pending"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'"x"', b"[" * 10_000])
async def test_what_is_no_update_is_refused(world: World, body: bytes) -> None:
    assert await tell(world, body) == 400


@pytest.mark.parametrize(
    "update",
    [
        {}, {"message": {"text": "hello"}}, {"managed_bot": None}, {"managed_bot": {"bot": 7}},
        {"managed_bot": {"bot": {"id": "7", "username": "x"}}}, {"managed_bot": {"bot": {"id": 7}}},
        {"managed_bot": {"user": {}}},
    ],
)  # fmt: skip
async def test_what_says_nothing_of_a_bot_changes_nothing(world: World, update: Any) -> None:
    assert await tell(world, update) == 200


async def bound(world: World, admin: Client, botfather: BotFather) -> tuple[str, Bot]:
    """An installation of a managed bot."""
    bot = await answered(world, botfather, await ask(admin))
    [made] = await installations(admin)
    return made["id"], bot


async def test_a_bot_that_is_uninstalled_gets_a_token_that_nobody_here_keeps(
    world: World, admin: Client, botfather: BotFather
) -> None:
    place, bot = await bound(world, admin, botfather)
    before = bot.token
    gone = await admin.delete(f"/v1/integrations/{place}/credentials")
    assert gone.json()["message"].endswith("Telegram has confirmed that they are revoked.")
    assert bot.token != before
    other = await ask(admin)
    assert await tell(world, botfather.told) == 200  # our own replacing comes back as an update
    assert (await look(admin, other))["status"] == "pending"


async def test_who_does_not_wish_it_leaves_the_token_to_the_bot(
    world: World, admin: Client, botfather: BotFather
) -> None:
    place, bot = await bound(world, admin, botfather)
    before = bot.token
    await admin.delete(f"/v1/integrations/{place}/credentials", params={"revoke": "false"})
    assert bot.token == before


async def test_a_token_that_its_owner_has_replaced_is_left_to_the_owner(
    world: World, admin: Client, botfather: BotFather
) -> None:
    place, bot = await bound(world, admin, botfather)
    botfather.kill(bot)
    present = bot.token
    gone = await admin.delete(f"/v1/integrations/{place}/credentials")
    assert "Telegram no longer knew them." in gone.json()["message"]
    assert bot.token == present


async def test_a_bot_that_was_installed_by_its_token_keeps_it(admin: Client, botfather: BotFather) -> None:
    bot = botfather.bot()
    before = bot.token
    made = (await install(admin, bot.token)).json()["integrationId"]
    gone = await admin.delete(f"/v1/integrations/{made}/credentials")
    assert (gone.status_code, "revoked" in gone.json()["message"], bot.token) == (200, False, before)
