"""Calls 1 and 3: what can be connected."""

from typing import Any

import pytest

from tests.http.judge import problem
from tests.http.shapes import AUTH_TYPES, INSTALLATION, INTEGRATION, STANDINGS
from tests.http.world import ENVIRONMENTS, Client, World, reserve, saved

pytestmark = pytest.mark.anyio


async def listed(client: Client, **query: str) -> dict[str, Any]:
    answer = await client.get("/v1/integrations", params=query)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert set(body) == {"data", "total"}
    assert body["total"] == len(body["data"])
    return {entry["id"]: entry for entry in body["data"]}


async def test_every_entry_has_exactly_the_keys_of_the_contract(admin: Client) -> None:
    await reserve(admin)
    for entry in (await listed(admin)).values():
        assert set(entry) == INTEGRATION
        assert entry["authType"] in AUTH_TYPES
        assert entry["status"] in STANDINGS
        assert entry["description"]
        assert entry["documentationUrl"].startswith("https://")
        assert all(set(installation) == INSTALLATION for installation in entry["installations"])


async def test_entries_are_sorted_by_name_as_people_sort(admin: Client) -> None:
    names = [entry["name"] for entry in (await listed(admin)).values()]
    assert len(names) > 3
    assert names == sorted(names, key=str.casefold)


async def test_tools_are_counted(admin: Client) -> None:
    entries = await listed(admin)
    assert {name: entries[name]["toolCount"] for name in ("harbour", "beacon", "quay")} == {
        "harbour": 3,
        "beacon": 1,
        "quay": 0,
    }


async def test_the_category_filter_keeps_only_that_category(admin: Client) -> None:
    found = await listed(admin, category="storage")
    assert "harbour" in found
    assert {entry["category"] for entry in found.values()} == {"storage"}


async def test_the_text_filter_finds_names_and_descriptions_in_any_case(admin: Client) -> None:
    assert list(await listed(admin, q="hArBoUr")) == ["harbour"]
    assert list(await listed(admin, q="MADE-UP LIGHTHOUSE")) == ["beacon"]
    assert await listed(admin, q="no such words anywhere") == {}


@pytest.mark.parametrize("text", ["%", "_", "'", "ö", "\\", '"', "*"])
async def test_the_text_filter_takes_signs_as_they_are(admin: Client, text: str) -> None:
    found = await listed(admin, q=text)
    assert all(text in f"{entry['name']}{entry['description']}" for entry in found.values())


async def test_filters_hold_together(admin: Client) -> None:
    assert list(await listed(admin, q="made-up", category="search")) == ["beacon"]
    assert await listed(admin, q="harbour", category="search") == {}


async def test_the_status_follows_what_is_connected(alone: World) -> None:
    admin = alone.client()
    assert (await listed(admin))["harbour"]["status"] == "available"
    await reserve(admin)
    assert (await listed(admin))["harbour"]["status"] == "pending"
    await saved(admin)
    assert (await listed(admin))["harbour"]["status"] == "connected"
    alone.change("UPDATE credentials SET status = 'invalid'")
    assert (await listed(admin))["harbour"]["status"] == "failing"


@pytest.mark.parametrize("standing", sorted(STANDINGS))
async def test_the_status_filter_keeps_only_that_status(admin: Client, standing: str) -> None:
    await saved(admin)
    await reserve(admin, "quay")
    everything = await listed(admin)
    assert set(await listed(admin, status=standing)) == {
        name for name, entry in everything.items() if entry["status"] == standing
    }


async def test_environments_tell_where_credentials_are_held(admin: Client) -> None:
    before = (await listed(admin))["harbour"]
    assert (before["configured"], before["environments"]) == (False, [])
    await saved(admin)
    await saved(admin, environment="staging")
    after = (await listed(admin))["harbour"]
    assert after["configured"] is True
    assert sorted(after["environments"], key=str) == [None, "staging"]


async def test_with_an_environment_only_what_answers_there_is_configured(admin: Client) -> None:
    await saved(admin, environment="staging")
    for environment in ENVIRONMENTS:
        entry = (await listed(admin, environment=environment)).get("harbour", {"configured": False})
        assert entry["configured"] is (environment == "staging")


@pytest.mark.parametrize("query", ["status=sunny", "environment=moon", "environment=", "environment=Production"])
async def test_a_wrong_filter_is_400(admin: Client, query: str) -> None:
    answer = await admin.get(f"/v1/integrations?{query}")
    assert answer.status_code == 400
    body = problem(answer)
    if query.startswith("environment"):
        assert body["code"] == "INVALID_ENVIRONMENT"
        assert all(name in answer.text for name in ENVIRONMENTS)


async def test_a_category_lists_its_integrations(admin: Client) -> None:
    answer = await admin.get("/v1/integrations/category/search")
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {"category", "integrations", "total"}
    assert body["category"] == "search"
    assert body["total"] == len(body["integrations"])
    assert "beacon" in [entry["id"] for entry in body["integrations"]]
    assert all(set(entry) == INTEGRATION and entry["category"] == "search" for entry in body["integrations"])
    names = [entry["name"] for entry in body["integrations"]]
    assert names == sorted(names, key=str.casefold)


async def test_an_unknown_category_is_404_and_lists_the_known_ones(admin: Client) -> None:
    answer = await admin.get("/v1/integrations/category/weather")
    assert answer.status_code == 404
    assert problem(answer)["code"] == "CATEGORY_NOT_FOUND"
    assert all(word in answer.text for word in ("search", "storage", "messaging"))


async def test_every_category_in_use_can_be_asked_for(admin: Client) -> None:
    entries = await listed(admin)
    for category in {entry["category"] for entry in entries.values()}:
        body = (await admin.get(f"/v1/integrations/category/{category}")).json()
        assert {entry["id"] for entry in body["integrations"]} == {
            name for name, entry in entries.items() if entry["category"] == category
        }
