"""`moorings doctor`: what is wrong, how much it matters, and what to do next."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from moorings.providers.registry import FOLDER
from moorings.vault.keyring import KeyFile
from tests.cli.terminal import Terminal, sentence
from tests.serving.process import Server

NOWHERE = "http://127.0.0.1:9"


def test_a_directory_where_nothing_was_started_yet_is_a_warning_and_stays_untouched(
    local: Terminal, tmp_path: Path
) -> None:
    found = _findings(local, data_dir=str(tmp_path / "fresh"))
    assert found["configuration"]["level"] == "ok"
    assert found["database"]["level"] == "warning"
    assert "moorings serve" in found["database"]["nextStep"]
    assert not (tmp_path / "fresh").exists()


def test_a_database_that_is_gone_from_beside_its_keys_is_a_problem(local: Terminal, data: Path) -> None:
    (data / "moorings.db").unlink()
    problem = _problem(local)
    assert "k1" in problem["message"]
    assert "Put the database back" in problem["nextStep"]


def test_a_good_server_has_nothing_to_do(local: Terminal) -> None:
    local.save("--no-verify")
    found = _findings(local)
    assert {name: finding["level"] for name, finding in found.items()} == {
        "configuration": "ok", "database": "ok", "disk": "ok", "root keys": "ok", "attested rows": "ok",
        "stored rows": "ok",
        "stored credentials": "ok",
        "reachability": "ok",
    }  # fmt: skip
    assert "1 owner" in found["database"]["message"]
    assert all(finding["nextStep"] is None for finding in found.values())


def test_a_misspelt_setting_is_named_without_its_value(local: Terminal) -> None:
    found = local.json("doctor", admin_keys="hunter2-Zq7-hunter2-Zq7-hunter2-Zq7")["findings"]
    [told] = [finding for finding in found if finding["check"] == "configuration" and finding["level"] == "warning"]
    assert told["message"] == "MOORINGS_ADMIN_KEYS is not a setting and is ignored; did you mean MOORINGS_ADMIN_KEY?"
    assert "hunter2" not in str(found)


def test_a_key_that_was_changed_in_the_database_is_named_with_what_to_do(local: Terminal, data: Path) -> None:
    made = local.json("keys", "create", "reader", "--scope", "INTEGRATIONS:READ")
    with closing(sqlite3.connect(data / "moorings.db")) as database, database:
        database.execute("UPDATE api_keys SET scopes = '[\"*\"]' WHERE id = ?", (made["id"],))
    finding = _findings(local, code=1)["attested rows"]
    assert finding["level"] == "problem"
    assert made["id"] in finding["message"]
    assert "moorings vault attest" in finding["nextStep"]
    shown = local.run("vault", "attest", text="n\n", code=1)
    assert made["id"] in shown.stdout
    assert local.json("vault", "attest", "--yes") == {"attested": 1, "rows": [{"table": "api_keys", "id": made["id"]}]}
    assert _findings(local)["attested rows"]["level"] == "ok"
    assert "Every row is as Moorings wrote it." in local.run("vault", "attest").stdout


def test_a_first_owner_that_is_not_believed_is_told_and_can_be_attested(local: Terminal, data: Path) -> None:
    local.save("--no-verify")
    with closing(sqlite3.connect(data / "moorings.db")) as database, database:
        database.execute("UPDATE owners SET attested_by = NULL, attestation = NULL")
    finding = _findings(local, code=1)["attested rows"]
    assert "1 of owners" in finding["message"]
    assert "moorings vault attest" in finding["nextStep"]
    local.run("vault", "attest", "--yes")
    assert local.json("credentials", "status")["data"]


def test_looking_changes_nothing(local: Terminal, data: Path) -> None:
    local.run("doctor")
    before = {path.name: path.read_bytes() for path in data.iterdir()}
    local.run("doctor")
    assert {path.name: path.read_bytes() for path in data.iterdir()} == before


def test_people_see_a_table_and_the_next_steps_by_number(local: Terminal, data: Path) -> None:
    local.save("--no-verify")
    (data / "root.keys").unlink()
    shown = sentence(local.run("doctor", code=1).stdout)
    assert "ok configuration" in shown
    assert "problem" in shown
    assert "1. Put the right key file back" in shown


def test_a_lost_key_file_is_a_problem_with_the_way_out(local: Terminal, data: Path) -> None:
    local.save("--no-verify")
    (data / "root.keys").unlink()
    problem = _problem(local)
    assert "no root key is loaded (wanted: k1)" in problem["message"]
    assert "key file" in problem["nextStep"]
    assert not (data / "root.keys").exists()


def test_another_key_under_the_same_number_is_a_problem(local: Terminal, data: Path) -> None:
    local.save("--no-verify")
    (data / "root.keys").unlink()
    KeyFile(data / "root.keys").add()
    assert "k1" in _problem(local)["message"]


def test_one_missing_key_of_several_is_a_problem_with_its_count(local: Terminal, data: Path) -> None:
    local.save("--no-verify")
    path = data / "root.keys"
    KeyFile(path).add()
    path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if not line.startswith("k1 ")))
    problem = _problem(local)
    assert "k1 is not loaded; 1 records" in problem["message"]
    assert "Restore k1" in problem["nextStep"]
    assert "their root key is not loaded" in _findings(local, code=1)["attested rows"]["message"]


def test_a_rotation_that_was_not_finished_is_a_warning(local: Terminal, data: Path) -> None:
    local.save("--no-verify")
    KeyFile(data / "root.keys").add()
    finding = _findings(local)["root keys"]
    assert finding["level"] == "warning"
    assert "moorings vault rotate" in finding["nextStep"]


@pytest.mark.parametrize("content", [b"this is no database " * 500, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_damaged_database_is_a_problem_and_the_backup_is_named(local: Terminal, data: Path, content: bytes) -> None:
    (data / "moorings.db").write_bytes(content)
    problem = _problem(local)
    assert "damaged" in problem["message"]
    assert "backup" in problem["nextStep"]


def test_a_key_file_that_others_can_read_is_a_problem(local: Terminal, data: Path) -> None:
    (data / "root.keys").chmod(0o644)
    assert f"chmod 600 {data / 'root.keys'}" in _problem(local)["message"]


def test_a_directory_in_the_place_of_a_file_is_told_as_one(local: Terminal, data: Path) -> None:
    for name in ("root.keys", "moorings.db"):
        (data / name).rename(data / "aside")
        (data / name).mkdir()
        problem = _problem(local)
        assert f"{data / name} is a directory" in problem["message"]
        assert "Do what the message says" in problem["nextStep"]
        (data / name).rmdir()
        (data / "aside").rename(data / name)


@pytest.mark.parametrize("content", [b"\xff\xfe\x88 no text", b"k1", b"k1 not-base64", b"k1 AAAA", b"nonsense\n"])
def test_a_key_file_that_holds_something_else_is_a_problem(local: Terminal, data: Path, content: bytes) -> None:
    (data / "root.keys").write_bytes(content)
    assert "root" in _problem(local)["message"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "many"),
        ("log_level", "loud"),
        ("workers", "3"),
        ("admin_key", "too short"),
        ("upstreams", "no json"),
        ("environments", "Production"),
        ("trusted_proxies", "not a network"),
        ("catalogue_dir", "no/such/folder"),
        ("root_keys", "k1:not-a-key"),
        ("database_url", "not an address"),
    ],
)
def test_a_wrong_setting_is_a_problem_that_names_it(local: Terminal, name: str, value: str) -> None:
    problem = _problem(local, **{name: value})
    assert f"MOORINGS_{name.upper()}" in problem["message"]
    assert problem["nextStep"]


def test_a_database_that_is_not_there_is_a_problem_without_its_password(local: Terminal) -> None:
    url = "postgresql://moorings:hunter2@127.0.0.1:9/moorings?connect_timeout=2"
    result = local.run("doctor", "--json", code=1, database_url=url)
    assert "hunter2" not in result.output
    assert "cannot be reached" in result.stdout
    assert "MOORINGS_DATABASE_URL leads to 127.0.0.1:9/moorings" in result.stdout
    assert "Start the database" in result.stdout


@pytest.mark.parametrize("text", ["schema = 2", "not toml at all [", 'schema = 1\nid = "acme"\ncolour = "blue"'])
def test_a_bad_manifest_of_the_operators_is_a_problem_that_names_it(local: Terminal, tmp_path: Path, text: str) -> None:
    (tmp_path / "own" / "acme").mkdir(parents=True)
    (tmp_path / "own" / "acme" / "manifest.toml").write_text(text)
    problem = _problem(local, catalogue_dir=str(tmp_path / "own"))
    assert "acme/manifest.toml" in problem["message"]


def test_a_manifest_that_would_replace_one_of_ours_is_a_problem(local: Terminal, tmp_path: Path) -> None:
    (tmp_path / "own" / "exa").mkdir(parents=True)
    (tmp_path / "own" / "exa" / "manifest.toml").write_text((FOLDER / "exa" / "manifest.toml").read_text())
    assert "exa" in _problem(local, catalogue_dir=str(tmp_path / "own"))["message"]


def test_hosts_that_cannot_be_reached_are_a_warning_that_counts_and_names_them(local: Terminal, upstreams: str) -> None:
    addresses = {**json.loads(upstreams), "exa": NOWHERE}
    finding = _findings(local, upstreams=json.dumps(addresses))["reachability"]
    assert finding["level"] == "warning"
    assert "1 of 2 hosts" in finding["message"]
    assert "MOORINGS_PROXY" in finding["nextStep"]


def test_a_remote_server_that_is_well_has_nothing_to_do(remote: Terminal) -> None:
    [finding] = remote.json("doctor")["findings"]
    assert (finding["check"], finding["level"]) == ("server", "ok")


@pytest.mark.parametrize("url", [NOWHERE, "http://127.0.0.1:port", "not an address"])
def test_a_remote_server_that_does_not_answer_is_a_problem(url: str) -> None:
    nowhere = Terminal("nowhere", {"MOORINGS_URL": url, "MOORINGS_API_KEY": "a-key"})
    problem = _problem(nowhere)
    assert url in problem["message"]
    assert "--url" in problem["nextStep"]


@pytest.mark.parametrize("key", ["mrg_unknown", "mrg_…9a2c"])
def test_a_bad_key_is_a_problem(live: Server, key: str) -> None:
    stranger = Terminal("stranger", {"MOORINGS_URL": live.address, "MOORINGS_API_KEY": key})
    assert "API key" in _problem(stranger)["nextStep"]


def test_a_key_without_the_scope_to_read_is_a_problem(remote: Terminal) -> None:
    made = remote.json("keys", "create", "narrow", "--scope", "AUDIT:READ")
    narrow = Terminal("narrow", {**remote.variables, "MOORINGS_API_KEY": made["key"]})
    assert "scopes" in _problem(narrow)["nextStep"]


def _findings(terminal: Terminal, code: int = 0, **variables: str) -> dict[str, Any]:
    """The findings by what was looked at, after checking their form."""
    found = terminal.json("doctor", code=code, **variables)["findings"]
    assert all(set(finding) == {"check", "level", "message", "nextStep"} for finding in found)
    assert all(finding["nextStep"] for finding in found if finding["level"] != "ok")
    return {finding["check"]: finding for finding in found}


def _problem(terminal: Terminal, **variables: str) -> Any:
    """The one problem."""
    found = [finding for finding in _findings(terminal, 1, **variables).values() if finding["level"] == "problem"]
    assert len(found) == 1, found
    return found[0]
