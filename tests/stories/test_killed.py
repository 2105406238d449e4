"""The process is killed in the worst moment of a rotation, and the bot goes on working after the next start."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from moorings.emulators.telegram.world import ALEX, MANAGER_TOKEN, Bot
from tests.stories.town import Api, StandIns, Town, hub, people_of, providers, until, user_of

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

A_WHILE = 40.0
"""Until what a killed process held is given back, and then the time of a few calls."""

MANAGED = "/v1/integrations/telegram/managed"


async def made(user: Api, people: Api, stand_ins: StandIns) -> tuple[str, Bot]:
    """An installation by a managed bot."""
    request = await user("POST", f"{MANAGED}/initiate", {"name": "Harbour"})
    bot = await people("POST", "open-link", {"link": request["deepLink"]})

    async def completed() -> Any:
        found = await user("GET", f"{MANAGED}/{request['requestId']}/status")
        return found["integrationId"] if found["status"] == "completed" else None

    return await until(completed, "the bot is bound"), stand_ins.telegram.world.bots[bot["id"]]


async def answers(user: Api, place: str) -> bool:
    """Whether the stored token is one that Telegram takes."""
    body = {"parameters": {"chatId": ALEX, "text": "The harbour is open."}}
    ran = await user("POST", f"/v1/integrations/{place}/tools/send_message/execute", body)
    return bool(ran["success"])


async def kill_while_rotating(town: Town, user: Api, place: str, bot: Bot) -> None:
    """Telegram has replaced the token, and before the hub can store the new one it is gone."""
    before = bot.token
    slow = {"path": f"/bot{MANAGER_TOKEN}/getManagedBotToken", "delayMs": 5_000, "times": 1}
    httpx2.put(f"{town.stand_ins}/__control/telegram", json=slow, trust_env=False).raise_for_status()
    rotating = asyncio.create_task(user("POST", f"{MANAGED}/rotate", {"integrationId": place}))
    await until(lambda: bot.token != before, "Telegram has replaced the token")
    town.live.kill()
    with suppress(httpx2.TransportError):
        await rotating


@pytest.mark.parametrize("public", [None, "https://hub.example.com"])
async def test_a_token_that_was_replaced_and_not_stored_is_fetched_after_the_next_start(
    tmp_path: Path, public: str | None
) -> None:
    with providers() as stand_ins:
        with hub(tmp_path, stand_ins, public, telegram_manager_token=MANAGER_TOKEN) as town:
            async with user_of(town) as user, people_of(town, "telegram") as people:
                place, bot = await made(user, people, stand_ins)
                await people("POST", "message", {"bot": bot.username, "text": "hello"})
                assert await answers(user, place)
                await kill_while_rotating(town, user, place, bot)
        with hub(tmp_path, stand_ins, public, telegram_manager_token=MANAGER_TOKEN) as town:
            async with user_of(town) as user:
                async with asyncio.timeout(A_WHILE):
                    while not await answers(user, place):  # noqa: ASYNC110 - another process sets no event here
                        await asyncio.sleep(0.2)
        assert stand_ins.telegram.problems == []
