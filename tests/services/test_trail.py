"""The audit trail: read within one's bounds, and every way to change it is noticed, on both databases."""

import asyncio
import sqlite3
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from moorings.domain.audit import AuditEntry, AuditWish, ChainReport, Kind, chained
from moorings.domain.caller import Caller, Scope
from moorings.errors import Clash, EnvironmentForbidden, InvalidEnvironment, MissingScope
from moorings.services.rekey import Rekey
from moorings.store import audit
from moorings.store import trail as rows
from tests.services.house import START, House, Process

pytestmark = pytest.mark.anyio


@pytest.fixture
async def process(anyio_backend: str, house: House) -> Process:
    return house.process()


async def written(process: Process, count: int = 9) -> str:
    """An owner with a chain of so many entries."""
    owner = (await process.admin()).owner
    for number in range(count - 1):
        await process.database.write(audit.append, entry(process, owner, f"thing {number}"))
    return owner


def entry(process: Process, owner: str, subject: str, **more: Any) -> AuditEntry:
    return replace(AuditEntry(owner, process.clock(), Kind.CREDENTIALS_SAVED, "key_1", subject), **more)


async def verified(process: Process, owner: str, **more: Any) -> ChainReport:
    [report] = await process.trail.verify(owner, **more)
    return report


async def test_a_whole_chain_is_found_whole_with_its_end(process: Process) -> None:
    owner = await written(process)
    report = await verified(process, owner)
    assert (report.entries, report.problem, report.sequence) == (9, None, None)
    assert [one.problem for one in await process.trail.verify(None)] == [None]


def at(number: int, what: str) -> str:
    """A statement about one entry of the owner."""
    return f"{what} WHERE owner = :owner AND sequence = {number}"


def moved(place: int, to: int) -> str:
    return at(place, f"UPDATE audit SET sequence = {to}")  # noqa: S608 - our own text


def copied(place: int, to: int) -> str:
    names = "kind, actor, subject, outcome, hash"
    copy = f"INSERT INTO audit (owner, sequence, at, {names}) SELECT owner, {to}, at, {names} FROM audit"  # noqa: S608 - our own text
    return at(place, copy)


CUT = "DELETE FROM audit WHERE owner = :owner AND sequence > "
HEAD = "UPDATE audit_heads SET {} WHERE owner = :owner"
SET_BACK = "sequence = 5, hash = (SELECT hash FROM audit a WHERE a.owner = audit_heads.owner AND a.sequence = 5)"
TAMPERINGS: dict[str, tuple[int, list[str]]] = {
    "an actor changed": (4, [at(4, "UPDATE audit SET actor = 'other'")]),
    "a time changed": (4, [at(4, "UPDATE audit SET at = at + 1")]),
    "an outcome hidden": (1, [at(1, "UPDATE audit SET outcome = 'x'")]),
    "an unknown kind": (4, [at(4, "UPDATE audit SET kind = 'nothing'")]),
    "the first removed": (1, [at(1, "DELETE FROM audit")]),
    "one removed": (4, [at(4, "DELETE FROM audit")]),
    "one removed and the rest moved up": (4, [at(4, "DELETE FROM audit"), *(moved(n, n - 1) for n in range(5, 10))]),
    "the last removed": (9, [at(9, "DELETE FROM audit")]),
    "the tail cut off": (6, [f"{CUT} 5"]),
    "all removed": (1, [f"{CUT} 0"]),
    "two exchanged": (4, [moved(4, 99), moved(6, 4), moved(99, 6)]),
    "one put in": (6, [*(moved(n, n + 1) for n in range(9, 5, -1)), copied(5, 6)]),
    "one added at the end": (10, [copied(9, 10)]),
    "a time that is none": (4, [at(4, "UPDATE audit SET at = 99999999999999999")]),
    "the head removed": (9, ["DELETE FROM audit_heads WHERE owner = :owner"]),
    "the head's proof changed": (9, [HEAD.format("proof = hash")]),
    "the head's key changed": (9, [HEAD.format("root_key_id = 'k9'")]),
    "the tail cut off and the head set back": (5, [f"{CUT} 5", HEAD.format(SET_BACK)]),
}
LONGER = ("one put in", "one added at the end")
"""Where an entry stands in the place of the next one, the database itself refuses that."""


async def tampered(process: Process, kind: str) -> str:
    owner = await written(process)
    for statement in TAMPERINGS[kind][1]:
        await process.sql(statement, owner=owner)
    return owner


async def test_whatever_is_done_to_a_chain_its_first_wrong_entry_is_named(process: Process) -> None:
    owners = {kind: await tampered(process, kind) for kind in TAMPERINGS}
    named = {kind: (await verified(process, owner)).sequence for kind, owner in owners.items()}
    assert named == {kind: first for kind, (first, _) in TAMPERINGS.items()}


async def test_a_chain_that_was_tampered_with_stays_so_when_it_grows(process: Process) -> None:
    """What comes after must not prove what was forged."""
    for kind in TAMPERINGS:
        owner = await tampered(process, kind)
        for number in range(3):
            with pytest.raises(Clash) if kind in LONGER else nullcontext():
                await process.database.write(audit.append, entry(process, owner, f"later {number}"))
        assert (await verified(process, owner)).problem is not None, kind


