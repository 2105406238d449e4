"""What our adapter asks of Telegram, and what the stand-in answers, is judged by what Telegram published."""

from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext

import httpx2
import pytest

from moorings.domain.bot import Webhook
from moorings.domain.secret import Secret
from moorings.emulators.server import EmulatorServer
from moorings.emulators.telegram.world import ALEX, MANAGER_TOKEN, TOKEN
from moorings.errors import CredentialsRejected, ProviderFailed
from moorings.providers.contract import BotHost
from moorings.providers.registry import providers
from moorings.providers.telegram.adapter import Adapter
from moorings.providers.transport import Transport
from tests.contract.catalogue import integration
from tests.contract.judged import JudgedTelegram
from tests.contract.loopback import serving

pytestmark = pytest.mark.anyio

BOT, MANAGER = Secret(TOKEN), Secret(MANAGER_TOKEN)
HOOK = Webhook("https://hub.example.com/hooks/telegram/intg_1", Secret("secret-of-the-hook"), ("message",))


@pytest.fixture(scope="module")
def telegram() -> JudgedTelegram:
    return JudgedTelegram()


@pytest.fixture(scope="module")
def address(telegram: JudgedTelegram) -> Iterator[str]:
    with serving(EmulatorServer({"telegram": telegram})) as base:
        yield base


@pytest.fixture(scope="module")
async def host(address: str) -> AsyncIterator[BotHost]:
    async with Transport(timeout=5) as transport:
        found = providers([integration("telegram")], transport, {"telegram": f"{address}/telegram"})
        assert found["telegram"].bot_host
        yield found["telegram"].bot_host


@pytest.fixture(autouse=True)
def judged(telegram: JudgedTelegram) -> Iterator[None]:
    telegram.reset()
    yield
    assert telegram.problems == []


async def test_it_knows_whose_token_it_is(host: BotHost) -> None:
    assert (await host.me(BOT)).username == "emulated_example_bot"
    assert (await host.me(MANAGER)).can_manage
    with pytest.raises(CredentialsRejected):
        await host.me(Secret(TOKEN[:-1] + "1"))


async def test_a_webhook_is_set_again_within_a_second_told_and_deleted(host: BotHost) -> None:
    await host.set_webhook(BOT, HOOK)
    assert await host.webhook_url(BOT) == HOOK.url
    await host.set_webhook(BOT, HOOK)
    await host.delete_webhook(BOT)
    assert await host.webhook_url(BOT) == ""
    with pytest.raises(ProviderFailed) as refusal:
        await host.set_webhook(BOT, Webhook("http://hub.example.com", Secret("s" * 20), ("message",)))
    assert "HTTPS" in refusal.value.details[0].message


async def test_several_that_set_a_webhook_at_once_all_come_through(address: str) -> None:
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    async with Transport(timeout=5) as transport, httpx2.AsyncClient(trust_env=False) as control:
        host = Adapter(transport, integration("telegram"), f"{address}/telegram", wait)
        for refusals, comes_through in ((3, True), (4, False)):
            script = {"status": 429, "body": {"ok": False, "parameters": {"retry_after": 1}}, "times": refusals}
            (await control.put(f"{address}/__control/telegram", json=script)).raise_for_status()
            with nullcontext() if comes_through else pytest.raises(ProviderFailed):
                await host.set_webhook(BOT, HOOK)
    assert waited == [1] * 6


async def test_updates_are_polled_and_confirmed(host: BotHost, telegram: JudgedTelegram) -> None:
    bot, person = telegram.world.bots[7000000001], telegram.world.people[ALEX]
    bot.tell("message", telegram.world.received(bot, person, {"text": "Hello"}), telegram.world.time())
    [update] = await host.updates(BOT, None, 5, ["message"])
    assert update["message"]["text"] == "Hello"
    assert await host.updates(BOT, update["update_id"] + 1, 0, ["message"]) == []


async def test_a_managed_bots_token_is_fetched_and_replaced(host: BotHost, telegram: JudgedTelegram) -> None:
    world = telegram.world
    bot = world.create("Harbour", "harbour_k7d2m9x4_bot", world.people[ALEX], world.bots[7000000002])
    first = await host.managed_token(MANAGER, bot.id)
    assert (await host.me(first)).id == bot.id
    second = await host.replace_managed_token(MANAGER, bot.id)
    assert (await host.me(second)).id == bot.id
    with pytest.raises(CredentialsRejected):
        await host.me(first)
    with pytest.raises(ProviderFailed) as refusal:
        await host.managed_token(BOT, bot.id)
    assert refusal.value.details[0].message == "Bad Request: BOT_INVALID"
