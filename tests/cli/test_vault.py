"""`moorings vault`: root keys are counted, replaced beside a server, and a rotation that was killed goes on."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from moorings import local as inside
from moorings.domain.secret import Secret
from moorings.services.owners import administrator
from moorings.vault.keyring import KeyFile
from tests.cli.terminal import Terminal, sentence
from tests.serving.process import Server

MORE_THAN_A_BATCH = 520


def test_the_status_counts_what_stands_under_each_key(local: Terminal) -> None:
    local.save("--no-verify")
    local.save("--no-verify", "--environment", "staging")
    assert local.json("vault", "status") == {"rootKeys": [_key("k1", current=True, owner_keys=1, records=2)]}
    assert "k1 current 1 2" in sentence(local.run("vault", "status").stdout)


def test_a_rotation_makes_a_new_key_and_counts_down_the_old_one(local: Terminal, data: Path) -> None:
    local.save("--no-verify")
    told = local.json("vault", "rotate")
    assert {name: told[name] for name in ("rootKey", "resumed", "rewrapped", "resealed", "unreadable")} == {
        "rootKey": "k2", "resumed": False, "rewrapped": 1, "resealed": 0, "unreadable": [],
    }  # fmt: skip
    assert told["rootKeys"] == [_key("k1"), _key("k2", current=True, owner_keys=1, records=1)]
    assert list(KeyFile(data / "root.keys").load()) == ["k1", "k2"]
    assert local.json("credentials", "status")["data"][0]["status"] == "unverified"


def test_with_reseal_every_record_is_sealed_anew_under_a_new_owner_key(local: Terminal, data: Path) -> None:
    local.save("--no-verify")
    before = _sealed(data)
    told = local.json("vault", "rotate", "--reseal")
    assert (told["rootKey"], told["resealed"], told["unreadable"]) == ("k2", 1, [])
    after = _sealed(data)
    assert before[0][0] != after[0][0]
    assert before[0][1] != after[0][1]
    assert local.json("credentials", "delete", "firecrawl", "--yes")["success"]


def test_people_are_told_what_is_left_and_what_may_be_destroyed(local: Terminal) -> None:
    local.save("--no-verify")
    told = sentence(local.run("vault", "rotate", "--reseal").stdout)
    assert "A new root key was made: k2 is current." in told
    assert "Owner keys re-wrapped: 1. Records sealed anew: 1." in told
    assert "0 records left under k1; it may be destroyed." in told


def test_a_destroyed_key_that_nothing_needs_is_no_problem(local: Terminal, data: Path) -> None:
    local.save("--no-verify")
    local.run("vault", "rotate", "--reseal")
    _take_away(data, "k1")
    assert local.json("vault", "status")["rootKeys"][0] == _key("k1", loaded=False)
    assert "not loaded, not needed" in sentence(local.run("vault", "status").stdout)
    assert local.json("credentials", "status")["data"][0]["status"] == "unverified"


def test_a_missing_key_is_a_failure_with_its_count(local: Terminal, data: Path) -> None:
    local.save("--no-verify")
    KeyFile(data / "root.keys").add()
    _take_away(data, "k1")
    told = local.json("vault", "status", code=1)
    assert told["rootKeys"][0] == _key("k1", loaded=False, owner_keys=1, records=1, missing=True)
    assert "k1 problem: missing, and needed 1 1" in sentence(local.run("vault", "status", code=1).stdout)
    # Nothing tells any more whether the first owner's row is right, until the operator says so.
    assert "k1 that tells is not loaded" in sentence(local.run("credentials", "status", code=1).output)
    local.run("vault", "attest", "--yes")
    assert local.json("credentials", "status")["data"][0]["status"] == "unreadable"


def test_a_rotation_that_ended_right_after_its_key_was_made_goes_on_with_that_key(local: Terminal, data: Path) -> None:
    local.save("--no-verify")
    KeyFile(data / "root.keys").add()
    told = local.json("vault", "rotate")
    assert (told["rootKey"], told["resumed"], told["rewrapped"]) == ("k2", True, 1)
    assert list(KeyFile(data / "root.keys").load()) == ["k1", "k2"]


def test_a_reseal_that_was_killed_goes_on_where_it_was(local: Terminal, data: Path) -> None:
    _fill(data, MORE_THAN_A_BATCH)
    _rotate_until(data, "Sealing records anew")
    under_old = _count_under_oldest(data)
    assert 0 < under_old < MORE_THAN_A_BATCH
    told = local.json("vault", "rotate", "--reseal")
    assert (told["rootKey"], told["resumed"], told["resealed"]) == ("k2", True, under_old)
    assert told["rootKeys"] == [_key("k1"), _key("k2", current=True, owner_keys=1, records=MORE_THAN_A_BATCH)]
    assert "The earlier rotation was finished" not in sentence(local.run("vault", "rotate").stdout)


def test_a_record_that_does_not_open_is_named_left_alone_and_hides_no_other(local: Terminal, data: Path) -> None:
    local.save("--no-verify")
    local.save("--no-verify", "--environment", "staging")
    with closing(sqlite3.connect(data / "moorings.db")) as database, database:
        database.execute("UPDATE credentials SET sealed = CAST(sealed || x'00' AS BLOB) WHERE environment = 'staging'")
    told = local.json("vault", "rotate", "--reseal", code=1)
    assert told["resealed"] == 1
    assert len(told["unreadable"]) == 1
    assert "firecrawl" in told["unreadable"][0]
    assert "staging" in told["unreadable"][0]
    result = local.run("vault", "rotate", "--reseal", code=1)
    assert "could not be opened" in sentence(result.stderr)


def test_keys_of_a_setting_are_rotated_by_whoever_writes_the_setting(local: Terminal, data: Path) -> None:
    local.save("--no-verify")
    keys = _setting(data)
    result = local.run("vault", "rotate", code=6, root_keys=keys)
    assert "MOORINGS_ROOT_KEYS" in result.stderr
    KeyFile(data / "root.keys").add()
    told = local.json("vault", "rotate", root_keys=_setting(data))
    assert (told["rootKey"], told["rewrapped"]) == ("k2", 1)


def test_a_rotation_beside_a_running_server_fails_none_of_its_calls(remote: Terminal, live: Server) -> None:
    remote.save("--environment", "production")
    beside = Terminal("beside", {"MOORINGS_DATA_DIR": str(live.folder / "data")})
    before = beside.json("vault", "status")["rootKeys"]
    told = beside.json("vault", "rotate", "--reseal")
    assert told["rootKey"] == f"k{len(before) + 1}"
    assert told["unreadable"] == []
    remote.save("--environment", "staging")
    remote.save("--environment", "production")
    [entry] = remote.json("credentials", "status")["data"]
    assert entry["environments"] == ["staging", "production"]
    remote.json("credentials", "delete", "firecrawl", "--environment", "production", "--yes")


@pytest.mark.parametrize("arguments", [["vault", "status"], ["vault", "rotate"], ["owners", "list"]])
def test_what_is_done_on_the_machine_takes_no_address(local: Terminal, arguments: list[str]) -> None:
    local.run(*arguments, "--url", "http://127.0.0.1:9", code=2)


def _key(name: str, **more: Any) -> dict[str, Any]:
    plain = {"loaded": True, "current": False, "owner_keys": 0, "records": 0, "missing": False, **more}
    return {"id": name, "ownerKeys": plain.pop("owner_keys"), **plain}


def _sealed(data: Path) -> list[tuple[bytes, str]]:
    with closing(sqlite3.connect(data / "moorings.db")) as database:
        return list(database.execute("SELECT sealed, owner_key_id FROM credentials"))


def _count_under_oldest(data: Path) -> int:
    with closing(sqlite3.connect(data / "moorings.db")) as database:
        statement = "SELECT count(*) FROM credentials JOIN owner_keys k ON k.id = owner_key_id WHERE k.generation = 1"
        return int(database.execute(statement).fetchone()[0])


def _take_away(data: Path, name: str) -> None:
    path = data / "root.keys"
    kept = [line for line in path.read_text().splitlines(keepends=True) if not line.startswith(f"{name} ")]
    path.write_text("".join(kept))


def _setting(data: Path) -> str:
    entries = [line.split() for line in (data / "root.keys").read_text().splitlines() if not line.startswith("#")]
    return ",".join(":".join(entry) for entry in entries)


def _fill(data: Path, count: int) -> None:
    """So many records of one owner."""

    async def fill() -> None:
        async with inside.operator(data) as operator:
            owner, _ = await operator.hub.owners.first()
            admin = administrator(owner)
            reserved = [
                await operator.hub.integrations.reserve(admin, "firecrawl", None, None, None) for _ in range(count)
            ]
            fields = {"apiKey": Secret("fc-a-key")}
            saves = (operator.hub.credentials.save(admin, item.id, None, fields, verify=False) for item in reserved)
            await asyncio.gather(*saves)

    asyncio.run(fill())


class _Killed(BaseException):
    pass


def _rotate_until(data: Path, step: str) -> None:
    """A reseal that ends in the middle, as a kill ends it: what was committed stands, the rest was never done."""

    def progress(what: str, done: int, total: int) -> None:
        if what == step:
            raise _Killed

    async def rotate() -> None:
        async with inside.operator(data) as operator:
            await operator.rotate(reseal=True, progress=progress)

    with pytest.raises(_Killed):
        asyncio.run(rotate())