async def test_a_chain_made_anew_from_an_entry_on_does_not_lead_to_the_proven_end(process: Process) -> None:
    """The hashes hold no secret: who can write to the database can make them all anew, but not the proof."""
    owner = await written(process)
    found, _ = await process.database.read(rows.forward, owner, 0, 100)
    before = found[2].hash
    for recorded in found[3:]:
        forged = replace(recorded.entry, actor="nobody")
        before = chained(before, recorded.sequence, forged)
        change = at(recorded.sequence, "UPDATE audit SET actor = 'nobody', hash = :hash")
        await process.sql(change, owner=owner, hash=before)
    assert "made anew" in str((await verified(process, owner)).problem)
    report = await verified(process, owner, expected=(5, found[4].hash))
    assert report.sequence == 5


async def test_an_earlier_look_tells_of_a_whole_database_put_back(process: Process) -> None:
    """An old copy is whole in itself: only what was kept elsewhere tells."""
    owner = await written(process, 5)
    kept = await process.sql("SELECT * FROM audit_heads WHERE owner = :owner", owner=owner)
    await process.database.write(audit.append, entry(process, owner, "unwelcome"))
    seen = await verified(process, owner)
    await process.sql(at(6, "DELETE FROM audit"), owner=owner)
    await process.sql(
        "UPDATE audit_heads SET sequence = 5, hash = :hash, proof = :proof WHERE owner = :owner",
        owner=owner, hash=bytes(kept[0].hash), proof=bytes(kept[0].proof),
    )  # fmt: skip
    assert (await verified(process, owner)).problem is None
    report = await verified(process, owner, expected=(seen.entries, seen.hash))
    assert report.problem == "Entry 6 of the earlier look is missing."


async def test_the_chains_of_owners_are_judged_apart(process: Process) -> None:
    good, bad = await written(process), await written(process)
    await process.sql(TAMPERINGS["one removed"][1][0], owner=bad)
    assert {one.owner: one.problem is None for one in await process.trail.verify(None)} == {good: True, bad: False}


async def test_a_chain_is_verified_while_it_grows(house: House) -> None:
    ours, other = house.process(), house.process()
    owner = await written(ours, 2)

    async def grow() -> None:
        for number in range(60):
            await other.database.write(audit.append, entry(other, owner, f"thing {number}"))

    growing = asyncio.create_task(grow())
    while not growing.done():
        assert (await verified(ours, owner)).problem is None
        await asyncio.sleep(0)
    await growing
    assert (await verified(ours, owner)).entries == 62


async def test_long_chains_are_walked_in_parts(process: Process) -> None:
    owner, trail = await written(process, 12), replace(process.trail, batch=4)
    [report] = await trail.verify(owner)
    assert (report.entries, report.problem) == (12, None)
    await process.sql(TAMPERINGS["one removed"][1][0], owner=owner)
    [report] = await trail.verify(owner)
    assert report.sequence == 4


async def test_a_new_root_key_proves_all_ends_and_the_old_one_may_go(house: House) -> None:
    process = house.process()
    owners = [await written(process, 3) for _ in range(3)]
    rekey = Rekey(process.vault, process.database, process.owners, process.notary, process.clock)
    await rekey.run(reseal=False, progress=lambda *_: None)
    text = house.key_file.path.read_text()
    house.key_file.path.write_text("\n".join(line for line in text.splitlines() if not line.startswith("k1 ")) + "\n")
    fresh = house.process()
    assert fresh.keyring.ids == ["k2"]
    assert [one.problem for one in await fresh.trail.verify(None)] == [None] * len(owners)


async def test_a_running_process_proves_under_the_new_root_key_at_once(house: House) -> None:
    serving, beside = house.process(), house.process()
    owner = await written(serving, 3)
    rekey = Rekey(beside.vault, beside.database, beside.owners, beside.notary, beside.clock)
    await rekey.run(reseal=False, progress=lambda *_: None)
    await serving.database.write(audit.append, entry(serving, owner, "later"))
    late = await written(serving, 1)
    keys = await serving.sql("SELECT DISTINCT root_key_id FROM audit_heads")
    assert [tuple(row) for row in keys] == [("k2",)]
    assert [(await verified(beside, one)).problem for one in (owner, late)] == [None, None]


async def test_a_re_key_does_not_prove_what_was_forged(process: Process) -> None:
    await written(process, 1)  # the first owner, in whose trail a re-key stands
    process.clock.advance(seconds=1)
    owner = await tampered(process, "the tail cut off and the head set back")
    rekey = Rekey(process.vault, process.database, process.owners, process.notary, process.clock)
    outcome = await rekey.run(reseal=False, progress=lambda *_: None)
    assert any(owner in told for told in outcome.unreadable)
    assert (await verified(process, owner)).problem is not None


