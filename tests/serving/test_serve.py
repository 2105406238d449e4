"""`moorings serve`: what it says, what it refuses, and how it ends."""

import asyncio
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from moorings import app
from moorings.domain.secret import Secret
from moorings.emulators.registry import all_emulators
from moorings.services.owners import administrator
from moorings.serving.announcement import first_key
from moorings.serving.stand_ins import delivery
from moorings.settings import load
from moorings.vault.keyring import KeyFile
from tests.serving.process import ADMIN_KEY, ANSWERS_AT, PATIENCE, Server, begun, command, environment, run, serving

pytestmark = pytest.mark.slow

OWN_KEY = "a-key-of-the-operator-with-enough-characters"
CONFIGURATION, FAILED = 6, 1


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server at its very first start, with the stand-ins beside it."""
    with serving(tmp_path_factory.mktemp("fresh"), "--emulators", loglevel="hunter2-Zq7") as server:
        yield server


def test_a_misspelt_setting_is_named_at_start_without_its_value(fresh: Server) -> None:
    told = "MOORINGS_LOGLEVEL is not a setting and is ignored; did you mean MOORINGS_LOG_LEVEL?"
    assert fresh.logged.count(told) == 1
    assert "hunter2" not in fresh.logged


def test_the_first_start_prints_an_admin_key_that_works(fresh: Server) -> None:
    with fresh.client() as client:
        keys = client.get("/v1/api-keys").json()
    assert [key["scopes"] for key in keys["data"]] == [["*"]]
    assert fresh.admin_key is not None
    assert keys["data"][0]["preview"].endswith(fresh.admin_key[-4:])


def test_the_first_start_tells_of_the_root_key_and_to_back_it_up(fresh: Server) -> None:
    path = fresh.folder / "data" / "root.keys"
    assert str(path) in fresh.said
    assert "Back it up" in fresh.said
    assert list(KeyFile(path).load()) == ["k1"]


def test_what_is_made_is_readable_by_its_owner_alone(fresh: Server) -> None:
    for path in (fresh.folder / "data", *(fresh.folder / "data").iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name


def test_the_log_of_a_start_holds_no_key(fresh: Server) -> None:
    assert fresh.admin_key is not None
    assert fresh.admin_key not in fresh.logged


def test_a_good_key_is_verified_by_the_stand_in_and_saved(fresh: Server) -> None:
    for name, emulator in all_emulators().items():
        with fresh.client() as client:
            body = {"credentials": dict(emulator.credentials()), "environment": "production"}
            answer = client.post(f"/v1/integrations/{name}/credentials", json=body)
        if answer.json().get("code") == "OWN_INSTALL_CALL":
            continue
        assert answer.status_code == 200, f"{name}: {answer.text}"
        assert answer.json()["verifiedAt"] is not None


def test_what_stand_ins_send_to_the_public_address_comes_here() -> None:
    public = delivery(load(public_url="https://hub.example.com", port=8750))
    assert public.routes == {"https://hub.example.com": "http://127.0.0.1:8750"}
    assert delivery(load()).routes == {}


def test_a_bot_of_the_stand_in_manages_others(fresh: Server) -> None:
    with fresh.client() as client:
        answer = client.get("/v1/integrations/telegram/managed/availability").json()
    assert (answer["available"], answer["managerBotUsername"]) == (True, "emulated_manager_bot")


def test_a_bad_key_is_refused_by_the_stand_in_and_not_saved(fresh: Server) -> None:
    with fresh.client() as client:
        body = {"credentials": {"apiKey": "fc-a-key-that-nobody-accepts"}, "environment": "staging"}
        answer = client.post("/v1/integrations/firecrawl/credentials", json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "CREDENTIALS_REJECTED")
        status = client.get("/v1/integrations/credentials/status?integrationId=firecrawl&environment=staging").json()
    assert status["data"][0]["configured"] is False


def test_a_second_server_on_the_same_port_refuses_and_the_first_goes_on(fresh: Server, tmp_path: Path) -> None:
    second = run("serve", "--port", str(fresh.port), "--data-dir", tmp_path / "other")
    assert second.returncode == CONFIGURATION
    assert f"port {fresh.port}" in second.stderr
    assert "Traceback" not in second.stderr
    for _ in range(8):
        assert httpx2.get(f"{fresh.address}/v1/health", trust_env=False).status_code == 200


def test_stand_ins_on_a_taken_port_are_told_by_the_setting_that_moves_them(fresh: Server, tmp_path: Path) -> None:
    taken = fresh.stand_ins.rpartition(":")[2]
    variables = environment(port="0", emulators_port=taken, data_dir=str(tmp_path / "data"))
    second = run("serve", "--emulators", variables=variables)
    assert second.returncode == CONFIGURATION
    assert f"port {taken}" in second.stderr
    assert "MOORINGS_EMULATORS_PORT" in second.stderr


def test_two_servers_started_at_the_same_moment_do_not_share_a_port(tmp_path: Path) -> None:
    """A supervisor that starts twice must not end with two servers that each take half of the calls."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (
        begun(tmp_path / "one", "serve", port=str(port)) as first,
        begun(tmp_path / "two", "serve", port=str(port)) as second,
    ):
        until = time.monotonic() + PATIENCE
        while None not in (first.process.poll(), second.process.poll()) or not (first.said or second.said):
            assert time.monotonic() < until, "neither of them answers"
            time.sleep(0.05)
        time.sleep(1)
        codes = {first.process.poll(), second.process.poll()}
    assert codes == {None, CONFIGURATION}


