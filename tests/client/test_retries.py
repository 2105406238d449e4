"""What passes is tried again, if trying twice does no harm; boundedly, and as the server wishes."""

from typing import Any

import httpx2
import pytest

from moorings.client import (
    ClientError,
    Conflict,
    Moorings,
    NotFound,
    ProviderFailed,
    Retries,
    ServerFailed,
    TooManyCalls,
    Unreachable,
)  # fmt: skip
from moorings.client.call import Call
from moorings.client.nouns.server import Health
from tests.client.conftest import Opens
from tests.client.scripted import Says, Script, fails, says, script

QUICK = Retries(first_wait=0.001)
URL = "http://127.0.0.1:1"
SAVED = {
    "success": True, "integrationId": "harbour", "environment": None, "message": "", "account": None,
    "verifiedAt": None,
}  # fmt: skip
READING = Call("GET", "/v1/health", Health)


def tries(opens: Opens, server: Script, call: Any, retries: Retries | None = QUICK) -> ClientError | None:
    with opens(URL, "a-key", retries=retries, transport=server.transport()) as client:
        try:
            call(client)
        except ClientError as error:
            return error
    return None


def health(client: Moorings) -> object:
    return client.server.health()


def save(client: Moorings) -> object:
    return client.credentials.save("harbour", {"apiKey": "hb_x"})


def save_once(client: Moorings) -> object:
    return client.credentials.save("harbour", {"apiKey": "hb_x"}, idempotency_key="once")


@pytest.mark.parametrize(
    "passing",
    [says(503), says(502), says(429, retry_after="0"), fails(httpx2.ConnectError), fails(httpx2.ReadError)],
    ids=["503", "502", "429", "no connection", "broken off"],
)
def test_a_reading_call_is_sent_again_after_what_passes(opens: Opens, passing: Says) -> None:
    server = script(passing, passing, says(200))
    assert tries(opens, server, health) is None
    assert len(server.seen) == 3


@pytest.mark.parametrize(
    ("lasting", "error"),
    [
        (says(500), ServerFailed), (says(404, {}), NotFound), (says(429), TooManyCalls), (says(409), Conflict),
        (fails(httpx2.ReadTimeout), Unreachable),
    ],
    ids=["500", "404", "429 without a wait", "409", "too slow"],
)  # fmt: skip
def test_what_lasts_is_told_at_once(opens: Opens, lasting: Says, error: type[ClientError]) -> None:
    server = script(lasting, says(200))
    assert type(tries(opens, server, health)) is error
    assert len(server.seen) == 1


def test_tries_are_bounded(opens: Opens) -> None:
    server = script(says(503))
    assert isinstance(tries(opens, server, health), ServerFailed)
    assert len(server.seen) == 3
    server = script(says(503))
    assert isinstance(tries(opens, server, health, None), ServerFailed)
    assert len(server.seen) == 1


@pytest.mark.parametrize("passing", [says(503), fails(httpx2.ReadError)], ids=["503", "broken off"])
def test_a_writing_call_is_sent_once_unless_it_has_an_idempotency_key(opens: Opens, passing: Says) -> None:
    server = script(passing, says(200, SAVED))
    assert isinstance(tries(opens, server, save), ServerFailed | Unreachable)
    assert len(server.seen) == 1
    server = script(passing, says(200, SAVED))
    assert tries(opens, server, save_once) is None
    assert [request.headers["idempotency-key"] for request in server.seen] == ["once", "once"]


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.credentials.delete("harbour"), lambda client: client.keys.revoke("key_1"),
        lambda client: client.tools.run("harbour", "sink_ship"), lambda client: client.keys.create("a", ["ALL"]),
        lambda client: client.integrations.reserve("harbour"),
    ],
    ids=["delete", "revoke", "run", "create", "reserve"],
)  # fmt: skip
def test_no_other_call_that_changes_something_is_sent_twice(opens: Opens, call: Any) -> None:
    server = script(says(503))
    assert isinstance(tries(opens, server, call), ServerFailed)
    assert len(server.seen) == 1


def test_a_tool_whose_provider_failed_is_not_run_again(opens: Opens) -> None:
    server = script(says(502, {"error": "The harbour failed.", "code": "PROVIDER_UNAVAILABLE"}))
    run = tries(opens, server, lambda client: client.tools.run("harbour", "moor_ship", idempotency_key="once"))
    assert isinstance(run, ProviderFailed)
    assert len(server.seen) == 1


def test_a_server_that_wants_to_be_left_alone_for_long_is_left_alone(opens: Opens) -> None:
    server = script(says(503, retry_after="11"), says(200))
    error = tries(opens, server, health)
    assert error is not None
    assert (error.retry_after, len(server.seen)) == (11, 1)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7),
        ({"retry_after": "Tue, 24 Nov 2026 02:00:09 GMT", "date": "Tue, 24 Nov 2026 02:00:00 GMT"}, 9),
        ({"retry_after": "Tue, 24 Nov 2026 02:00:09 GMT"}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "9" * 5000}, None),
        ({}, None),
    ],
)
def test_the_wait_is_read_in_either_form(opens: Opens, headers: dict[str, str], seconds: int | None) -> None:
    error = tries(opens, script(says(503, **headers)), health, None)
    assert error is not None
    assert error.retry_after == seconds


def test_waits_double_up_to_a_limit_and_differ() -> None:
    error, steady = ServerFailed("", status=503), Retries(attempts=9, chance=lambda: 0.0)
    assert [steady.wait(READING, error, attempt) for attempt in range(1, 10)] == [
        0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0, None,
    ]  # fmt: skip
    assert Retries(chance=lambda: 1.0).wait(READING, error, 1) == 0.125
    asked = ServerFailed("", status=503, retry_after=4)
    assert Retries(chance=lambda: 1.0).wait(READING, asked, 1) == 4.0