@pytest.fixture
async def reader(process: Process) -> Caller:
    """Who may read the trail of an owner to whom something happened."""
    owner = await written(process, 1)
    happened = [
        ("firecrawl", "production", "key_1", Kind.CREDENTIALS_SAVED),
        ("firecrawl/scrape", "production", "key_2", Kind.TOOL_EXECUTED),
        ("firecrawl-x", None, "key_1", Kind.CREDENTIALS_SAVED), ("slack", "staging", "key_1", Kind.CREDENTIALS_DELETED),
    ]  # fmt: skip
    for subject, environment, actor, kind in happened:
        process.clock.advance(minutes=1)
        made = entry(process, owner, subject, environment=environment, actor=actor, kind=kind)
        await process.database.write(audit.append, made)
    return Caller("key_r", owner, frozenset({Scope.AUDIT}))


FILTERS: dict[str, tuple[AuditWish, list[int]]] = {
    "all": (AuditWish(), [5, 4, 3, 2, 1]),
    "integration with its tools": (AuditWish(subject="firecrawl"), [3, 2]),
    "environment": (AuditWish(environment="staging"), [5]),
    "actor": (AuditWish(actor="key_1"), [5, 4, 2]),
    "kind": (AuditWish(kind=Kind.TOOL_EXECUTED), [3]),
    "since": (AuditWish(since=START + timedelta(minutes=3)), [5, 4]),
    "until": (AuditWish(until=START + timedelta(minutes=2)), [2, 1]),
    "several": (AuditWish(subject="firecrawl", actor="key_2", environment="production"), [3]),
    "nothing": (AuditWish(subject="fire%"), []),
}


async def test_entries_are_found_by_each_part_the_newest_first(process: Process, reader: Caller) -> None:
    for name, (wish, expected) in FILTERS.items():
        page = await process.trail.page(reader, wish, None, 100)
        assert [one.sequence for one in page.entries] == expected, name
        assert page.before is None


async def test_pages_hold_each_entry_once(process: Process, reader: Caller) -> None:
    found: list[int] = []
    before: int | None = None
    for _ in range(3):
        page = await process.trail.page(reader, AuditWish(), before, 2)
        found, before = [*found, *(one.sequence for one in page.entries)], page.before
    assert (found, before) == ([5, 4, 3, 2, 1], None)


async def test_a_page_looks_at_so_many_entries_only_and_says_where_to_go_on(process: Process, reader: Caller) -> None:
    trail = replace(process.trail, scanned=2)
    page = await trail.page(reader, AuditWish(subject="firecrawl"), None, 10)
    assert (page.entries, page.before) == ([], 4)
    page = await trail.page(reader, AuditWish(subject="firecrawl"), page.before, 10)
    assert ([one.sequence for one in page.entries], page.before) == ([3, 2], 2)


async def test_a_bound_key_sees_its_environments_alone(process: Process, reader: Caller) -> None:
    bound = replace(reader, environments=frozenset({"staging"}))
    page = await process.trail.page(bound, AuditWish(), None, 100)
    assert [one.sequence for one in page.entries] == [5, 4]
    with pytest.raises(EnvironmentForbidden):
        await process.trail.page(bound, AuditWish(environment="production"), None, 100)


async def test_without_the_scope_nothing_is_read(process: Process, reader: Caller) -> None:
    with pytest.raises(MissingScope):
        await process.trail.page(replace(reader, scopes=frozenset({Scope.WRITE})), AuditWish(), None, 1)
    with pytest.raises(InvalidEnvironment):
        await process.trail.page(reader, AuditWish(environment="nowhere"), None, 1)


async def test_another_owner_s_entries_are_not_there(process: Process, reader: Caller) -> None:
    other = Caller("key_o", await written(process, 2), frozenset({Scope.AUDIT}))
    page = await process.trail.page(other, AuditWish(subject="firecrawl"), None, 100)
    assert page.entries == []


async def test_an_entry_that_holds_what_no_entry_can_is_named_and_holds_up_no_other_owner(sqlite_house: House) -> None:
    process = sqlite_house.process()
    for change in ("at = 'abc'", "hash = 'abc'", "kind = x'ff00'", "actor = 7", "outcome = x'00'"):
        owner = await written(process)
        await process.sql(at(4, f"UPDATE audit SET {change}"), owner=owner)  # noqa: S608 - our own text
        assert (await verified(process, owner)).sequence == 4, change
    whole = await written(process)
    reports = {report.owner: report.problem for report in await process.trail.verify(None)}
    assert reports[whole] is None
    assert len([problem for problem in reports.values() if problem]) == 5


async def test_an_owner_who_was_deleted_is_named_by_what_is_left(sqlite_house: House) -> None:
    process = sqlite_house.process()
    gone, headless, whole = [await written(process) for _ in range(3)]
    with closing(sqlite3.connect(sqlite_house.folder / "moorings.db")) as other, other:  # it keeps no foreign keys
        other.execute("DELETE FROM owners WHERE id IN (?, ?)", (gone, headless))
        other.execute("DELETE FROM audit WHERE owner = ?", (headless,))
    reports = {report.owner: report for report in await process.trail.verify(None)}
    assert (reports[gone].entries, reports[whole].problem) == (9, None)
    assert "own row is gone" in str(reports[gone].problem)
    assert "Entries 1 to 9 are missing" in str(reports[headless].problem)