def test_a_later_start_prints_neither_key_nor_notice_and_the_first_key_still_works(tmp_path: Path) -> None:
    with serving(tmp_path) as first:
        key = first.admin_key
        assert first.end(signal.SIGINT)[0] == 0
    with serving(tmp_path) as second:
        assert second.admin_key is None
        assert "root key" not in second.said
        with second.client(key) as client:
            assert client.get("/v1/api-keys").json()["total"] == 1


def test_a_first_start_says_that_it_begins_a_database_and_a_later_one_does_not(fresh: Server, tmp_path: Path) -> None:
    assert f"database was begun: {fresh.folder / 'data' / 'moorings.db'}" in fresh.said
    _first_start(tmp_path / "data")
    with serving(tmp_path) as later:
        assert "begun" not in later.said


@pytest.mark.parametrize("spoiled", ["missing", "empty"])
def test_a_database_that_is_gone_from_beside_its_keys_is_not_begun_anew_unasked(tmp_path: Path, spoiled: str) -> None:
    """A restore left half done must not become a server that knows nobody."""
    data = tmp_path / "data"
    _first_start(data)
    (data / "moorings.db").unlink()
    if spoiled == "empty":
        (data / "moorings.db").touch()
    ended = run("serve", "--port", "0", "--data-dir", data)
    assert ended.returncode == CONFIGURATION
    for told in (str(data / "moorings.db"), str(data / "root.keys"), "k1", "--new-database"):
        assert told in ended.stderr, ended.stderr
    assert ended.stdout == ""
    with serving(tmp_path, "--new-database") as server:
        assert server.admin_key is not None
        assert "database was begun" in server.said
        assert "root key was made" not in server.said


def test_keys_that_a_setting_gives_are_there_before_the_first_start(tmp_path: Path) -> None:
    with serving(tmp_path, root_keys=f"k1:{'A' * 43}=") as server:
        assert "database was begun" in server.said


def test_the_operators_own_key_works_and_no_other_is_printed(tmp_path: Path) -> None:
    with serving(tmp_path, admin_key=OWN_KEY) as server:
        assert not ADMIN_KEY.search(server.said)
        assert OWN_KEY not in server.said + server.logged
        with server.client(OWN_KEY) as client:
            assert client.get("/v1/api-keys").json() == {"data": [], "total": 0, "nextCursor": None}
            assert client.post("/v1/api-keys", json={"name": "a", "scopes": ["*"]}).status_code == 201


def test_after_commands_on_the_data_directory_the_first_start_still_prints_its_key(tmp_path: Path) -> None:
    _first_start(tmp_path / "data")
    with serving(tmp_path) as server:
        assert server.admin_key is not None
        with server.client() as client:
            assert client.get("/v1/integrations").status_code == 200


