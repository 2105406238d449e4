"""Call 4: what is held, and which entry answers where."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.http.judge import problem
from tests.http.shapes import STATUS, TIME
from tests.http.world import ENVIRONMENTS, Client, World, harbour_key, reserve, save, saved, status

pytestmark = pytest.mark.anyio

PLACES = (None, *ENVIRONMENTS)
TAILS = {None: "ALL0", "development": "DEV1", "staging": "STG2", "production": "PRD3"}


async def everything(client: Client, query: str = "") -> dict[str, Any]:
    answer = await client.get(f"/v1/integrations/credentials/status{query}")
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"data"}
    return {entry["integrationId"]: entry for entry in answer.json()["data"]}


@given(held=st.sets(st.sampled_from(PLACES)), asked=st.sampled_from(ENVIRONMENTS))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_exact_environment_answers_then_all_and_nothing_else(
    world: World, held: set[str | None], asked: str
) -> None:
    client = await world.owner()
    for place in held:
        await saved(client, key=harbour_key(tail=TAILS[place]), environment=place)
    entry = await status(client, environment=asked)
    answering = [place for place in (asked, None) if place in held][:1]
    source = {asked: "environment", None: "all"}[answering[0]] if answering else None
    assert entry["environment"] == asked
    assert entry["source"] == source
    assert entry["configured"] is bool(answering)
    assert set(entry["environments"]) == held
    previews = {name: field["preview"] for name, field in entry["fields"].items()}
    assert previews == ({"apiKey": f"hb_…{TAILS[answering[0]]}"} if answering else {})
    tools = (await client.get("/v1/integrations/tools", params={"environment": asked})).json()["tools"]
    assert [tool["source"] for tool in tools] == [source] * (3 if answering else 0)


async def test_every_entry_has_exactly_the_keys_of_the_contract(admin: Client) -> None:
    await saved(admin)
    for entry in (await everything(admin)).values():
        assert set(entry) == STATUS
        assert entry["status"] in ("unverified", "valid", "invalid", "expired", None)
        for field in entry["fields"].values():
            assert set(field) == {"preview", "updatedAt"}
            assert TIME.fullmatch(field["updatedAt"])


async def test_every_catalogue_entry_and_every_installation_is_there(admin: Client) -> None:
    installation = (await reserve(admin))["id"]
    catalogue = {entry["id"] for entry in (await admin.get("/v1/integrations")).json()["data"]}
    assert set(await everything(admin)) == catalogue | {installation}


async def test_an_installation_holds_its_own_credentials(admin: Client) -> None:
    installation = (await reserve(admin))["id"]
    await saved(admin, installation, harbour_key(tail="MINE"))
    found = await everything(admin)
    assert found[installation]["fields"]["apiKey"]["preview"] == "hb_…MINE"
    assert found["harbour"]["configured"] is False
    assert found["harbour"]["fields"] == {}


async def test_nothing_held_says_so(admin: Client) -> None:
    entry = await status(admin)
    assert (entry["configured"], entry["source"], entry["environments"], entry["fields"]) == (False, None, [], {})
    assert (entry["verifiedAt"], entry["lastUsedAt"], entry["expiresAt"], entry["environment"]) == (None,) * 4


async def test_a_credential_is_unverified_until_its_provider_agreed(admin: Client) -> None:
    await saved(admin)
    entry = await status(admin)
    assert (entry["status"], entry["verifiedAt"]) == ("unverified", None)
    answer = await saved(admin, verify=True)
    entry = await status(admin)
    assert (entry["status"], entry["verifiedAt"]) == ("valid", answer["verifiedAt"])
    await saved(admin)
    entry = await status(admin)
    assert (entry["status"], entry["verifiedAt"]) == ("unverified", None)


@pytest.mark.parametrize(
    ("value", "preview"),
    [("hb_0123456789abWXYZ", "hb_…WXYZ"), ("hb_12345", None), ("hb_1234567", None), ("hb_abcdefgh", None)],
)
async def test_a_preview_shows_four_characters_at_most_and_none_of_short_secrets(
    admin: Client, value: str, preview: str | None
) -> None:
    await saved(admin, key=value)
    assert (await status(admin))["fields"]["apiKey"]["preview"] == preview


async def test_every_saved_field_has_a_preview_and_no_other(admin: Client) -> None:
    fields = {"accountId": "abcd1234efgh5678", "apiToken": harbour_key(tail="TOKN")}
    await admin.post("/v1/integrations/beacon/credentials", json={"credentials": fields, "verify": False})
    entry = await status(admin, "beacon")
    assert {name: field["preview"] for name, field in entry["fields"].items()} == {
        "accountId": "…5678",
        "apiToken": "…TOKN",
    }


async def test_the_integration_filter_may_be_repeated(admin: Client) -> None:
    installation = (await reserve(admin))["id"]
    assert set(await everything(admin, "?integrationId=harbour")) == {"harbour"}
    assert set(await everything(admin, f"?integrationId=beacon&integrationId={installation}")) == {
        "beacon",
        installation,
    }


async def test_the_configured_filter_divides_everything_in_two(admin: Client) -> None:
    await saved(admin, environment="staging")
    every = set(await everything(admin))
    assert set(await everything(admin, "?configured=true")) == {"harbour"}
    assert set(await everything(admin, "?configured=false")) == every - {"harbour"}
    assert set(await everything(admin, "?configured=true&environment=staging")) == {"harbour"}
    assert await everything(admin, "?configured=true&environment=production") == {}


@pytest.mark.parametrize(
    "query", ["configured=perhaps", "configured=", "environment=moon", "environment=", "environment=null"]
)
async def test_a_wrong_query_is_400(admin: Client, query: str) -> None:
    answer = await admin.get(f"/v1/integrations/credentials/status?{query}")
    assert answer.status_code == 400
    body = problem(answer)
    if query.startswith("environment"):
        assert body["code"] == "INVALID_ENVIRONMENT"
        assert all(name in answer.text for name in ENVIRONMENTS)


async def test_an_unknown_integration_in_the_filter_is_no_server_error(admin: Client) -> None:
    answer = await admin.get("/v1/integrations/credentials/status?integrationId=nowhere")
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert answer.json() == {"data": []}


async def test_previews_never_hold_more_than_the_end(admin: Client) -> None:
    key = harbour_key(tail="ENDS")
    answer = await save(admin, key=key)
    assert key not in answer.text
    assert "ENDS" not in answer.text
    assert (await status(admin))["fields"]["apiKey"]["preview"] == "hb_…ENDS"
