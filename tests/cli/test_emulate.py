"""`moorings emulate`: stand-ins on loopback that accept exactly what `--show` prints."""

import re
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from moorings.catalog.catalog import load_catalog
from moorings.domain.secret import Secret
from moorings.emulators.registry import all_emulators
from moorings.providers.registry import FOLDER
from tests.cli.terminal import Terminal, lines
from tests.serving.process import Server, begun, wait_for_answer

pytestmark = pytest.mark.slow

TERMINAL = Terminal("anywhere")
FIRST = {
    "exa", "firecrawl", "github", "linear", "notion", "openai", "anthropic", "elevenlabs", "tavily", "resend", "stripe",
    "hubspot",
}  # fmt: skip


def test_every_first_integration_has_a_stand_in() -> None:
    assert set(TERMINAL.json("emulate", "--show")) >= FIRST


def test_each_accepted_credential_is_valid_under_its_fields_pattern() -> None:
    catalog = load_catalog([FOLDER])
    own_call = {entry.id for entry in load_catalog([FOLDER]) if entry.installed_by}
    for name, values in TERMINAL.json("emulate", "--show").items():
        if name in own_call:
            continue
        integration = catalog.get(name)
        integration.check({field: Secret(value) for field, value in values.items()})
        for field in integration.fields:
            if field.pattern and field.name in values:
                assert re.search(field.pattern, values[field.name]), f"{name} {field.name}"


def test_the_table_shows_the_same() -> None:
    shown = lines(TERMINAL.run("emulate", "--show").stdout)
    for name, emulator in all_emulators().items():
        for field in emulator.credentials():
            assert any(line.startswith(f"{name} {field}") for line in shown), name


def test_no_example_of_a_manifest_is_accepted_by_a_stand_in() -> None:
    """An example is never a working one."""
    emulators = all_emulators()
    for entry in load_catalog([FOLDER]):
        accepted = emulators[entry.id].credentials() if entry.id in emulators else {}
        for field in entry.fields:
            assert not field.secret or field.example != accepted.get(field.name), f"{field.name} of {entry.id}"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "moorings.example", ""])  # noqa: S104 - it is refused
def test_it_listens_on_this_machine_alone(host: str) -> None:
    result = TERMINAL.run("emulate", "--host", host, "--port", "0", code=2)
    assert "loopback" in result.stderr


def test_a_taken_port_is_a_clear_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = TERMINAL.run("emulate", "--port", str(port), code=6)
    assert f"port {port}" in result.stderr


def test_what_is_shown_is_accepted_and_everything_else_refused(remote: Terminal) -> None:
    own_call = {entry.id for entry in load_catalog([FOLDER]) if entry.installed_by}
    for name, values in TERMINAL.json("emulate", "--show").items():
        if name in own_call:
            continue
        text = "{" + ", ".join(f'"{field}": "{value}"' for field, value in values.items()) + "}"
        assert remote.json("credentials", "save", name, "--from", "-", text=text)["verifiedAt"], name
        wrong = "".join(text[: text.rindex('"')]) + 'x"}'
        remote.run("credentials", "save", name, "--from", "-", "-e", "staging", text=wrong, code={2, 5})
    held = remote.json("credentials", "status")["data"]
    assert {tuple(entry["environments"]) for entry in held} == {(None,)}


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_ends_cleanly(tmp_path: Path, name: int) -> None:
    with begun(tmp_path, "emulate", "--port", "0") as server:
        wait_for_answer(server)
        _is_emulating(server)
        code, seconds = server.end(name)
    assert (code, seconds < 5) == (0, True), server.logged
    assert "Traceback" not in server.logged


def test_a_call_that_waits_does_not_hold_the_end(tmp_path: Path) -> None:
    with begun(tmp_path, "emulate", "--port", "0") as server, ThreadPoolExecutor() as pool:
        wait_for_answer(server)
        token = all_emulators()["telegram"].credentials()["botToken"]
        address = f"{server.address}/telegram/bot{token}/getUpdates?timeout=40"
        polling = pool.submit(httpx2.get, address, trust_env=False, timeout=50)
        time.sleep(0.3)
        code, seconds = server.end()
        assert (code, seconds < 5) == (0, True), server.logged
        assert polling.result(5).json() == {"ok": True, "result": []}


def _is_emulating(server: Server) -> None:
    listed = httpx2.get(f"{server.address}/__control", trust_env=False).json()["emulators"]
    assert {entry["integrationId"] for entry in listed} == set(all_emulators())