def test_it_answers_from_the_moment_it_says_so(tmp_path: Path) -> None:
    variables = environment(port="0", data_dir=str(tmp_path / "data"))
    with subprocess.Popen(command("serve"), env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603 - our own command
        assert process.stdout is not None
        match = ANSWERS_AT.search(process.stdout.readline().decode())
        assert match
        try:
            assert httpx2.get(f"{match[1]}/v1/health", trust_env=False).status_code == 200
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_though_clients_hold_their_connections(tmp_path: Path, name: int) -> None:
    with serving(tmp_path, "--emulators", admin_key=OWN_KEY) as server, server.client(OWN_KEY) as client:
        body = {"credentials": {"apiKey": "fc-some-key"}, "verify": False}
        assert client.post("/v1/integrations/firecrawl/credentials", json=body).status_code == 200
        code, seconds = server.end(name)
    assert code == 0, server.logged
    assert seconds < 5
    assert "Traceback" not in server.logged
    assert not list((tmp_path / "data").glob("*-wal")), "the database was not closed"


def test_a_signal_does_not_wait_for_a_provider_that_never_answers(tmp_path: Path) -> None:
    with serving(tmp_path, "--emulators", admin_key=OWN_KEY, provider_timeout="12") as server:
        script = f"{server.stand_ins}/__control/firecrawl"
        httpx2.put(script, json={"delayMs": 60_000}, trust_env=False).raise_for_status()
        with ThreadPoolExecutor(1) as threads:
            waiting = threads.submit(_save, server)
            time.sleep(0.5)
            code, seconds = server.end()
            assert waiting.exception() is not None or waiting.result().status_code >= 500
    assert code == 0, server.logged
    assert seconds < 5


def test_the_address_of_the_sixth_protocol_can_be_pasted(tmp_path: Path) -> None:
    with serving(tmp_path, host="::1") as server:
        assert server.address.startswith("http://[::1]:")


def test_without_the_root_key_that_vouches_for_its_rows_no_server_starts_and_the_key_is_named(tmp_path: Path) -> None:
    _first_start(tmp_path / "data")
    file = KeyFile(tmp_path / "data" / "root.keys")
    file.add()
    lines = file.path.read_text().splitlines(keepends=True)
    file.path.write_text("".join(line for line in lines if not line.startswith("k1 ")))
    ended = run("serve", "--port", "0", "--data-dir", tmp_path / "data")
    assert ended.returncode == FAILED
    warned, refused = ended.stderr.strip().splitlines()
    assert "a root key is missing" in warned
    assert "root_key=k1 owner_keys=1 records=1" in warned, "so many records want it"
    assert "k1" in refused
    assert "moorings doctor" in refused


@pytest.mark.parametrize(
    "spoiled", ["wrong root key", "missing root key", "corrupt database", "a file as data directory"]
)
def test_what_cannot_be_started_is_told_in_a_sentence(tmp_path: Path, spoiled: str) -> None:
    data = tmp_path / "data"
    if spoiled == "a file as data directory":
        data.write_text("not a directory")
    else:
        _first_start(data)
    if spoiled in {"wrong root key", "missing root key"}:
        (data / "root.keys").unlink()
    if spoiled == "wrong root key":
        KeyFile(data / "root.keys").add()
    if spoiled == "corrupt database":
        (data / "moorings.db").write_bytes(b"this is no database " * 500)
    ended = run("serve", "--port", "0", "--data-dir", data)
    assert ended.returncode in (FAILED, CONFIGURATION)
    assert "Traceback" not in ended.stderr
    assert 1 <= len(ended.stderr.strip().splitlines()) <= 4
    assert ended.stdout == ""


def test_a_wrong_setting_ends_the_start_with_its_name(tmp_path: Path) -> None:
    ended = run("serve", "--data-dir", tmp_path / "data", variables=environment(workers="3", port="0"))
    assert ended.returncode == CONFIGURATION
    assert "MOORINGS_WORKERS" in ended.stderr
    assert "PostgreSQL" in ended.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.anyio
async def test_servers_that_start_for_the_first_time_at_once_make_one_admin_key(tmp_path: Path) -> None:
    """Two that each make one leave a key that nobody was shown, or was shown twice."""
    chosen = load(data_dir=tmp_path / "data")
    async with app.running(chosen) as first, app.running(chosen) as second:
        made = await asyncio.gather(*(first_key(each.hub) for each in (first, second, first, second)))
        owner, _ = await first.hub.owners.first()
        kept = (await first.hub.api_keys.page(administrator(owner))).keys
    assert len(kept) == 1
    assert len([key for key in made if key is not None]) == 1


def _save(server: Server) -> httpx2.Response:
    with server.client(OWN_KEY) as client:
        body = {"credentials": {"apiKey": "fc-some-key"}}
        return client.post("/v1/integrations/firecrawl/credentials", json=body)


def _first_start(data: Path) -> None:
    """A data directory as a server leaves it, with one credential in it."""

    async def start() -> None:
        async with app.running(load(data_dir=data)) as running:
            owner, _ = await running.hub.owners.first()
            fields = {"apiKey": Secret("fc-a-key")}
            await running.hub.credentials.save(administrator(owner), "firecrawl", None, fields, verify=False)

    asyncio.run(start())
