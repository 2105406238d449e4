"""Events are passed on in order, at least once, for a day; an address that never takes them is used no more."""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from moorings.domain.event import RETRIED_FOR, Event
from moorings.domain.installation import Installation, InstallationStatus
from moorings.domain.secret import Secret
from moorings.errors import VaultFailed
from moorings.providers.receiver import Receipt
from moorings.services.deliveries import AT_ONCE, AT_ONCE_FAILING, OFF_AFTER, Deliveries
from moorings.store.events import page
from moorings.store.forwarding import change
from tests.services.arrivals import REFUSED, TAKEN, URL, Arrivals, Scripted
from tests.services.house import START, House, Process

pytestmark = pytest.mark.anyio


@pytest.fixture
def arrivals(house: House) -> Arrivals:
    return Arrivals(house.process())


@pytest.fixture
def alone(process: Process) -> Arrivals:
    return Arrivals(process)


async def test_an_event_is_sent_once_in_its_normal_form(arrivals: Arrivals) -> None:
    installation = await arrivals.installation(environment="staging")
    await arrivals.arrive(installation, "Hello")
    assert await arrivals.deliver(installation) is None
    assert await arrivals.deliver(installation) is None
    [sent] = arrivals.receiver.got
    assert json.loads(sent.body) == {
        "id": sent.message, "type": "message", "integrationId": installation.id, "environment": "staging",
        "channel": "C1", "sender": "U1", "text": "Hello", "raw": {"text": "Hello"},
        "receivedAt": "2026-11-23T12:00:00.000Z",
    }  # fmt: skip
    assert (sent.url, sent.at) == (URL, START)
    assert await arrivals.states(installation) == [("delivered", 1)]


async def test_a_conversation_keeps_its_order_while_its_first_event_is_not_taken(arrivals: Arrivals) -> None:
    arrivals.receiver = Scripted(REFUSED, REFUSED)
    installation = await arrivals.installation()
    await arrivals.arrive(installation, "one", "two", "three")
    await arrivals.arrive(installation, "elsewhere", channel="C2")
    for pause in (2, 4):
        assert await arrivals.deliver(installation) == arrivals.process.clock() + timedelta(seconds=pause)
        arrivals.process.clock.advance(seconds=pause)
    assert await arrivals.deliver(installation, "C2") is None, "another conversation does not wait"
    assert await arrivals.deliver(installation) is None
    assert [json.loads(sent.body)["text"] for sent in arrivals.receiver.got] == [
        "one", "one", "elsewhere", "one", "two", "three",
    ]  # fmt: skip
    assert len({sent.message for sent in arrivals.receiver.got}) == 4, "a try bears the same id as the one before"


async def test_nothing_is_sent_before_the_pause_is_over(arrivals: Arrivals) -> None:
    arrivals.receiver = Scripted(REFUSED)
    installation = await arrivals.installation()
    await arrivals.arrive(installation, "one")
    due = await arrivals.deliver(installation)
    await arrivals.arrive(installation, "two")
    assert await arrivals.deliver(installation) == due
    assert len(arrivals.receiver.got) == 1


async def test_pauses_double_to_half_an_hour_and_a_program_may_ask_for_longer_ones(alone: Arrivals) -> None:
    alone.receiver = Scripted(*[REFUSED] * 12, Receipt(503, "REFUSED", retry_after=3_000))
    installation = await alone.installation()
    await alone.arrive(installation, "one")
    pauses = []
    for _ in range(13):
        due = await alone.deliver(installation)
        assert due is not None
        pauses.append((due - alone.process.clock()).total_seconds())
        alone.process.clock.moment = due
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1800, 1800, 3000]


async def test_jitter_takes_at_most_half_of_a_pause(alone: Arrivals) -> None:
    alone.receiver = Scripted(REFUSED)
    installation = await alone.installation()
    await alone.arrive(installation, "one")
    parts = (alone.receiver, alone.process.contents(), alone.process.forward_secrets(), alone.process.database)
    deliveries = type(alone.deliveries)(*parts, alone.process.clock, chance=lambda: 1.0)
    assert await deliveries.deliver(f"{installation.id}/C1") == START + timedelta(seconds=1)


async def test_an_event_is_given_up_after_a_day_and_the_next_has_its_turn(arrivals: Arrivals) -> None:
    arrivals.receiver = Scripted(*[REFUSED] * 1_000)
    installation, clock = await arrivals.installation(), arrivals.process.clock
    await arrivals.arrive(installation, "never taken")
    while (await arrivals.states(installation))[0][0] == "waiting":
        due = await arrivals.deliver(installation)
        clock.moment = due or clock.moment
    assert START + RETRIED_FOR - timedelta(minutes=31) < clock() < START + RETRIED_FOR
    [(state, tries)] = await arrivals.states(installation)
    assert (state, 50 < tries < 70) == ("failed", True)
    assert (await arrivals.found(installation)).forwards, "one event that is not taken does not say much"
    arrivals.receiver.receipts.clear()
    await arrivals.arrive(installation, "taken")
    assert await arrivals.deliver(installation) is None
    assert (await arrivals.states(installation))[1] == ("delivered", 1)
    failing = await arrivals.process.sql("SELECT forward_failing_since AS since FROM installations")
    assert [row.since for row in failing] == [None]


