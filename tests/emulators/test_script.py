"""The control path of the emulators, over a real socket: what it takes, what it refuses, and what calls then meet."""

import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import httpx2
import pytest

from moorings.emulators.contract import Answer, Call
from moorings.emulators.registry import all_emulators
from moorings.emulators.script import GARBAGE
from moorings.emulators.server import MAX_BODY, EmulatorServer, application
from tests.contract.loopback import serving

pytestmark = pytest.mark.anyio

OWN = {"said": "by the emulator itself"}


class Echo:
    """Says its own word, and what it was asked."""

    integration_id = "echo"

    def __init__(self) -> None:
        self.resets = 0

    def credentials(self) -> Mapping[str, str]:
        return {"apiKey": "emulated-key-of-the-echo"}

    def answer(self, call: Call) -> Answer:
        match call.path:
            case "/call":
                asked = {"method": call.method, "query": dict(call.query), "body": call.body.decode()}
                return Answer(201, {**asked, "headers": dict(call.headers)}, {"X-Echo": "1"})
            case "/nothing":
                return Answer(204)
            case "/bytes":
                return Answer(200, b"plain", {"content-type": "text/plain"})
            case "/path" | "/":
                return Answer(200, OWN)
        return Answer(404, {"path": call.path})

    def reset(self) -> None:
        self.resets += 1


class Mute(Echo):
    """Has nothing to reset."""

    integration_id = "mute"
    reset = None  # type: ignore[assignment]


@pytest.fixture(scope="module")
def echo() -> Echo:
    return Echo()


@pytest.fixture(scope="module")
def address(echo: Echo) -> Iterator[str]:
    with serving(EmulatorServer({"echo": echo, "mute": Mute()})) as base:
        yield base


@pytest.fixture(scope="module")
async def client(address: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=address, trust_env=False, timeout=5) as made:
        yield made


@pytest.fixture(autouse=True)
async def no_script(client: httpx2.AsyncClient) -> AsyncIterator[None]:
    yield
    await client.delete("/__control/echo")


async def put(client: httpx2.AsyncClient, **script: Any) -> None:
    assert (await client.put("/__control/echo", json=script)).status_code == 200


