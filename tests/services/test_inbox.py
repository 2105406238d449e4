"""The inbox keeps an event once, whatever happens beside it, and opens verification secrets once a writing."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from moorings.catalog.catalog import load_catalog
from moorings.domain.caller import NOWHERE
from moorings.domain.credential import CredentialRef
from moorings.domain.event import InboundEvent, Received
from moorings.domain.secret import Secret, SecretFields
from moorings.errors import InvalidBody, SealBroken, VaultFailed, WebhookRefused
from moorings.providers.registry import FOLDER
from moorings.services.forward_secrets import PREFIX
from moorings.services.remembered import Remembered
from moorings.store import credentials, forwarding
from moorings.store import keys as key_rows
from tests.services.arrivals import Arrivals
from tests.services.house import House, Process

pytestmark = pytest.mark.anyio


@pytest.fixture
def arrivals(house: House) -> Arrivals:
    return Arrivals(house.process())


class Trusting:
    """Believes whoever knows the secret; remembers what it was shown."""

    fields = frozenset({"signingSecret"})

    def __init__(self) -> None:
        self.seen: list[str] = []

    def verify(self, headers: Mapping[str, str], body: bytes, fields: SecretFields, now: datetime) -> None:
        self.seen.append(fields["signingSecret"].reveal())
        if headers["secret"] != fields["signingSecret"].reveal():
            raise WebhookRefused

    def read(self, body: bytes) -> Received:
        return Received((InboundEvent("Ev1", "message", "C1", None, body.decode(), {}),), b"thanks")


async def test_a_repeat_is_passed_over_on_both_databases(arrivals: Arrivals) -> None:
    installation = await arrivals.installation()
    assert await arrivals.arrive(installation, "one", name="Ev1") == 1
    assert await arrivals.arrive(installation, "the same", name="Ev1") == 0
    assert await arrivals.states(installation) == [("waiting", 0)]


async def test_repeats_at_once_are_kept_once(arrivals: Arrivals) -> None:
    installation = await arrivals.installation()
    new = await asyncio.gather(*(arrivals.arrive(installation, "one", name="Ev1") for _ in range(12)))
    assert sum(new) == 1
    rows = await arrivals.process.sql("SELECT COUNT(*) AS n FROM audit WHERE kind = 'event.received'")
    assert [row.n for row in rows] == [1]


async def test_the_same_name_at_another_installation_is_another_event(arrivals: Arrivals) -> None:
    first = await arrivals.installation()
    second = await arrivals.installation(first.owner)
    assert [await arrivals.arrive(each, "one", name="Ev1") for each in (first, second)] == [1, 1]


async def test_an_event_of_an_installation_that_was_removed_meanwhile_is_not_kept(arrivals: Arrivals) -> None:
    installation = await arrivals.installation()
    await arrivals.process.sql("DELETE FROM installations")
    assert await arrivals.arrive(installation, "one") == 0
    assert await arrivals.process.sql("SELECT id FROM events") == []


async def test_removing_an_installation_removes_its_events_and_secret(arrivals: Arrivals) -> None:
    installation = await arrivals.installation()
    await arrivals.arrive(installation, "one")
    await arrivals.deliver(installation)
    await arrivals.process.sql("DELETE FROM installations")
    assert await arrivals.process.sql("SELECT id FROM events UNION ALL SELECT id FROM forward_secrets") == []
    assert await arrivals.deliver(installation) is None


async def test_a_rekey_beside_us_that_destroys_the_owner_key_loses_no_event(arrivals: Arrivals) -> None:
    process = arrivals.process
    installation, inbox = await arrivals.installation(), arrivals.inbox
    owner = installation.owner
    first = await inbox.contents.owner_keys.current(owner)
    _, fresh = process.vault.new_owner_key(owner, 2, process.clock())
    await process.database.write(key_rows.add, fresh)
    assert await process.database.write(key_rows.delete_unused, first.id)
    event = InboundEvent("Ev1", "message", "C1", None, "kept", {})
    assert await inbox.keep(installation, [event]) == 1
    renewed = process.forward_secrets()
    old = await renewed.owner_keys.current(owner)
    assert old.id == fresh.id


async def test_what_json_cannot_say_is_refused(arrivals: Arrivals) -> None:
    installation = await arrivals.installation()
    deep: Any = {}
    for _ in range(100_000):
        deep = {"in": deep}
    for raw in ({"n": float("inf")}, deep):
        with pytest.raises(InvalidBody):
            await arrivals.inbox.keep(installation, [InboundEvent("Ev1", "message", None, None, None, raw)])


async def test_secrets_are_opened_once_a_writing_and_no_others_than_are_needed(process: Process) -> None:
    arrivals, trusting = Arrivals(process), Trusting()
    installation = await arrivals.installation()
    inbox = replace(arrivals.inbox, listeners={"slack": trusting})
    await seal(process, installation.owner, installation.id, "first")
    reply = await inbox.receive("slack", installation.id, {"secret": "first"}, b"hello", NOWHERE)
    assert reply == b"thanks"
    await process.sql("UPDATE credentials SET sealed = :junk", junk=b"it is not looked at again")
    await inbox.receive("slack", installation.id, {"secret": "first"}, b"hello", NOWHERE)
    await seal(process, installation.owner, installation.id, "second")
    await inbox.receive("slack", installation.id, {"secret": "second"}, b"hello", NOWHERE)
    with pytest.raises(WebhookRefused):
        await inbox.receive("slack", installation.id, {"secret": "first"}, b"hello", NOWHERE)
    assert trusting.seen == ["first", "first", "second", "second"]
    assert all(set(fields) == {"signingSecret"} for _, fields in inbox.opened._kept.values())


async def test_an_installation_does_not_answer_to_the_secret_of_another(process: Process) -> None:
    arrivals = Arrivals(process)
    victim, other = await arrivals.installation(), await arrivals.installation()
    inbox = replace(arrivals.inbox, listeners={"slack": Trusting()})
    await seal(process, victim.owner, victim.id, "the victim's")
    await seal(process, other.owner, other.id, "the thief's")
    await inbox.receive("slack", other.id, {"secret": "the thief's"}, b"hello", NOWHERE)
    await process.sql(
        "UPDATE credentials SET revision = (SELECT revision FROM credentials WHERE integration_id = :other) "
        "WHERE integration_id = :victim", victim=victim.id, other=other.id,
    )  # fmt: skip
    with pytest.raises(SealBroken):
        await inbox.receive("slack", victim.id, {"secret": "the thief's"}, b"hello", NOWHERE)


async def test_a_writing_that_was_put_back_does_not_answer(process: Process) -> None:
    arrivals = Arrivals(process)
    installation = await arrivals.installation()
    inbox = replace(arrivals.inbox, listeners={"slack": Trusting()})
    await seal(process, installation.owner, installation.id, "leaked")
    await inbox.receive("slack", installation.id, {"secret": "leaked"}, b"hello", NOWHERE)
    [old] = await process.sql("SELECT sealed, revision FROM credentials")
    await seal(process, installation.owner, installation.id, "rotated")
    await inbox.receive("slack", installation.id, {"secret": "rotated"}, b"hello", NOWHERE)
    await process.sql("UPDATE credentials SET sealed = :s, revision = :r", s=old.sealed, r=old.revision)
    with pytest.raises(SealBroken):
        await inbox.receive("slack", installation.id, {"secret": "leaked"}, b"hello", NOWHERE)


async def test_nobody_is_let_in_by_the_decoy(process: Process) -> None:
    inbox = replace(Arrivals(process).inbox, listeners={"slack": Trusting()})
    headers = {"secret": inbox.decoy.reveal()}
    with pytest.raises(WebhookRefused):
        await inbox.receive("slack", "intg_01kb0h6v3m8x2q4r5s6t7v8w9x", headers, b"hello", NOWHERE)


async def seal(process: Process, owner: str, installation_id: str, signing: str) -> None:
    inbox = Arrivals(process).inbox
    ref = CredentialRef(owner, installation_id, None)
    fields = {"botToken": Secret("xoxb-whatever"), "signingSecret": Secret(signing)}

    async def write(credential: Any) -> None:
        await process.database.write(credentials.put, credential, process.entry(owner))

    await inbox.sealing.keep(load_catalog([FOLDER]).get("slack"), ref, fields, None, write)


def test_what_is_remembered_makes_room_for_what_is_new() -> None:
    remembered = Remembered[str, int](2)
    for number, name in enumerate("abca"):
        remembered.put(name, number)
    assert [remembered.get(name) for name in "abc"] == [3, None, 2]


async def test_two_processes_that_need_a_first_secret_agree_on_one(house: House) -> None:
    here, there = Arrivals(house.process()), Arrivals(house.process())
    installation = await here.installation()
    signings = await asyncio.gather(
        *(each.process.forward_secrets().signing(installation.owner, installation.id, None) for each in (here, there))
    )
    assert signings[0].secret == signings[1].secret
    assert signings[0].secret.reveal().startswith(PREFIX)


async def test_a_renewed_secret_signs_alone_once_the_grace_time_is_over(arrivals: Arrivals) -> None:
    installation, secrets = await arrivals.installation(), arrivals.process.forward_secrets()
    now = arrivals.process.clock()
    entry = arrivals.process.entry(installation.owner)
    first = await secrets.renew(installation.owner, installation.id, now + timedelta(hours=1), entry)
    second = await secrets.renew(installation.owner, installation.id, now + timedelta(hours=1), entry)
    assert second.at(now) == (second.secret, first.secret)
    assert second.at(now + timedelta(hours=1)) == (second.secret,)


async def test_a_rekey_beside_us_loses_no_renewed_secret(arrivals: Arrivals) -> None:
    process, installation = arrivals.process, await arrivals.installation()
    secrets, owner = process.forward_secrets(), installation.owner
    first = await secrets.owner_keys.current(owner)
    _, fresh = process.vault.new_owner_key(owner, 2, process.clock())
    await process.database.write(key_rows.add, fresh)
    assert await process.database.write(key_rows.delete_unused, first.id)
    renewed = await secrets.renew(owner, installation.id, process.clock(), process.entry(owner))
    [kept] = await process.sql("SELECT owner_key_id FROM forward_secrets")
    assert kept.owner_key_id == fresh.id
    assert renewed.secret.reveal().startswith(PREFIX)


async def test_a_secret_that_was_copied_to_another_installation_signs_nothing_there(process: Process) -> None:
    arrivals, secrets = Arrivals(process), process.forward_secrets()
    victim, other = await arrivals.installation(), await arrivals.installation()
    await secrets.signing(victim.owner, victim.id, None)
    kept = await process.database.read(forwarding.secret, victim.id)
    assert kept is not None
    assert await secrets.signing(victim.owner, victim.id, kept.sealed)
    for place in ((other.owner, other.id), (victim.owner, other.id), (other.owner, victim.id)):
        with pytest.raises(VaultFailed):
            await secrets.signing(*place, kept.sealed)


async def test_a_secret_that_does_not_open_any_more_can_be_renewed(process: Process) -> None:
    arrivals, secrets = Arrivals(process), process.forward_secrets()
    installation, until = await arrivals.installation(), process.clock() + timedelta(hours=1)
    place = (installation.owner, installation.id, until)
    await secrets.renew(*place, process.entry(installation.owner))
    await process.sql("UPDATE forward_secrets SET sealed = :junk", junk=b"changed")
    renewed = await secrets.renew(*place, process.entry(installation.owner))
    assert (renewed.previous, renewed.until) == (None, None)
    kept = await process.database.read(forwarding.secret, installation.id)
    assert kept is not None
    assert (await secrets.signing(*place[:2], kept.sealed)).secret == renewed.secret


async def test_of_two_renewals_at_once_both_secrets_that_were_shown_sign(house: House) -> None:
    here, there = Arrivals(house.process()), Arrivals(house.process())
    installation, until = await here.installation(), here.process.clock() + timedelta(hours=1)
    place, entry = (installation.owner, installation.id), here.process.entry(installation.owner)
    renewals = (each.process.forward_secrets().renew(*place, until, entry) for each in (here, there))
    shown = {renewed.secret.reveal() for renewed in await asyncio.gather(*renewals)}
    kept = await here.process.database.read(forwarding.secret, installation.id)
    assert kept is not None
    signing = await here.process.forward_secrets().signing(*place, kept.sealed)
    assert {secret.reveal() for secret in signing.at(here.process.clock())} == shown
