"""`moorings doctor --leak-test`: finds nothing on a good server, and finds what a bad one gives away."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import pytest

from moorings import app, proof
from moorings.cli.exits import Exit
from moorings.cli.wiring import Target
from moorings.domain.marker import Marker
from moorings.settings import load
from tests import postgresql
from tests.cli.terminal import Terminal, sentence
from tests.contract.loopback import serving as listening
from tests.serving.process import Server, serving

PLANTED = Marker("planted", "0123456789abcdef01234567", "fc-0123456789abcdef01234567aa")
RESERVED = {
    "id": "intg_00000000000000000000000000", "type": "firecrawl", "name": "leak test", "status": "pending",
    "environment": None, "account": None, "webhookUrl": None, "forwardUrl": None, "createdAt": "2026-01-01T00:00:00Z",
    "updatedAt": "2026-01-01T00:00:00Z", "verifiedAt": None, "expiresAt": None, "delivery": None, "reason": None,
    "problem": None,
}  # fmt: skip
SAVED = {"success": True, "integrationId": "i", "environment": None, "account": None, "verifiedAt": None}


async def leaky(
    scope: MutableMapping[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """A server that answers well, and says again what it was sent."""
    if scope["type"] != "http":
        return
    body = (await receive()).get("body", b"")
    known = RESERVED if scope["path"] == "/v1/integrations" else {**SAVED, "message": "done"}
    answer = {**known, "echo": body.decode()}
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


def test_nothing_is_found_on_the_local_data_directory_and_nothing_is_left_behind(local: Terminal) -> None:
    told = local.json("doctor", "--leak-test")
    assert told["found"] == []
    assert told["secrets"] >= 20
    sizes = {place["name"]: place["bytes"] for place in told["places"]}
    assert all(sizes[name] > 0 for name in ("answers", "database, every value", "moorings.db"))
    assert "root.keys" not in sizes
    assert not installed(local)


def installed(terminal: Terminal) -> list[object]:
    """Whatever is installed there."""
    return [found for each in terminal.json("integrations", "list")["data"] for found in each["installations"]]


def test_nothing_is_found_in_a_postgresql_and_nothing_is_left_behind(
    databases: postgresql.Server, tmp_path: Path
) -> None:
    at = {"MOORINGS_DATA_DIR": str(tmp_path / "data"), "MOORINGS_DATABASE_URL": databases.migrated()}
    local = Terminal("local", at)
    told = local.json("doctor", "--leak-test")
    assert (told["found"], told["secrets"] >= 20) == ([], True)
    sizes = {place["name"]: place["bytes"] for place in told["places"]}
    assert sizes["database, every value"] > 0
    assert "moorings.db" not in sizes
    assert not installed(local)


def test_nothing_is_found_on_a_live_server_on_postgresql(databases: postgresql.Server, tmp_path: Path) -> None:
    url, key = databases.migrated(), "a-key-of-forty-characters-for-this-test-1"
    with serving(tmp_path, database_url=url, admin_key=key) as server:
        remote = Terminal("remote", {"MOORINGS_URL": server.address, "MOORINGS_API_KEY": key})
        data = ("--data-dir", str(tmp_path / "data"), "--log", str(server.log))
        told = remote.json("doctor", "--leak-test", *data, database_url=url)
    assert told["found"] == []
    sizes = {place["name"]: place["bytes"] for place in told["places"]}
    assert sizes["database, every value"] > 0
    assert "moorings.db" not in sizes


def test_nothing_is_found_on_a_live_server_its_database_and_its_log(remote: Terminal, live: Server) -> None:
    log = live.folder / "a copy of the log"
    log.write_text("2026-01-01 INFO a call\n")
    told = remote.json("doctor", "--leak-test", "--data-dir", str(live.folder / "data"), "--log", str(log))
    assert told["found"] == []
    assert {"answers", log.name, "database, every value", "moorings.db"} <= {each["name"] for each in told["places"]}


def test_without_its_data_directory_a_live_servers_answers_alone_are_searched(remote: Terminal) -> None:
    shown = sentence(remote.run("doctor", "--leak-test").stdout)
    assert "not searched" in shown
    assert "none was found" in shown


def test_what_a_server_says_again_is_found_and_is_a_failure(remote: Terminal) -> None:
    with listening(leaky) as address:
        result = remote.run("doctor", "--leak-test", "--url", address, code=Exit.FAILED)
    assert "the secret of 'a credential' stands in answer" in sentence(result.stderr)
    assert "fc-" not in result.stderr


def test_what_stands_in_a_log_is_found_also_across_two_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "server.log"
    log.write_bytes(b"x" * (proof.CHUNK - 10) + PLANTED.value.encode() + b"x" * 100)
    assert proof._in_file(log, [PLANTED])[:1] == ["the secret of 'planted' stands in server.log, plain"]


def test_a_log_that_is_not_there_is_told(local: Terminal) -> None:
    result = local.run("doctor", "--leak-test", "--log", "no-such.log", code=Exit.WRONG_INPUT)
    assert "no-such.log cannot be read" in sentence(result.stderr)


@pytest.mark.anyio
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_what_stands_in_the_database_is_found(
    databases: postgresql.Server, tmp_path: Path, database: str
) -> None:
    url, key = databases.migrated() if database == "postgresql" else None, "a-key-of-forty-characters-for-this-test-1"
    async with app.running(load(data_dir=tmp_path, database_url=url, admin_key=key)) as running:
        hub = running.hub
        caller = await hub.access.caller(key)
        await hub.integrations.reserve(caller, "firecrawl", f"of {PLANTED.value}", None, None)
        searched = await running.search.everywhere([PLANTED])
    assert "the secret of 'planted' stands in the table installations, plain" in searched.found


@pytest.mark.anyio
async def test_a_remote_server_wants_a_key() -> None:
    with pytest.raises(Exception, match="wants an API key"):
        await proof.leak_test(Target(url="http://127.0.0.1:9"), [])
