"""The audit trail on the command line: verified on the machine, exported from anywhere."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.cli.terminal import Terminal


def change(data: Path, statement: str) -> None:
    """Change the database as someone else with a way to it would."""
    with closing(sqlite3.connect(data / "moorings.db")) as connection, connection:
        connection.execute(statement)


def test_a_whole_trail_is_said_to_be_so_with_its_end(local: Terminal) -> None:
    local.save("--no-verify")
    [report] = local.json("audit", "verify")["data"]
    assert (report["name"], report["problem"]) == ("default", None)
    end = f"{report['entries']}:{report['hash']}"
    assert end in local.run("audit", "verify").stdout
    local.save("--no-verify")
    local.run("audit", "verify", "--expect", end)
    wrong = f"{report['entries']}:{'0' * 64}"
    assert "not the one of the earlier look" in local.run("audit", "verify", "--expect", wrong, code=1).stderr
    local.run("audit", "verify", "--expect", "1:x", code=2)


def test_a_changed_trail_is_named_with_its_first_wrong_entry(local: Terminal, data: Path) -> None:
    local.run("owners", "create", "acme")
    for _ in range(3):
        local.save("--no-verify")
    change(data, "UPDATE audit SET actor = 'nobody' WHERE sequence = 2")
    said = local.run("audit", "verify", code=1)
    assert "default: Entry 2 was changed" in said.stderr
    assert "acme: 1 entries are whole" in said.stdout
    reports = {report["name"]: report for report in local.json("audit", "verify", code=1)["data"]}
    assert (reports["default"]["sequence"], reports["acme"]["sequence"]) == (2, None)
    assert local.json("audit", "verify", "--owner", "acme")["total"] == 1


def test_a_trail_without_its_end_is_noticed(local: Terminal, data: Path) -> None:
    local.save("--no-verify")
    change(data, "DELETE FROM audit WHERE sequence = (SELECT max(sequence) FROM audit)")
    assert "missing" in local.run("audit", "verify", code=1).stderr


def test_an_export_is_one_object_a_line(place: Terminal) -> None:
    place.save("--no-verify", "-e", "staging")
    events = [json.loads(line) for line in place.run("audit", "export").stdout.splitlines()]
    assert events[0]["kind"] == "credentials.saved"
    assert [event["sequence"] for event in events] == list(range(len(events), 0, -1))
    [saved] = place.run("audit", "export", "--integration", "firecrawl", "-e", "staging").stdout.splitlines()
    assert json.loads(saved) == events[0]
    assert place.run("audit", "export", "--kind", "key.revoked").stdout == ""
    place.run("audit", "export", "--from", "yesterday", code=2)