async def test_an_emulator_is_asked_below_its_own_path(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/echo/call?a=1&a=2&b=", content=b"{}", headers={"X-Twice": "1"})
    assert answer.status_code == 201
    assert answer.headers["x-echo"] == "1"
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["query"] == {"a": ["1", "2"], "b": [""]}
    assert (answer.json()["method"], answer.json()["body"], answer.json()["headers"]["x-twice"]) == ("POST", "{}", "1")


@pytest.mark.parametrize(
    ("path", "seen"),
    [("/echo", "/"), ("/echo/", "/"), ("/echo/a%20b/%C3%A9", "/a b/é"), ("/echo/a%2Fb", "/a%2Fb"), ("/echo//x", "//x")],
)
async def test_a_path_is_decoded_but_keeps_its_segments(client: httpx2.AsyncClient, path: str, seen: str) -> None:
    answer = await client.get(path)
    assert answer.json() == (OWN if seen == "/" else {"path": seen})


async def test_an_answer_without_a_body_and_one_of_bytes(client: httpx2.AsyncClient) -> None:
    nothing, plain = await client.get("/echo/nothing"), await client.get("/echo/bytes")
    assert (nothing.status_code, nothing.content, "content-type" in nothing.headers) == (204, b"", False)
    assert (plain.content, plain.headers["content-type"]) == (b"plain", "text/plain")


async def test_an_unknown_integration_is_a_404(client: httpx2.AsyncClient) -> None:
    for path in ("/nobody/path", "/__control/nobody", "/", "/%00"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "INTEGRATION_NOT_FOUND")


async def test_a_body_over_the_limit_is_a_413(client: httpx2.AsyncClient) -> None:
    fits = await client.post("/echo/path", content=b"x" * MAX_BODY)
    answer = await client.post("/echo/path", content=b"x" * (MAX_BODY + 1))
    assert fits.status_code == 200
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


async def test_a_script_replaces_the_answer_until_it_is_removed(client: httpx2.AsyncClient) -> None:
    await put(client, status=503, body={"error": "busy"}, headers={"Retry-After": "3"})
    for _ in range(3):
        answer = await client.get("/echo/path")
        assert (answer.status_code, answer.json(), answer.headers["retry-after"]) == (503, {"error": "busy"}, "3")
    assert (await client.delete("/__control/echo")).status_code == 204
    assert (await client.get("/echo/path")).json() == OWN


async def test_a_script_for_some_answers_ends_by_itself(client: httpx2.AsyncClient) -> None:
    await put(client, status=429, times=2)
    assert (await client.get("/echo/path")).status_code == 429
    assert (await client.get("/__control/echo")).json()["script"] == {"status": 429, "times": 1}
    assert [(await client.get("/echo/path")).status_code for _ in range(3)] == [429, 200, 200]
    assert (await client.get("/__control/echo")).json()["script"] is None


async def test_a_script_for_one_path_leaves_the_others(client: httpx2.AsyncClient) -> None:
    await put(client, status=500, path="/call", times=1)
    assert (await client.get("/echo/path")).status_code == 200
    assert [(await client.get("/echo/call?x=1")).status_code for _ in range(2)] == [500, 201]


async def test_a_text_is_sent_as_it_is(client: httpx2.AsyncClient) -> None:
    await put(client, body='{"broken": ', headers={"Content-Type": "application/json"})
    answer = await client.get("/echo/path")
    assert (answer.status_code, answer.text) == (200, '{"broken": ')
    assert answer.headers["content-type"] == "application/json"


async def test_a_status_alone_has_an_empty_body(client: httpx2.AsyncClient) -> None:
    await put(client, status=502)
    assert (await client.get("/echo/path")).content == b""


async def test_garbage_is_html_with_200(client: httpx2.AsyncClient) -> None:
    await put(client, garbage=True)
    answer = await client.get("/echo/path")
    assert (answer.status_code, answer.content) == (200, GARBAGE.body)
    assert answer.headers["content-type"].startswith("text/html")


async def test_a_dropped_answer_never_comes_whole(client: httpx2.AsyncClient) -> None:
    await put(client, drop=True, times=1)
    with pytest.raises(httpx2.RemoteProtocolError):
        await client.get("/echo/path")
    assert (await client.get("/echo/path")).json() == OWN


async def test_an_answer_is_held_back(client: httpx2.AsyncClient) -> None:
    await put(client, delayMs=200, times=1)
    started = time.monotonic()
    assert (await client.get("/echo/path")).json() == OWN
    assert time.monotonic() - started >= 0.2


async def test_a_slow_answer_comes_in_drops_and_whole(client: httpx2.AsyncClient) -> None:
    await put(client, slow=100, times=1)
    started = time.monotonic()
    assert (await client.get("/echo/path")).json() == OWN
    assert time.monotonic() - started >= len(json.dumps(OWN)) / 100 * 0.8


async def test_a_client_that_leaves_ends_a_slow_answer() -> None:
    server, left = EmulatorServer({"echo": Echo()}), {"type": "http.disconnect"}
    await spoken(server, "PUT", "/__control/echo", {"type": "http.request", "body": b'{"slow": 1}'})
    said = await spoken(server, "GET", "/echo/path", {"type": "http.request"}, left)
    assert [message.get("body") for message in said] == [None, b"{"]


async def test_the_control_path_shows_the_script_and_the_credentials(client: httpx2.AsyncClient, echo: Echo) -> None:
    script = {"delayMs": 5, "status": 503, "body": None, "headers": {"X-A": "1"}, "times": 4, "path": "/x"}
    shown = {"integrationId": "echo", "credentials": echo.credentials(), "script": script}
    assert (await client.put("/__control/echo", json=script)).json() == shown
    assert (await client.get("/__control/echo")).json() == shown
    listed = (await client.get("/__control")).json()["emulators"]
    assert [entry["integrationId"] for entry in listed] == ["echo", "mute"]
    assert listed[0] == shown
    assert listed[1]["script"] is None


async def test_a_new_script_takes_the_place_of_the_old(client: httpx2.AsyncClient) -> None:
    await put(client, status=500, times=5)
    await put(client, status=501)
    assert (await client.get("/echo/path")).status_code == 501


async def test_removing_a_script_resets_an_emulator_that_remembers(client: httpx2.AsyncClient, echo: Echo) -> None:
    before = echo.resets
    assert (await client.delete("/__control/echo")).status_code == 204
    assert echo.resets == before + 1
    assert (await client.delete("/__control/mute")).status_code == 204


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"[]", "body"),
        (b'{"staus": 503}', "staus"),
        (b'{"status": "503"}', "status"),
        (b'{"status": 99}', "status"),
        (b'{"times": 0}', "times"),
        (b'{"delayMs": -1}', "delayMs"),
        (b'{"delayMs": 1e9}', "delayMs"),
        (b'{"slow": 0}', "slow"),
        (b'{"path": "no-slash"}', "path"),
        (b'{"headers": {"X-A": "a\\r\\nX-B: b"}}', "headers.X-A"),
        (b'{"headers": {"X A": "b"}}', "headers.X A.[key]"),
        (b'{"headers": {"X-A": "b"}}', "body"),
        (b'{"drop": true, "status": 503}', "body"),
        (b'{"garbage": true, "drop": true}', "body"),
    ],
)
async def test_a_body_that_is_no_script_is_a_clear_400(client: httpx2.AsyncClient, body: bytes, field: str) -> None:
    answer = await client.put("/__control/echo", content=body)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "INVALID_BODY")
    assert [detail["field"] for detail in problem["details"]] == [field]
    assert problem["details"][0]["message"] in problem["error"]
    assert (await client.get("/__control/echo")).json()["script"] is None


async def test_other_methods_are_a_405(client: httpx2.AsyncClient) -> None:
    for method, path in (("POST", "/__control/echo"), ("PATCH", "/__control/echo"), ("PUT", "/__control")):
        answer = await client.request(method, path, json={})
        assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")


async def test_the_application_serves_every_emulator() -> None:
    transport = httpx2.ASGITransport(app=application())
    async with httpx2.AsyncClient(transport=transport, base_url="http://emulators") as client:
        listed = (await client.get("/__control")).json()["emulators"]
    assert {entry["integrationId"]: entry["credentials"] for entry in listed} == {
        name: dict(emulator.credentials()) for name, emulator in all_emulators().items()
    }


async def test_it_starts_stops_and_speaks_nothing_but_http() -> None:
    said: list[str] = []
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: Any) -> None:
        said.append(message["type"])

    await EmulatorServer({})({"type": "lifespan"}, receive, send)
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    with pytest.raises(NotImplementedError):
        await EmulatorServer({})({"type": "websocket"}, receive, send)


async def spoken(server: EmulatorServer, method: str, path: str, *received: dict[str, Any]) -> list[Any]:
    """What the application says to these messages, without a socket."""
    said: list[Any] = []
    messages = iter(received)

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: Any) -> None:
        said.append(message)

    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": None,
        "query_string": b"",
        "headers": [],
    }
    await server(scope, receive, send)
    return said