async def test_an_address_that_takes_nothing_for_days_is_switched_off_and_says_why(
    arrivals: Arrivals, caplog: pytest.LogCaptureFixture
) -> None:
    arrivals.receiver = Scripted(*[REFUSED] * 1_000)
    installation, clock = await arrivals.installation(), arrivals.process.clock
    while (await arrivals.found(installation)).forwards:
        await arrivals.arrive(installation, "not taken")
        while (due := await arrivals.deliver(installation)) is not None:
            clock.moment = due
    assert OFF_AFTER <= clock() - START < OFF_AFTER + timedelta(hours=25)
    found = await arrivals.found(installation)
    assert found.status == "failing"
    assert found.forward_problem is not None
    assert "2026-11-23 12:00" in found.forward_problem
    assert "500" in found.forward_problem
    assert "switched off" in caplog.text
    sent = len(arrivals.receiver.got)
    await arrivals.arrive(installation, "comes too late")
    assert await arrivals.deliver(installation) is None
    assert (len(arrivals.receiver.got), (await arrivals.states(installation))[-1]) == (sent, ("kept", 0))


async def test_an_address_that_is_gone_is_switched_off_at_once(arrivals: Arrivals) -> None:
    arrivals.receiver = Scripted(Receipt(410, "REFUSED"))
    installation = await arrivals.installation()
    await arrivals.arrive(installation, "one", "two")
    assert await arrivals.deliver(installation) is None
    assert await arrivals.states(installation) == [("failed", 1), ("kept", 0)]
    found = await arrivals.found(installation)
    assert (found.status, found.forwards) == ("failing", False)
    assert "410" in (found.forward_problem or "")


async def test_without_an_address_events_are_kept(arrivals: Arrivals) -> None:
    installation = await arrivals.installation(forward_url=None)
    await arrivals.arrive(installation, "one")
    assert await arrivals.states(installation) == [("kept", 0)]
    assert await arrivals.process.sql("SELECT * FROM jobs") == []


async def test_what_waits_for_an_address_that_was_taken_away_is_kept(arrivals: Arrivals) -> None:
    installation = await arrivals.installation()
    await arrivals.arrive(installation, "one")
    await arrivals.process.sql("UPDATE installations SET forward_url = NULL")
    assert await arrivals.deliver(installation) is None
    assert await arrivals.states(installation) == [("kept", 0)]


async def test_an_event_that_does_not_open_holds_up_nobody(alone: Arrivals) -> None:
    installation = await alone.installation()
    await alone.arrive(installation, "changed", "good")
    await alone.process.sql("UPDATE events SET sealed = (SELECT sealed FROM events ORDER BY sequence DESC LIMIT 1)")
    assert await alone.deliver(installation) is None
    assert await alone.states(installation) == [("failed", 1), ("delivered", 1)]


async def test_an_event_that_was_moved_to_another_installation_of_its_owner_goes_nowhere(arrivals: Arrivals) -> None:
    installation = await arrivals.installation()
    other = await arrivals.installation(installation.owner, "https://thief.example.com/in")
    await arrivals.arrive(installation, "for the one program alone")
    await arrivals.arrive(other, "for the other")
    await arrivals.process.sql("UPDATE events SET installation_id = :other", other=other.id)
    assert await arrivals.deliver(other) is None
    assert await arrivals.states(other) == [("failed", 1), ("delivered", 1)]
    assert [json.loads(sent.body)["text"] for sent in arrivals.receiver.got] == ["for the other"]
    assert [shown.readable for shown in await shown_of(arrivals, other)] == [True, False]


async def shown_of(arrivals: Arrivals, installation: Installation) -> list[Event]:
    """The events of an installation as a listing shows them, the newest first."""
    contents, place = arrivals.process.contents(), (installation.owner, [installation.id])
    return [await contents.shown(stored) for stored in await arrivals.process.database.read(page, *place, None, 10)]


