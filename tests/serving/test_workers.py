"""Several processes on PostgreSQL: all of them answer, and a revoked key is refused by all."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import psutil
import pytest

from moorings.emulators.registry import all_emulators
from tests import postgresql
from tests.serving.process import PATIENCE, Server, serving

pytestmark = pytest.mark.slow

OWN_KEY = "a-key-of-the-operator-with-enough-characters"
CONNECTIONS = 12


@pytest.fixture(scope="module")
def server(databases: postgresql.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two processes with the stand-ins beside them, and both have joined."""
    settings = {"workers": "2", "database_url": databases.migrated(), "admin_key": OWN_KEY}
    with serving(tmp_path_factory.mktemp("workers"), "--emulators", **settings) as found:
        _wait_for_children(found, 1)
        yield found


def test_every_process_answers(server: Server) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(server.client(OWN_KEY)) for _ in range(CONNECTIONS)]
        assert {client.get("/v1/integrations").status_code for client in clients} == {200}
        assert len(_who_serves(server)) == 2


def test_what_one_process_saved_every_other_shows(server: Server) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(server.client(OWN_KEY)) for _ in range(CONNECTIONS)]
        body = {"credentials": {"apiKey": "fc-some-key"}, "verify": False}
        assert clients[0].post("/v1/integrations/firecrawl/credentials", json=body).status_code == 200
        path = "/v1/integrations/credentials/status?integrationId=firecrawl"
        assert {client.get(path).json()["data"][0]["configured"] for client in clients} == {True}


def test_a_revoked_key_is_refused_by_every_process_within_a_second(server: Server) -> None:
    with ExitStack() as stack:
        admin = stack.enter_context(server.client(OWN_KEY))
        made = admin.post("/v1/api-keys", json={"name": "short", "scopes": ["INTEGRATIONS:READ"]}).json()
        clients = [stack.enter_context(server.client(made["key"])) for _ in range(CONNECTIONS)]
        assert {client.get("/v1/integrations").status_code for client in clients} == {200}
        assert len(_who_serves(server)) == 2
        assert admin.delete(f"/v1/api-keys/{made['id']}").status_code == 200
        time.sleep(1)
        assert {client.get("/v1/integrations").status_code for client in clients} == {401}


def test_the_first_start_of_several_processes_makes_one_admin_key_and_prints_it(
    databases: postgresql.Server, tmp_path: Path
) -> None:
    with serving(tmp_path, workers="3", database_url=databases.empty()) as server:
        _wait_for_children(server, 2)
        assert server.admin_key is not None
        with server.client() as client:
            assert client.get("/v1/api-keys").json()["total"] == 1
        keys = (tmp_path / "data" / "root.keys").read_text()
        assert [line.split()[0] for line in keys.splitlines() if not line.startswith("#")] == ["k1"]
        code, seconds = server.end(signal.SIGTERM)
    assert (code, seconds < 5) == (0, True), server.logged


def test_what_was_typed_holds_for_every_process(databases: postgresql.Server, tmp_path: Path) -> None:
    """Quotas are shared between processes by their number, and a log is read by a program in one form."""
    settings = {"database_url": databases.migrated(), "admin_key": OWN_KEY, "rate_limit_key": "1000"}
    typed = ("--workers", "2", "--log-format", "json", "--log-level", "debug")
    with serving(tmp_path, *typed, **settings) as server, ExitStack() as stack:
        _wait_for_children(server, 1)
        clients = [stack.enter_context(server.client(OWN_KEY)) for _ in range(CONNECTIONS)]
        answers = [client.get("/v1/integrations") for client in clients]
        assert len(_who_serves(server)) == 2
        assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"500"}
        assert server.end()[0] == 0
    assert [line for line in server.logged.splitlines() if not line.startswith("{")] == []


def test_every_process_takes_the_stand_ins_for_the_providers(server: Server) -> None:
    body = {"credentials": dict(all_emulators()["firecrawl"].credentials())}
    with ExitStack() as stack:
        clients = [stack.enter_context(server.client(OWN_KEY)) for _ in range(CONNECTIONS)]
        path = "/v1/integrations/firecrawl/credentials"
        assert {client.post(path, json=body).status_code for client in clients} == {200}
        assert len(_who_serves(server)) == 2


def test_when_one_process_is_killed_the_server_ends_and_leaves_none_behind(
    databases: postgresql.Server, tmp_path: Path
) -> None:
    settings = {"workers": "2", "database_url": databases.migrated(), "admin_key": OWN_KEY}
    with serving(tmp_path, **settings) as server:
        [child] = _wait_for_children(server, 1)
        child.kill()
        code = server.process.wait(PATIENCE)
        assert code != 0, "whoever supervises the server restarts what failed, not what ended well"
    assert not child.is_running()
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{server.address}/v1/health", trust_env=False)


def _wait_for_children(server: Server, count: int) -> list[psutil.Process]:
    """Until so many processes beside the first listen on the port."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = [
            child for child in psutil.Process(server.process.pid).children(recursive=True) if _listens(child, server)
        ]
        if len(found) >= count:
            return found
        time.sleep(0.05)
    raise AssertionError(f"only {len(found)} of {count} processes have joined: {server.logged}")


def _listens(process: psutil.Process, server: Server) -> bool:
    try:
        places = process.net_connections("tcp")
    except psutil.Error:
        return False
    return any(place.laddr.port == server.port and place.status == psutil.CONN_LISTEN for place in places)


def _who_serves(server: Server) -> set[int]:
    """The processes that hold a connection of a client."""
    family = [psutil.Process(server.process.pid), *psutil.Process(server.process.pid).children(recursive=True)]
    return {
        process.pid
        for process in family
        for place in process.net_connections("tcp")
        if place.laddr.port == server.port and place.status == psutil.CONN_ESTABLISHED
    }
