"""Every call of the API through both clients, against a served hub."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from moorings.client import (
    AsyncMoorings,
    ClientError,
    Conflict,
    Forbidden,
    InvalidCall,
    Moorings,
    NotFound,
    NotSent,
    Unauthenticated,
)  # fmt: skip
from moorings.client.operation import Operation
from tests.client.conftest import Opens
from tests.http.judge import CANARY
from tests.http.world import harbour_key

DOCS = Path(__file__).parents[2] / "docs"
NOUNS = Path(__file__).parents[2] / "src/moorings/client/nouns"
ACCOUNT = {"id": "acct_7", "name": "Harbour Ltd"}


def test_there_is_one_operation_for_each_call_of_the_api() -> None:
    documented = re.findall(r"^`[A-Z]+ /v1\S+` ·", (DOCS / "api.md").read_text(encoding="utf-8"), re.MULTILINE)
    with Moorings("http://127.0.0.1:1", "a-key") as client:
        nouns = (
            client.integrations,
            client.credentials,
            client.tools,
            client.keys,
            client.audit,
            client.environments,
            client.server,
            client.slack,
            client.telegram,
            client.vectorize,
            client.weaviate,
            client.events,
        )
    operations = [one for noun in nouns for one in vars(type(noun)).values() if isinstance(one, Operation)]
    assert len(operations) == len(documented) > 10


def test_health_needs_no_good_key(opens: Opens, url: str) -> None:
    with opens(url, "wrong") as stranger:
        health = stranger.server.health()
    assert (health.status, health.integrations > 10) == ("ok", True)


def test_the_server_says_that_it_lives_and_is_ready(client: Moorings) -> None:
    assert [client.server.live().status, client.server.ready().status] == ["ok", "ok"]


def test_the_catalogue_is_listed_and_searched(client: Moorings) -> None:
    everything = client.integrations.list()
    assert everything.total == len(everything.data) > 10
    assert [entry.id for entry in client.integrations.list(search="harbour", category="storage").data] == ["harbour"]
    assert "harbour" in [entry.id for entry in client.integrations.of_category("storage").integrations]


def test_an_entry_has_its_fields_and_tools(client: Moorings) -> None:
    harbour = client.integrations.get("harbour")
    assert (harbour.name, harbour.auth_type, harbour.tool_count) == ("Harbour", "api_key", 3)
    assert [(field.name, field.secret) for field in harbour.credential_fields] == [("apiKey", True)]
    assert {tool.id for tool in harbour.tools} == {"moor_ship", "list_ships", "sink_ship"}


def test_an_installation_is_reserved_before_any_secret_exists(client: Moorings) -> None:
    made = client.integrations.reserve("harbour", name="North quay", environment="staging")
    assert (made.type, made.name, made.status, made.environment) == ("harbour", "North quay", "pending", "staging")
    assert made.created_at.tzinfo is not None
    assert made.id in [one.id for one in client.integrations.get("harbour").installations]


def test_the_same_idempotency_key_reserves_once(client: Moorings) -> None:
    word = f"once-{datetime.now(UTC).timestamp()}"
    first, second = (client.integrations.reserve("harbour", idempotency_key=word) for _ in range(2))
    assert first.id == second.id
    with pytest.raises(Conflict):
        client.integrations.reserve("harbour", name="another", idempotency_key=word)


def test_credentials_are_saved_shown_and_deleted(client: Moorings) -> None:
    saved = client.credentials.save("harbour", {"apiKey": harbour_key(tail="9a2c")}, environment="staging")
    assert (saved.success, saved.environment, saved.account and saved.account.id) == (True, "staging", "acct_7")
    assert saved.verified_at is not None
    [status] = client.credentials.status(environment="staging", integrations=["harbour"]).data
    assert (status.configured, status.source, status.status) == (True, "environment", "valid")
    assert status.fields["apiKey"].preview == "hb_…9a2c"
    deleted = client.credentials.delete("harbour", environment="staging")
    assert (deleted.success, deleted.environment) == (True, "staging")
    [status] = client.credentials.status(environment="staging", integrations=["harbour"], configured=False).data
    assert (status.configured, status.source) == (False, None)


def test_tools_are_listed_and_described(client: Moorings) -> None:
    offered = client.tools.offered("harbour")
    assert (offered.total, offered.integration_id) == (3, "harbour")
    tool = client.tools.get("harbour", "sink_ship")
    assert (tool.name, tool.destructive, tool.read_only) == ("harbour_sink_ship", True, False)
    assert tool.parameters_schema["required"] == ["ship", "depth"]


def test_a_tool_runs_once_credentials_are_there(client: Moorings) -> None:
    run = client.tools.run("harbour", "moor_ship", {"ship": "Anna"}, environment="production")
    assert (run.success, run.is_error, run.result, run.source) == (False, True, None, None)
    assert run.hint is not None
    assert (run.hint.code, [field.name for field in run.hint.missing]) == ("CREDENTIALS_MISSING", ["apiKey"])
    assert run.hint.url.endswith("/connect/harbour?environment=production")
    client.credentials.save("harbour", {"apiKey": harbour_key()}, environment="production", verify=False)
    usable = [tool for tool in client.tools.configured("production").tools if tool.integration_id == "harbour"]
    assert [(tool.environment, tool.source) for tool in usable] == [("production", "environment")] * 3
    run = client.tools.run("harbour", "moor_ship", {"ship": "Anna"}, environment="production")
    assert (run.success, run.result, run.source, run.hint) == (True, ACCOUNT, "environment", None)
    client.credentials.delete("harbour", environment="production")


def test_a_refusal_of_the_provider_is_an_answer(client: Moorings) -> None:
    client.credentials.save("harbour", {"apiKey": harbour_key("busy")}, environment="development", verify=False)
    run = client.tools.run("harbour", "list_ships", environment="development")
    client.credentials.delete("harbour", environment="development")
    assert (run.is_error, run.retry_after, run.hint) == (True, 30, None)


def test_events_are_listed_and_go_where_they_are_sent(client: Moorings) -> None:
    made = client.integrations.reserve("slack", name="Events")
    assert client.events.list(made.id, limit=5).data == []
    moved = client.events.forward_to(made.id, "https://hooks.example.com/in")
    assert (moved.forward_url, moved.problem) == ("https://hooks.example.com/in", None)
    assert client.events.forward_to(made.id, None).forward_url is None
    secret = client.events.renew_secret(made.id, grace_seconds=60)
    assert secret.secret.get_secret_value().startswith("whsec_")
    assert secret.secret.get_secret_value() not in f"{secret!r}"
    with pytest.raises(NotFound) as refused:
        client.events.redeliver(made.id, "evt_01kb0h6v3m8x2q4r5s6t7v8w9x")
    assert refused.value.code == "EVENT_NOT_FOUND"


def test_a_key_is_made_used_listed_and_revoked(client: Moorings, opens: Opens, url: str) -> None:
    end = datetime.now(UTC) + timedelta(days=1)
    made = client.keys.create("a reader", ["INTEGRATIONS:READ"], environments=["staging"], expires_at=end)
    token = made.key.get_secret_value()
    assert (made.name, made.environments, made.expires_at is not None) == ("a reader", ["staging"], True)
    assert token not in f"{made!r} {made} {made.json_value()}"
    with opens(url, made.key) as reader:
        assert reader.integrations.get("harbour").id == "harbour"
        with pytest.raises(Forbidden) as refused:
            reader.integrations.reserve("harbour")
        assert refused.value.status == 403
        assert client.keys.revoke(made.id).success
        with pytest.raises(Unauthenticated) as refused_then:
            reader.integrations.list()
    assert token not in f"{refused_then.value!r} {vars(refused_then.value)}"
    [listed] = [key for key in client.keys.list().data if key.id == made.id]
    assert listed.revoked_at is not None


def test_a_key_is_rotated_and_listed_in_pages(client: Moorings) -> None:
    made = client.keys.create("a reader", ["INTEGRATIONS:READ"])
    anew = client.keys.rotate(made.id, grace_seconds=60)
    assert (anew.previous_id, anew.name) == (made.id, "a reader")
    assert anew.key.get_secret_value() != made.key.get_secret_value()
    page = client.keys.list(limit=1)
    assert (len(page.data), page.total >= 2) == (1, True)
    assert client.keys.list(limit=1, cursor=page.next_cursor).data[0].id > page.data[0].id


def test_environments_are_explained_and_compared(client: Moorings) -> None:
    for environment in ("staging", "production"):
        client.credentials.save("harbour", {"apiKey": harbour_key()}, verify=False, environment=environment)
    told = client.environments.resolve("harbour", environment="production")
    assert told.answering is not None
    assert (told.answering.source, told.if_deleted[0].environment) == ("environment", "production")
    [row] = [one for one in client.environments.diff("staging", "production").data if one.integration_id == "harbour"]
    assert row.same_values == {"apiKey": False}
    assert row.left is not None
    for environment in ("staging", "production"):
        client.credentials.delete("harbour", environment=environment)


def test_the_audit_trail_is_read(client: Moorings) -> None:
    client.credentials.save("harbour", {"apiKey": harbour_key()}, verify=False, environment="staging")
    hour = timedelta(hours=1)
    page = client.audit.list(integration_id="harbour", since=datetime.now(UTC) - hour, until=datetime.now(UTC) + hour)
    assert {event.subject.partition("/")[0] for event in page.data} == {"harbour"}
    assert page.data[0].at.tzinfo is not None
    first = client.audit.list(limit=1)
    assert client.audit.list(limit=1, cursor=first.next_cursor).data[0].sequence == first.data[0].sequence - 1
    client.credentials.delete("harbour", environment="staging")


@pytest.mark.parametrize("odd", ["no such", "a/b", "x?y=1", "%2e%2e", "é"])
def test_an_unknown_id_is_not_found(client: Moorings, odd: str) -> None:
    with pytest.raises((NotFound, InvalidCall)) as refused:
        client.integrations.get(odd)
    assert refused.value.request_id


def test_a_wrong_call_names_each_place_and_no_value(client: Moorings) -> None:
    secret = f"not-a-harbour-key-{CANARY}"
    with pytest.raises(ClientError) as refused:
        client.credentials.save("harbour", {"apiKey": secret, "more": secret}, verify=False)
    assert isinstance(refused.value, InvalidCall)
    assert (refused.value.status, bool(refused.value.details)) == (400, True)
    _holds_no_secret(refused.value, secret)


def test_a_provider_that_says_no_leaves_no_secret_in_the_error(client: Moorings) -> None:
    secret = harbour_key("refused")
    with pytest.raises(ClientError) as refused:
        client.credentials.save("harbour", {"apiKey": secret})
    _holds_no_secret(refused.value, secret)


def _holds_no_secret(error: ClientError, secret: str) -> None:
    assert secret not in f"{error!r} {error} {vars(error)}"
    assert (error.__cause__, error.__context__) == (None, None)


@pytest.mark.parametrize("odd", [b"bytes", {1, 2}, object()])
def test_what_has_no_form_in_json_is_an_error_of_the_client(client: Moorings, odd: object) -> None:
    with pytest.raises(NotSent, match="JSON") as told:
        client.tools.run("firecrawl", "scrape_page", {"url": odd})
    assert told.value.code == "INVALID_BODY"


def test_a_closed_client_says_that_it_is_closed() -> None:
    with Moorings("http://127.0.0.1:1", "a-key") as closed:
        pass
    with pytest.raises(NotSent, match="closed"):
        closed.server.health()


@pytest.mark.anyio
async def test_so_does_one_that_is_awaited() -> None:
    async with AsyncMoorings("http://127.0.0.1:1", "a-key") as closed:
        pass
    with pytest.raises(NotSent, match="closed"):
        await closed.server.health()
