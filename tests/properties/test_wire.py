"""What only a real connection shows: large bodies, odd requests, and a connection that goes on after an error."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.http.judge import REQUEST_ID
from tests.properties.live import Live, serving

ADMIN = "w" * 40
SAVE = "/v1/integrations/harbour/credentials"
MEBIBYTE = 1024 * 1024
TIMES = 40
HEADERS = {"Authorization": f"Bearer {ADMIN}", "Content-Type": "application/json"}
BODY = json.dumps({"credentials": {"apiKey": "hb_over-the-wire-0001"}, "verify": False}).encode()

Connection = http.client.HTTPConnection


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("server"), admin_key=ADMIN) as found:
        yield found


@pytest.fixture
def connection(live: Live) -> Iterator[Connection]:
    place = urlsplit(live.url)
    with closing(Connection(place.hostname or "", place.port, timeout=10)) as found:
        yield found


def ask(connection: Connection, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """The status and the JSON of the answer, which must have a request id and, if an error, the one shape."""
    connection.request(method, path, body, {**HEADERS, **headers})
    answer = connection.getresponse()
    content = answer.read()
    assert REQUEST_ID.fullmatch(answer.headers["x-request-id"])
    found: Any = json.loads(content) if content else None
    if answer.status >= 400 and method != "HEAD":
        assert {"error", "code", "requestId"} <= set(found)
        assert found["requestId"] == answer.headers["x-request-id"]
    return answer.status, found


def pieces(size: int) -> Iterator[bytes]:
    for start in range(0, size, 65_536):
        yield b" " * min(65_536, size - start)


def test_a_body_over_the_limit_is_413_with_its_length_declared(connection: Connection) -> None:
    status, body = ask(connection, "POST", SAVE, b" " * (MEBIBYTE + 1))
    assert (status, body["code"]) == (413, "BODY_TOO_LARGE")


def test_a_body_over_the_limit_is_413_in_pieces(connection: Connection) -> None:
    connection.request("POST", SAVE, pieces(MEBIBYTE + 65_536), HEADERS, encode_chunked=True)
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize(("key", "status"), [(ADMIN, 413), ("nobody", 401)])
def test_whoever_sends_too_much_hears_why_every_time(live: Live, key: str, status: int) -> None:
    heard: list[int | str] = []
    with httpx2.Client(base_url=live.url, trust_env=False, headers={"Authorization": f"Bearer {key}"}) as caller:
        for _ in range(TIMES):
            try:
                heard.append(caller.post(SAVE, content=b" " * (3 * MEBIBYTE)).status_code)
            except httpx2.TransportError as error:
                heard.append(type(error).__name__)  # the server hung up on unread bytes, and the answer was lost
    assert heard == [status] * TIMES


def test_a_body_of_exactly_the_limit_is_read(connection: Connection) -> None:
    assert ask(connection, "POST", SAVE, BODY.ljust(MEBIBYTE))[0] == 200


def test_a_declared_length_alone_is_enough_to_refuse(live: Live) -> None:
    place = urlsplit(live.url)
    with socket.create_connection((place.hostname, place.port), timeout=5) as raw:
        head = f"POST {SAVE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ADMIN}\r\nContent-Length: {10**12}\r\n\r\n"
        raw.sendall(head.encode())
        assert raw.recv(4096).startswith(b"HTTP/1.1 413")


def test_a_connection_goes_on_after_errors(connection: Connection) -> None:
    assert ask(connection, "GET", "/v1/nowhere")[0] == 404
    assert ask(connection, "PUT", "/v1/integrations")[0] == 405
    assert ask(connection, "POST", SAVE, b"nonsense")[0] == 400
    assert ask(connection, "GET", "/v1/integrations", Authorization="nobody")[0] == 401
    assert ask(connection, "DELETE", SAVE, b"{}", **{"Content-Length": "2"})[0] in (200, 404)
    assert ask(connection, "GET", "/v1/integrations")[0] == 200


def test_a_deletion_with_a_body_leaves_the_connection_in_order(connection: Connection) -> None:
    assert ask(connection, "POST", SAVE, BODY)[0] == 200
    assert ask(connection, "DELETE", SAVE, b"{}")[0] == 200
    assert ask(connection, "GET", "/v1/integrations/tools")[0] == 200
    assert ask(connection, "DELETE", SAVE, b"x" * 300_000)[0] in (400, 404)
    connection.close()  # HTTP allows a server to hang up on a body that it did not want
    assert ask(connection, "GET", "/v1/integrations/tools")[0] == 200


@pytest.mark.parametrize(
    "path", ["/v1/integrations/har%62our", "/v1/integrations/harbour?x=%ff%fe", "/v1/integrations?q=%F0%9F%9A%A2"]
)
def test_encoded_paths_and_queries_are_read(connection: Connection, path: str) -> None:
    assert ask(connection, "GET", path)[0] in (200, 400)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/integrations/%ff%fe",
        "/v1/integrations/a%2Fb",
        "/v1/integrations/..%2f..",
        "/v1/integrations/%00",
        "/v1//integrations",
    ],
)
def test_odd_paths_are_404(connection: Connection, path: str) -> None:
    assert ask(connection, "GET", path)[0] == 404


@pytest.mark.parametrize(
    "path",
    ["/v1/%69ntegrations", "/v1%2Fintegrations", "/v1/../v1/integrations", "//v1/integrations", "/V1/integrations"],
)
def test_no_spelling_of_a_path_comes_in_without_a_key(connection: Connection, path: str) -> None:
    status, body = ask(connection, "GET", path, Authorization="")
    assert status in (401, 404)
    assert "data" not in body


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "BREW"])
def test_methods_that_nothing_takes_are_405(connection: Connection, method: str) -> None:
    assert ask(connection, method, "/v1/integrations")[0] in (405, 200 if method == "HEAD" else 405)
