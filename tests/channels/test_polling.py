"""Where Telegram cannot reach the server, a worker fetches what people write; once each, and in order."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from moorings.domain.job import JobKind
from moorings.emulators.telegram.world import ALEX, MANAGER_TOKEN, Bot, Webhook
from moorings.errors import ProviderFailed, StoreBusy
from moorings.services.arrivals import MANAGER
from moorings.services.job_loop import JobLoop
from moorings.services.jobs import Jobs
from moorings.services.polling import ROUND, Polling
from tests.channels.bots import BotFather
from tests.channels.conftest import PATIENT
from tests.channels.test_managed_bots import ask, look
from tests.channels.test_telegram_install import install, installations, remove
from tests.http.judge import CANARY, Judge
from tests.http.world import Client, World, living
from tests.services.fakes import Failing

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def polled(
    anyio_backend: str, fresh: tuple[Path, Any], judge: Judge, botfather: BotFather
) -> AsyncIterator[World]:
    """A server that the outside world cannot reach, with a bot that manages others."""
    folder = Path(shutil.copytree(fresh[0], fresh[0].with_name("polled")))
    given = {**PATIENT, "upstreams": {"telegram": botfather.url}, "telegram_manager_token": MANAGER_TOKEN}
    async with living(folder, judge, **given) as found:
        yield found


@pytest.fixture
async def owner(polled: World, botfather: BotFather) -> Client:
    polled.change("DELETE FROM jobs")
    polled.change("DELETE FROM managed_requests")
    botfather.manager.webhook = None
    return await polled.owner()


@pytest.fixture
async def installed(owner: Client, botfather: BotFather) -> tuple[str, Bot]:
    bot = botfather.bot()
    return (await install(owner, bot.token)).json()["integrationId"], bot


class Passing:
    """A clock that lets a round pass with every look at it, so that a worker makes one call."""

    def __init__(self, world: World) -> None:
        self._now, self._looks = world.hub.now, 0

    def __call__(self) -> Any:
        self._looks += 1
        return self._now() + ROUND * self._looks


def worker(world: World, seconds: int = 0) -> Polling:
    """A worker who makes one call and does not wait at Telegram's."""
    hub = world.hub
    return Polling(hub.telegram, hub.arrivals, hub.inbox, hub.credentials.database, Passing(world), seconds)


def write(botfather: BotFather, bot: Bot, *texts: str) -> None:
    """Alex writes to a bot."""
    world = botfather.telegram.world
    for text in texts:
        bot.tell("message", world.received(bot, world.person(ALEX), {"text": text}), world.time())


async def texts(client: Client, place: str) -> list[str]:
    """What has arrived, the oldest first."""
    answer = await client.get(f"/v1/integrations/{place}/events")
    assert answer.status_code == 200, answer.text
    return [event["text"] for event in reversed(answer.json()["data"])]


async def test_what_people_write_arrives_once_and_in_order(
    polled: World, owner: Client, botfather: BotFather, installed: tuple[str, Bot]
) -> None:
    place, bot = installed
    write(botfather, bot, "one", "two")
    polling = worker(polled)
    assert await polling.poll(place) is not None
    assert await texts(owner, place) == ["one", "two"]
    write(botfather, bot, "three")
    await polling.poll(place)
    await polling.poll(place)
    assert await texts(owner, place) == ["one", "two", "three"]
    assert bot.updates == []


async def test_a_worker_that_was_killed_before_it_told_telegram_loses_and_doubles_nothing(
    polled: World, owner: Client, botfather: BotFather, installed: tuple[str, Bot]
) -> None:
    place, bot = installed
    write(botfather, bot, "one")
    await worker(polled).poll(place)
    write(botfather, bot, "two")
    await worker(polled).poll(place)  # which does not know how far the other came
    assert await texts(owner, place) == ["one", "two"]


async def test_an_update_is_kept_at_telegram_until_it_is_on_disk_here(
    polled: World, owner: Client, botfather: BotFather, installed: tuple[str, Bot]
) -> None:
    place, bot = installed
    write(botfather, bot, "one")
    polling = worker(polled)
    failing = Failing(polled.hub.credentials.database, StoreBusy("Another program holds the database."))
    with pytest.raises(StoreBusy):
        await replace(polling, inbox=replace(polling.inbox, database=failing)).poll(place)
    assert len(bot.updates) == 1
    await polling.poll(place)
    assert await texts(owner, place) == ["one"]