async def test_an_address_that_was_changed_past_us_gets_nothing_and_the_installation_says_why(
    arrivals: Arrivals,
) -> None:
    installation = await arrivals.installation()
    await arrivals.arrive(installation, "one")
    await arrivals.process.sql("UPDATE installations SET forward_url = 'https://thief.example.com/in'")
    assert await arrivals.deliver(installation) is None
    await arrivals.arrive(installation, "two")
    assert await arrivals.deliver(installation) is None
    assert arrivals.receiver.got == []
    assert await arrivals.states(installation) == [("kept", 0), ("kept", 0)]
    found = await arrivals.found(installation)
    assert (found.status, found.forwards) == (InstallationStatus.FAILING, False)
    assert "changed past Moorings" in (found.forward_problem or "")
    told = await arrivals.process.sql("SELECT kind, outcome FROM audit WHERE kind = 'installation.failing'")
    assert [tuple(row) for row in told] == [("installation.failing", "ROW_ALTERED")]
    entry = arrivals.process.entry(installation.owner)
    await arrivals.process.database.write(
        change, installation.owner, installation.id, "Slack", URL, arrivals.process.clock(), entry, anew=True
    )
    await arrivals.arrive(installation, "three")
    assert await arrivals.deliver(installation) is None
    assert [sent.url for sent in arrivals.receiver.got] == [URL]


async def test_an_event_whose_key_is_gone_waits_for_it(alone: Arrivals) -> None:
    installation = await alone.installation()
    await alone.arrive(installation, "one")
    await alone.process.sql("UPDATE owner_keys SET root_key_id = root_key_id, wrapped = :w", w=b"nonsense")
    with pytest.raises(VaultFailed):
        await alone.deliver(installation)
    assert await alone.states(installation) == [("waiting", 0)]


async def test_every_try_stands_in_the_audit(arrivals: Arrivals) -> None:
    arrivals.receiver = Scripted(Receipt(None, "TIMEOUT"), TAKEN)
    installation = await arrivals.installation(environment="staging")
    await arrivals.arrive(installation, "one")
    due = await arrivals.deliver(installation)
    assert due is not None
    arrivals.process.clock.moment = due
    await arrivals.deliver(installation)
    rows = await arrivals.process.sql(
        "SELECT actor, subject, environment, outcome FROM audit WHERE kind = 'event.forwarded' ORDER BY sequence"
    )
    [message] = {sent.message for sent in arrivals.receiver.got}
    assert [tuple(row) for row in rows] == [
        ("forwarding", f"{installation.id}/{message}", "staging", outcome) for outcome in ("TIMEOUT", "ok")
    ]


async def test_one_secret_signs_for_an_installation_and_another_for_the_next(arrivals: Arrivals) -> None:
    first = await arrivals.installation()
    second = await arrivals.installation(first.owner)
    for installation in (first, first, second):
        await arrivals.arrive(installation, "text")
        await arrivals.deliver(installation)
    secrets = [sent.secrets for sent in arrivals.receiver.got]
    assert secrets[0] == secrets[1] != secrets[2]
    assert all(secret.startswith("whsec_") and len(secret) > 40 for [secret] in secrets)


class Slow(Scripted):
    """Holds every message until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way, self.let_go = 0, asyncio.Event()

    async def send(self, url: str, message: str, body: str, sent: datetime, secrets: Sequence[Secret]) -> Receipt:
        self.under_way += 1
        await self.let_go.wait()
        self.under_way -= 1
        return await super().send(url, message, body, sent, secrets)


async def test_a_slow_address_takes_so_much_room_and_no_more(alone: Arrivals) -> None:
    alone.receiver = Slow()
    deliveries, installation = alone.deliveries, await alone.installation()
    running = await conversations(alone, deliveries, installation, AT_ONCE + 3)
    done, held = await asyncio.wait(running, timeout=2, return_when=asyncio.FIRST_COMPLETED)
    done, held = await asyncio.wait(running, timeout=0.3)
    assert (len(done), len(held), alone.receiver.under_way) == (3, AT_ONCE, AT_ONCE)
    assert {task.result() for task in done} == {START + timedelta(seconds=5)}
    alone.receiver.let_go.set()
    assert set(await asyncio.gather(*held)) == {None}
    assert await deliveries.deliver(f"{installation.id}/C1") is None


async def test_an_address_that_fails_is_tried_by_few_at_once(alone: Arrivals) -> None:
    alone.receiver = Slow()
    deliveries, installation = alone.deliveries, await alone.installation()
    failing = round((START - timedelta(hours=1)).timestamp() * 1000)
    await alone.process.sql("UPDATE installations SET forward_failing_since = :at", at=failing)
    running = await conversations(alone, deliveries, installation, AT_ONCE_FAILING + 2)
    done, held = await asyncio.wait(running, timeout=0.5)
    assert (len(done), len(held)) == (2, AT_ONCE_FAILING)
    assert {task.result() for task in done} == {START + timedelta(minutes=15)}
    alone.receiver.let_go.set()
    assert set(await asyncio.gather(*held)) == {None}


async def conversations(
    arrivals: Arrivals, deliveries: Deliveries, installation: Installation, number: int
) -> list[asyncio.Task[datetime | None]]:
    """So many conversations with an event each, on their way."""
    for each in range(number):
        await arrivals.arrive(installation, "text", channel=f"C{each}")
    jobs = (deliveries.deliver(f"{installation.id}/C{each}") for each in range(number))
    return [asyncio.create_task(job) for job in jobs]
