"""Telegram from the first word to the last: by token, by webhook and by polling, and bots that people make by link."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx2
import pytest

from moorings import app
from moorings.domain.caller import Scope
from moorings.emulators.telegram.world import ALEX, MANAGER_TOKEN, TOKEN
from moorings.services.api_keys import KeyWish
from moorings.services.owners import administrator
from moorings.settings import load
from tests.stories.town import Api, Program, Town, hub, people_of, program, providers, town, until, user_of

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

PUBLIC = "https://hub.example.com"
SAM = 555000111


@pytest.fixture(scope="module")
def hooked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Reached by webhooks at a public address."""
    with town(tmp_path_factory.mktemp("hooked"), PUBLIC, telegram_manager_token=MANAGER_TOKEN) as found:
        yield found


@pytest.fixture(scope="module")
def hidden(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Without a public address: it polls."""
    with town(tmp_path_factory.mktemp("hidden"), telegram_manager_token=MANAGER_TOKEN) as found:
        yield found


@pytest.fixture(params=["hooked", "hidden"])
def place(request: pytest.FixtureRequest) -> Iterator[Town]:
    """Both; whatever they ask and are told must be known to the published document."""
    found: Town = request.getfixturevalue(request.param)
    yield found
    assert found.telegram.problems == []


@asynccontextmanager
async def everybody(place: Town) -> AsyncIterator[tuple[Api, Api, Program]]:
    async with user_of(place) as user, people_of(place, "telegram") as people, program() as listening:
        yield user, people, listening


async def test_the_whole_story_of_a_bot_with_a_token(place: Town) -> None:
    async with everybody(place) as (user, people, listening):
        reserved = await user(
            "POST", "/v1/integrations", {"type": "telegram", "name": "Harbour", "forwardUrl": listening.url}
        )
        wish = {"botToken": TOKEN, "integrationId": reserved["id"]}
        dead = await user("POST", "/v1/integrations/telegram/install", {**wish, "botToken": TOKEN[:-1] + "9"}, 400)
        assert dead["code"] == "CREDENTIALS_REJECTED"
        installed = await user("POST", "/v1/integrations/telegram/install", wish)
        assert (installed["integrationId"], installed["botUsername"]) == (reserved["id"], "emulated_example_bot")
        bot = await bot_of(people, installed["botUsername"])
        assert (installed["delivery"], installed["webhookUrl"]) == (
            ("webhook", bot["webhook"]) if place.public else ("polling", None)
        )
        secret = await secret_of(user, installed)
        await talk(user, people, listening, installed, secret)
        await only_telegram_is_believed(place, listening, installed)
        await people("POST", "repeat", {"bot": installed["botUsername"]})
        await asyncio.sleep(0.2)
        assert listening.listener.silent()
        await user("DELETE", f"/v1/integrations/{installed['integrationId']}/credentials", {})
        assert (await bot_of(people, installed["botUsername"]))["webhook"] is None
        await people("POST", "message", {"bot": installed["botUsername"], "text": "Is anybody there?"})
        await asyncio.sleep(0.2)
        assert listening.listener.silent()
    assert place.leaks([TOKEN]) == []


async def test_a_bot_under_the_suggested_name_is_bound_by_itself(place: Town) -> None:
    async with everybody(place) as (user, people, listening):
        availability = await user("GET", "/v1/integrations/telegram/managed/availability?username=acme_helper_bot")
        assert (availability["available"], availability["managerBotUsername"], availability["usernameValid"]) == (
            True, "emulated_manager_bot", True,
        )  # fmt: skip
        request = await asked(user, forwardUrl=listening.url)
        assert request["deepLink"].startswith("https://t.me/newbot/emulated_manager_bot/")
        assert request["qrCode"].startswith("data:image/svg+xml")
        await people("POST", "open-link", {"link": request["deepLink"]})
        completed = await ended(user, request, "completed")
        installed = {"integrationId": completed["integrationId"], "botUsername": completed["actualUsername"]}
        assert installed["botUsername"] == request["suggestedUsername"]
        secret = await secret_of(user, installed)
        await talk(user, people, listening, installed, secret)
        await a_new_token(place, user, people, completed)
        await talk(user, people, listening, installed, secret)
        await user("DELETE", f"/v1/integrations/{installed['integrationId']}/credentials", {})


async def test_what_telegram_tells_again_or_from_others_changes_nothing_but_the_token(place: Town) -> None:
    async with everybody(place) as (user, people, listening):
        request = await asked(user, forwardUrl=listening.url)
        await people("POST", "open-link", {"link": request["deepLink"]})
        completed = await ended(user, request, "completed")
        installed = {"integrationId": completed["integrationId"], "botUsername": completed["actualUsername"]}
        secret = await secret_of(user, installed)
        await people("POST", "repeat", {"bot": "emulated_manager_bot"})
        await people("POST", "owner", {"bot": installed["botUsername"], "person": SAM})
        await talk(user, people, listening, installed, secret)
        await people("POST", "revoke", {"bot": installed["botUsername"]})
        await until(lambda: answers(user, installed), "the token that somebody replaced is the hub's again")
        await talk(user, people, listening, installed, secret)
        details = await user("GET", "/v1/integrations/telegram")
        same = [entry for entry in details["installations"] if entry["account"]["id"] == completed["botId"]]
        assert [entry["id"] for entry in same] == [installed["integrationId"]]
        await user("DELETE", f"/v1/integrations/{installed['integrationId']}/credentials", {})


async def test_a_bot_under_another_name_waits_until_it_is_confirmed(place: Town) -> None:
    async with everybody(place) as (user, people, listening):
        request = await asked(user, forwardUrl=listening.url)
        made = await people(
            "POST", "open-link", {"link": request["deepLink"], "username": f"mine_{len(place.telegram.world.bots)}_bot"}
        )
        waiting = await ended(user, request, "rename_pending")
        assert (waiting["actualUsername"], waiting["integrationId"]) == (made["username"], None)
        await user("POST", path_of(request, "confirm-rename"), {})
        completed = await ended(user, request, "completed")
        installed = {"integrationId": completed["integrationId"], "botUsername": made["username"]}
        await talk(user, people, listening, installed, await secret_of(user, installed))
        closed = await user("POST", path_of(request, "reject-rename"), {}, 409)
        assert closed["code"] == "REQUEST_CLOSED"


async def test_a_bot_that_is_rejected_stays_its_owners_and_has_another_token(place: Town) -> None:
    async with everybody(place) as (user, people, _):
        request = await asked(user)
        made = await people(
            "POST", "open-link", {"link": request["deepLink"], "username": f"not_{len(place.telegram.world.bots)}_bot"}
        )
        await ended(user, request, "rename_pending")
        rejected = await user("POST", path_of(request, "reject-rename"), {})
        assert (rejected["status"], rejected["integrationId"]) == ("rejected", None)
        left = await bot_of(people, made["username"])
        assert (left["ownerId"], left["webhook"]) == (ALEX, None)
        assert left["token"] != made["token"]


async def test_a_request_that_nobody_answers_ends(place: Town) -> None:
    async with everybody(place) as (user, people, _):
        request = await asked(user)
        await half_an_hour_passes(place, request)
        await ended(user, request, "expired")
        made = await people("POST", "open-link", {"link": request["deepLink"]})
        await asyncio.sleep(0.3)
        assert (await status_of(user, request))["status"] == "expired"
        assert (await bot_of(people, made["username"]))["webhook"] is None


async def test_a_request_that_is_cancelled_binds_nothing(place: Town) -> None:
    async with everybody(place) as (user, people, _):
        request = await asked(user)
        cancelled = await user("DELETE", path_of(request), {})
        assert (cancelled["success"], cancelled["status"]) == (True, "cancelled")
        await people("POST", "open-link", {"link": request["deepLink"]})
        await asyncio.sleep(0.3)
        assert (await status_of(user, request))["integrationId"] is None
        assert (await user("DELETE", path_of(request), {}, 409))["code"] == "REQUEST_CLOSED"


async def test_two_owners_at_once_never_get_each_others_bot(place: Town) -> None:
    other_key = await another_owner(place)
    async with everybody(place) as (user, people, _), user_of(place, other_key) as other:
        ours, theirs = await asked(user), await asked(other)
        await people("POST", "open-link", {"link": theirs["deepLink"], "username": "whose_is_it_bot", "person": SAM})
        await asyncio.sleep(0.3)
        assert [(await status_of(who, what))["status"] for who, what in ((user, ours), (other, theirs))] == [
            "pending"
        ] * 2
        await asyncio.gather(
            people("POST", "open-link", {"link": theirs["deepLink"], "person": SAM}),
            people("POST", "open-link", {"link": ours["deepLink"]}),
        )
        for who, what in ((user, ours), (other, theirs)):
            completed = await ended(who, what, "completed")
            assert completed["actualUsername"] == what["suggestedUsername"]
        await user("GET", path_of(theirs, "status"), status=404)
        await other("GET", path_of(ours, "status"), status=404)
        await people(
            "POST", "rename", {"bot": "whose_is_it_bot", "username": f"nobodys_{len(place.telegram.world.bots)}_bot"}
        )


async def test_a_hub_that_is_killed_between_the_new_token_and_its_store_finds_it_again(tmp_path: Path) -> None:
    with providers() as stand_ins:
        with hub(tmp_path, stand_ins, PUBLIC, telegram_manager_token=MANAGER_TOKEN) as first:
            async with everybody(first) as (user, people, _):
                request = await asked(user)
                await people("POST", "open-link", {"link": request["deepLink"]})
                completed = await ended(user, request, "completed")
                before = await bot_of(people, completed["actualUsername"])
                slow = {"path": f"/bot{MANAGER_TOKEN}/replaceManagedBotToken", "delayMs": 3000}
                await people("PUT", "", slow)
                wish = {"integrationId": completed["integrationId"]}
                rotating = asyncio.create_task(user("POST", "/v1/integrations/telegram/managed/rotate", wish))
                await until(lambda: token_is_not(people, before), "Telegram has replaced the token")
                first.live.kill()
                with pytest.raises(httpx2.TransportError):
                    await rotating
                await people("PUT", "", {"times": 1})
        installed = {"integrationId": completed["integrationId"], "botUsername": completed["actualUsername"]}
        with hub(tmp_path, stand_ins, PUBLIC, telegram_manager_token=MANAGER_TOKEN) as second:
            async with everybody(second) as (user, people, _):
                await until(lambda: answers(user, installed), "the hub has the new token")
                address = f"{PUBLIC}/hooks/telegram/{installed['integrationId']}"
                await until(lambda: is_told_at(people, installed, address), "Telegram tells the hub")


async def is_told_at(people: Api, installed: Any, address: str) -> bool:
    return bool((await bot_of(people, installed["botUsername"]))["webhook"] == address)


async def token_is_not(people: Api, before: Any) -> bool:
    return bool((await bot_of(people, before["username"]))["token"] != before["token"])


def test_no_token_stands_in_what_the_hub_keeps(place: Town) -> None:
    tokens = [bot.token.partition(":")[2] for bot in place.telegram.world.bots.values()]
    assert tokens
    assert place.leaks(tokens) == []


async def talk(user: Api, people: Api, listening: Program, installed: Any, secret: str) -> None:
    """A person writes, the program hears it and answers through the hub."""
    await people("POST", "message", {"bot": installed["botUsername"], "text": "Is the ship in?"})
    event = await listening.hears(secret)
    assert (event["integrationId"], event["type"], event["sender"], event["text"]) == (
        installed["integrationId"], "message", str(ALEX), "Is the ship in?",
    )  # fmt: skip
    wish = {"chatId": event["channel"], "text": "It is.", "replyToMessageId": event["raw"]["message"]["message_id"]}
    path = f"/v1/integrations/{installed['integrationId']}/tools/send_message/execute"
    ran = await user("POST", path, {"parameters": wish})
    assert ran["success"], ran
    messages = (await people("GET", f"messages?bot={installed['botUsername']}"))["messages"]
    assert (messages[-1]["text"], messages[-1]["reply_to_message"]["text"]) == ("It is.", "Is the ship in?")


async def answers(user: Api, installed: Any) -> bool:
    """Whether the hub has the token that the bot has now."""
    path = f"/v1/integrations/{installed['integrationId']}/tools/set_commands/execute"
    ran = await user("POST", path, {"parameters": {"commands": [{"command": "help", "description": "What I can do"}]}})
    return bool(ran["success"])


async def only_telegram_is_believed(place: Town, listening: Program, installed: Any) -> None:
    address = f"{place.live.url}/hooks/telegram/{installed['integrationId']}"
    update = json.dumps({"update_id": 1, "message": {"text": "Let me in"}}).encode()
    async with httpx2.AsyncClient(trust_env=False) as stranger:
        for secret, body in (("", update), ("wrong", update), ("wrong", b"\xff\xfe"), ("é", update)):
            headers = [(b"X-Telegram-Bot-Api-Secret-Token", secret.encode())]
            answer = await stranger.post(address, content=body, headers=headers)
            assert answer.status_code == 401, answer.text
    assert listening.listener.silent()


async def a_new_token(place: Town, user: Api, people: Api, completed: Any) -> None:
    before = await bot_of(people, completed["actualUsername"])
    wish = {"integrationId": completed["integrationId"]}
    rotated = await user("POST", "/v1/integrations/telegram/managed/rotate", wish)
    after = await bot_of(people, completed["actualUsername"])
    assert after["token"] != before["token"]
    assert after["token"].partition(":")[2] not in json.dumps(rotated)
    assert after["webhook"] == before["webhook"]
    assert bool(after["webhook"]) == bool(place.public)


async def asked(user: Api, **wish: Any) -> Any:
    return await user("POST", "/v1/integrations/telegram/managed/initiate", {"name": "Acme Helper", **wish})


async def ended(user: Api, request: Any, status: str) -> Any:
    async def there() -> Any:
        found = await status_of(user, request)
        return found if found["status"] == status else None

    return await until(there, f"the request is {status}")


async def status_of(user: Api, request: Any) -> Any:
    return await user("GET", path_of(request, "status"))


def path_of(request: Any, last: str = "") -> str:
    return f"/v1/integrations/telegram/managed/{request['requestId']}" + (f"/{last}" if last else "")


async def bot_of(people: Api, username: str) -> Any:
    bots = (await people("GET", "bots"))["bots"]
    return next(bot for bot in bots if bot["username"] == username)


async def secret_of(user: Api, installed: Any) -> str:
    answer = await user("POST", f"/v1/integrations/{installed['integrationId']}/forward-secret", {})
    return str(answer["secret"])


async def half_an_hour_passes(place: Town, request: Any) -> None:
    """For this request alone, for a server's clock is everybody's."""
    with closing(sqlite3.connect(place.live.data / "moorings.db", timeout=10)) as database, database:
        moved = database.execute(
            "UPDATE managed_requests SET expires_at = expires_at - 1800001 WHERE id = ?", (request["requestId"],)
        )
        assert moved.rowcount == 1
    async with app.attesting(load(data_dir=place.live.data)) as attestations:
        assert await attestations.attest() == 1


async def another_owner(place: Town) -> str:
    """A key of an owner beside the first, made on the machine itself."""
    async with app.running(load(data_dir=place.live.data)) as running:
        owner = await running.hub.owners.create("acme")
        wish = KeyWish("admin", frozenset({Scope.ALL}))
        _, key = await running.hub.api_keys.create(administrator(owner), wish)
        return key.reveal()