async def test_two_workers_never_poll_one_bot_at_once(
    polled: World, botfather: BotFather, installed: tuple[str, Bot]
) -> None:
    place, _ = installed
    jobs = polled.hub.jobs
    beside = Jobs(polled.hub.credentials.database, polled.hub.now)
    beside.on(JobKind.POLL, worker(polled).poll)
    taken = [await one.take_one(JobKind.POLL, place) for one in (jobs, beside, jobs)]
    assert [job is None for job in taken] == [False, True, True]


async def test_a_token_that_dies_ends_the_polling_and_says_so(
    polled: World, owner: Client, botfather: BotFather, installed: tuple[str, Bot]
) -> None:
    place, bot = installed
    botfather.kill(bot)
    assert await worker(polled).poll(place) is None
    [found] = await installations(owner)
    assert (found["status"], "no longer knows" in found["problem"]) == ("failing", True)


async def test_a_bot_that_was_removed_is_polled_no_more(
    polled: World, owner: Client, installed: tuple[str, Bot]
) -> None:
    place, _ = installed
    await remove(owner, place)
    assert await worker(polled).poll(place) is None


async def test_a_webhook_that_somebody_else_sets_is_a_failure_that_is_tried_again(
    polled: World, botfather: BotFather, installed: tuple[str, Bot]
) -> None:
    place, bot = installed
    bot.webhook = Webhook("https://elsewhere.example.com/bot")
    with pytest.raises(ProviderFailed):
        await worker(polled).poll(place)
    assert bot.webhook is not None


async def test_a_served_hub_hears_a_message_within_a_moment(
    polled: World, owner: Client, botfather: BotFather, installed: tuple[str, Bot]
) -> None:
    place, bot = installed
    loop = JobLoop(polled.hub.jobs)
    serving = asyncio.create_task(loop.serve())
    try:
        write(botfather, bot, "hello")
        async with asyncio.timeout(5):
            while await texts(owner, place) != ["hello"]:  # noqa: ASYNC110 - what arrives sets no event here
                await asyncio.sleep(0.02)
    finally:
        loop.end()
        await serving


async def test_the_managing_bot_is_polled_too_and_a_bot_is_bound(
    polled: World, owner: Client, botfather: BotFather
) -> None:
    arrivals = polled.hub.arrivals
    await arrivals.start()
    assert await arrivals.listen(MANAGER) is None
    assert polled.rows("SELECT id FROM jobs WHERE kind = 'poll' AND id = 'manager'") == [(MANAGER,)]
    request = await ask(owner)
    bot = botfather.opened(request["deepLink"])
    await worker(polled).poll(MANAGER)
    await polled.hub.managed_bots.binding.bind(request["requestId"])
    found = await look(owner, request)
    assert (found["status"], found["botId"]) == ("completed", str(bot.id))
    write(botfather, bot, "hello")
    await worker(polled).poll(found["integrationId"])
    assert await texts(owner, found["integrationId"]) == ["hello"]


async def test_a_managed_bot_whose_token_was_replaced_is_polled_with_the_new_one(
    polled: World, owner: Client, botfather: BotFather
) -> None:
    request = await ask(owner)
    bot = botfather.opened(request["deepLink"])
    await worker(polled).poll(MANAGER)
    await polled.hub.managed_bots.binding.bind(request["requestId"])
    place = (await look(owner, request))["integrationId"]
    botfather.kill(bot)
    write(botfather, bot, "hello")
    assert await worker(polled).poll(place) is not None
    assert await worker(polled).poll(place) is not None
    assert await texts(owner, place) == ["hello"]
    [found] = await installations(owner)
    assert found["status"] == "connected"


async def test_without_a_managing_bot_nobody_is_polled(hidden: World) -> None:
    assert await worker(hidden).poll(MANAGER) is None


async def test_no_token_is_in_the_log_of_a_poll_that_fails(
    polled: World, botfather: BotFather, installed: tuple[str, Bot], caplog: pytest.LogCaptureFixture
) -> None:
    place, bot = installed
    bot.webhook = Webhook("https://elsewhere.example.com/bot")
    job = await polled.hub.jobs.take_one(JobKind.POLL, place)
    assert job is not None
    await polled.hub.jobs.run(job)
    told = [record for record in caplog.records if record.getMessage().startswith("a job failed")]
    assert told
    assert CANARY not in str([vars(record) for record in told])
