"""A backup beside a running server, and the way back: after a kill, over a stale log, and never under a server."""

import shutil
import signal
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest

from moorings.cli.exits import Exit
from tests.cli.terminal import Terminal, sentence
from tests.serving.process import Server, serving

OWN_KEY = "a-key-of-the-operator-with-enough-characters"
PATH = "/v1/integrations/firecrawl/credentials"


def test_after_a_kill_the_backup_is_whole_again_and_the_stale_log_is_not_applied(tmp_path: Path) -> None:
    """What stands in the -wal of a killed server belongs to the file that was lost, and would spoil the new one."""
    here = Terminal("here", {"MOORINGS_DATA_DIR": str(tmp_path / "data")})
    with serving(tmp_path, "--emulators", admin_key=OWN_KEY) as server:
        _save(server, "staging")
        made = here.json("backup", str(tmp_path / "backup"))
        for number in range(40):
            _save(server, "production", f"fc-{number}-some-other-key")
        server.end(signal.SIGKILL)
    assert (tmp_path / "data" / "moorings.db-wal").stat().st_size > 0, "the test wants a log that was left behind"
    assert made["bytes"] == Path(made["file"]).stat().st_size
    restored = here.json("restore", str(tmp_path / "backup"))
    assert restored["rootKeysThere"] is True
    aside = Path(restored["aside"])
    assert {path.name for path in aside.iterdir()} >= {"moorings.db", "moorings.db-wal"}
    assert "whole" in here.run("audit", "verify").stdout
    [entry] = here.json("credentials", "status")["data"]
    assert entry["environments"] == ["staging"]
    with serving(tmp_path, "--emulators", admin_key=OWN_KEY) as server, server.client(OWN_KEY) as client:
        ran = client.post("/v1/integrations/firecrawl/tools/scrape_page/execute", json={
            "environment": "staging", "parameters": {"url": "https://example.com"},
        })  # fmt: skip
        assert ran.json()["success"] is True, ran.text


def test_a_backup_is_one_file_that_nobody_else_reads_and_it_replaces_none(local: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "backups" / "monday"
    said = sentence(local.run("backup", str(folder)).stdout)
    assert "root keys are not in it" in said
    assert [path.name for path in folder.iterdir()] == ["moorings.db"]
    assert stat.S_IMODE((folder / "moorings.db").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    before = (folder / "moorings.db").read_bytes()
    assert "another directory" in local.run("backup", str(folder), code=Exit.WRONG_INPUT).stderr
    assert (folder / "moorings.db").read_bytes() == before


def test_nothing_is_restored_under_a_running_server(local: Terminal, live: Server, tmp_path: Path) -> None:
    local.run("backup", str(tmp_path / "backup"))
    under = Terminal("under", {"MOORINGS_DATA_DIR": str(live.folder / "data")})
    refused = under.run("restore", str(tmp_path / "backup"), code=Exit.FAILED)
    assert "nothing was changed" in refused.stderr
    assert not list((live.folder / "data").glob("replaced-*"))
    assert not list((live.folder / "data").glob("*.new"))


@pytest.mark.parametrize("content", [b"", b"this is no database " * 500, "not of Moorings", None])
def test_what_is_no_backup_changes_nothing(local: Terminal, data: Path, tmp_path: Path, content: Any) -> None:
    backup = tmp_path / "backup"
    backup.mkdir()
    if isinstance(content, bytes):
        (backup / "moorings.db").write_bytes(content)
    elif content:
        sqlite3.connect(backup / "moorings.db").execute("CREATE TABLE notes (text)").connection.close()
    before = {path.name: path.read_bytes() for path in data.iterdir() if path.suffix != ".lock"}
    local.run("restore", str(backup), code={Exit.WRONG_INPUT, Exit.FAILED})
    assert {path.name: path.read_bytes() for path in data.iterdir() if path.suffix != ".lock"} == before


def test_on_a_new_machine_the_missing_root_keys_are_told(local: Terminal, data: Path, tmp_path: Path) -> None:
    local.save("--no-verify")
    local.run("backup", str(tmp_path / "backup"))
    there = Terminal("there", {"MOORINGS_DATA_DIR": str(tmp_path / "new")})
    ended = there.run("restore", str(tmp_path / "backup" / "moorings.db"))
    assert "root.keys" in ended.stderr
    shutil.copy(data / "root.keys", tmp_path / "new" / "root.keys")
    assert there.json("credentials", "status")["data"][0]["configured"] is True


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_postgresql_has_tools_of_its_own_which_are_named(tmp_path: Path, command: str) -> None:
    url = "postgresql://moorings:hunter2@127.0.0.1:9/moorings"
    refused = Terminal("there").run(command, str(tmp_path / "x"), code=Exit.CONFIGURATION, database_url=url)
    assert "pg_dump" in refused.stderr if command == "backup" else "pg_restore" in refused.stderr
    assert "hunter2" not in refused.output
    assert not (tmp_path / "x").exists()


def test_where_there_is_no_database_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    refused = Terminal("nowhere").run("backup", str(tmp_path / "x"), code=Exit.CONFIGURATION)
    assert "There is no database" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def _save(server: Server, environment: str, key: str = "fc-emulated0000000000000000firecrawl") -> None:
    with server.client(OWN_KEY) as client:
        body = {"environment": environment, "credentials": {"apiKey": key}, "verify": False}
        client.post(PATH, json=body).raise_for_status()
