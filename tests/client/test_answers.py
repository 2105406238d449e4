"""What a client makes of odd answers, addresses and keys; and that it tells nobody what it was given."""

import json
import traceback
from typing import Any

import httpx2
import pytest

from moorings.client import ClientError, Moorings, NotSent, NotUnderstood, Refused, ServerFailed, Unreachable
from tests.client.conftest import Opens
from tests.client.scripted import HEALTHY, fails, says, script
from tests.contract.loopback import HOST, free_port
from tests.http.judge import CANARY

URL = "http://127.0.0.1:1"
KEY = f"mrg_{CANARY}"
SECRET = f"hb_{CANARY}"


def refused(opens: Opens, says_: Any, call: Any = lambda client: client.server.health()) -> ClientError:
    with opens(URL, KEY, retries=None, transport=script(says_).transport()) as client:
        with pytest.raises(ClientError) as found:
            call(client)
        return found.value


def test_what_a_newer_server_adds_is_kept(opens: Opens) -> None:
    newer = {**HEALTHY, "mood": {"good": True}}
    with opens(URL, KEY, transport=script(says(200, newer)).transport()) as client:
        health = client.server.health()
    assert health.status == "ok"
    assert (health.model_extra, health.json_value()) == ({"mood": {"good": True}}, newer)


@pytest.mark.parametrize("body", ["", "<html>sign in</html>", "[" * 100_000], ids=["empty", "page", "deep"])
@pytest.mark.parametrize("status", [200, 302, 404])
def test_what_is_no_answer_of_ours_is_told_as_such(opens: Opens, status: int, body: str) -> None:
    assert isinstance(refused(opens, says(status, body)), NotUnderstood)


def test_an_answer_of_another_form_names_the_places_and_no_value(opens: Opens) -> None:
    error = refused(opens, says(200, {"status": "ok", "integrations": SECRET}, x_request_id="req_1"))
    assert isinstance(error, NotUnderstood)
    assert ([detail.field for detail in error.details], error.request_id) == (["integrations"], "req_1")
    assert CANARY not in f"{error!r} {vars(error)}"


@pytest.mark.parametrize("details", [5, "five", [5, None], {"field": "x"}, None])
def test_an_error_of_another_form_is_still_an_error(opens: Opens, details: object) -> None:
    error = refused(opens, says(500, {"error": None, "code": None, "details": details, "requestId": 7}))
    assert (type(error), error.status, error.details, error.request_id) == (ServerFailed, 500, (), "7")


def test_an_unknown_refusal_has_its_status(opens: Opens) -> None:
    error = refused(opens, says(418, {"error": "A teapot.", "code": "TEAPOT", "requestId": "req_2"}))
    assert (type(error), error.message, error.code, error.status) == (Refused, "A teapot.", "TEAPOT", 418)


def test_nobody_listening_is_told_with_the_address(opens: Opens) -> None:
    url = f"http://{HOST}:{free_port()}"
    with opens(url, KEY, retries=None) as client, pytest.raises(Unreachable, match=url) as found:
        client.server.health()
    assert (found.value.__cause__, found.value.__context__) == (None, None)


@pytest.mark.parametrize("kind", [httpx2.ConnectTimeout, httpx2.ReadTimeout, httpx2.RemoteProtocolError])
def test_no_error_says_what_was_sent(opens: Opens, kind: Any) -> None:
    error = refused(opens, fails(kind), lambda client: client.credentials.save("harbour", {"apiKey": SECRET}))
    told = "".join(traceback.format_exception(error))
    assert CANARY not in f"{told} {error!r} {vars(error)}"
    assert (error.__cause__, error.__context__) == (None, None)


def test_no_part_of_a_client_prints_its_key(opens: Opens) -> None:
    with opens(URL, KEY) as client:
        parts = [client, client.keys, client.credentials, client.server.health]
        assert CANARY not in " ".join(map(repr, parts))
        assert URL in repr(client)
    with Moorings(URL, KEY) as waiting:
        assert CANARY not in f"{waiting._sender.server!r}"


def test_what_is_given_goes_out_and_what_is_not_does_not(opens: Opens) -> None:
    server = script(says(418, {}))
    with opens(f"{URL}/behind", KEY, transport=server.transport()) as client:
        with pytest.raises(Refused):
            client.credentials.save("harbour", {"apiKey": SECRET})
        with pytest.raises(Refused):
            client.credentials.status(integrations=["a", "b"], configured=True)
    saving, asking = server.seen
    assert json.loads(saving.content) == {"credentials": {"apiKey": SECRET}, "verify": True}
    assert saving.headers["authorization"] == f"Bearer {KEY}"
    assert str(saving.url) == f"{URL}/behind/v1/integrations/harbour/credentials"
    assert sorted(asking.url.params.multi_items()) == [
        ("configured", "true"), ("integrationId", "a"), ("integrationId", "b"),
    ]  # fmt: skip


@pytest.mark.parametrize("key", ["", f"{KEY} ", f"{KEY}\n", f"{KEY}é"])
def test_a_key_that_can_be_none_is_not_sent_nor_told(key: str) -> None:
    with pytest.raises(NotSent) as found:
        Moorings(URL, key)
    assert found.value.code == "UNUSABLE_KEY"
    assert CANARY not in f"{found.value!r}"


@pytest.mark.parametrize(
    "url",
    ["hub", "ftp://hub", "http://", "http://hub:port", "http://hub:99999", f"http://me:{CANARY}@hub", "http://[::1"],
)
def test_an_address_that_can_be_none_is_told_without_its_password(url: str) -> None:
    with pytest.raises(NotSent) as found:
        Moorings(url, KEY)
    assert found.value.code == "UNUSABLE_ADDRESS"
    assert CANARY not in f"{found.value!r}"


@pytest.mark.parametrize("segment", ["", ".", ".."])
def test_an_id_that_would_change_the_way_is_not_sent(opens: Opens, segment: str) -> None:
    server = script(says(200))
    with opens(URL, KEY, transport=server.transport()) as client, pytest.raises(NotSent):
        client.integrations.get(segment)
    assert server.seen == []


def test_an_idempotency_key_that_no_header_carries_is_not_sent(opens: Opens) -> None:
    server = script(says(200))
    with opens(URL, KEY, transport=server.transport()) as client, pytest.raises(NotSent):
        client.integrations.reserve("harbour", idempotency_key="two words")
    assert server.seen == []


def test_address_and_key_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOORINGS_URL", raising=False)
    monkeypatch.delenv("MOORINGS_API_KEY", raising=False)
    with pytest.raises(NotSent, match="MOORINGS_API_KEY"):
        Moorings()
    monkeypatch.setenv("MOORINGS_API_KEY", KEY)
    with Moorings() as client:
        assert "http://127.0.0.1:8700" in repr(client)
    monkeypatch.setenv("MOORINGS_URL", "http://hub.example:1")
    with Moorings() as client:
        assert "http://hub.example:1" in repr(client)
