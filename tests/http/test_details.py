"""Calls 33, 36, 37 and 15: one integration, and its tools."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.http.judge import problem
from tests.http.shapes import CONFIGURED_TOOL, DETAILS, FIELD, TOOL, TOOL_NAME
from tests.http.world import ENVIRONMENTS, Client, reserve, saved

pytestmark = pytest.mark.anyio

NOWHERE = (
    "nowhere",
    "intg_01kb0h6v3m8x2q4r5s6t7v8w9x",
    "intg_x",
    "HARBOUR",
    "harbour%20",
    "har%00bour",
    "%F0%9F%9A%A2",
)


async def got(client: Client, path: str, **query: str) -> Any:
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_details_are_the_integration_with_its_fields_and_tools(admin: Client) -> None:
    details = await got(admin, "/v1/integrations/harbour")
    assert set(details) == DETAILS
    [listed] = (await got(admin, "/v1/integrations", q="harbour"))["data"]
    assert {name: details[name] for name in listed} == listed
    assert details["toolCount"] == len(details["tools"]) == 3
    assert details["credentialFields"] == [
        {
            "name": "apiKey",
            "label": "API key",
            "description": "The key of the harbour master.",
            "secret": True,
            "required": True,
            "pattern": "^hb_[!-~]{3,}$",
            "example": "hb_0123456789abcdef",
            "helpUrl": "https://harbour.example/keys",
        }
    ]


async def test_fields_come_in_their_order_and_absent_facts_are_null(admin: Client) -> None:
    fields = (await got(admin, "/v1/integrations/beacon"))["credentialFields"]
    assert [field["name"] for field in fields] == ["accountId", "apiToken", "region"]
    assert all(set(field) == FIELD for field in fields)
    assert [(field["secret"], field["required"]) for field in fields] == [(False, True), (True, True), (False, False)]
    assert (fields[1]["pattern"], fields[1]["example"], fields[1]["helpUrl"]) == (None, None, None)


async def test_an_installation_s_id_stands_for_its_integration(admin: Client) -> None:
    installation = await reserve(admin, "beacon")
    details = await got(admin, f"/v1/integrations/{installation['id']}")
    assert set(details) == DETAILS
    assert installation in details["installations"]
    assert [field["name"] for field in details["credentialFields"]] == ["accountId", "apiToken", "region"]


@pytest.mark.parametrize("place", NOWHERE)
@pytest.mark.parametrize("rest", ["", "/tools", "/tools/moor_ship"])
async def test_an_unknown_integration_is_404(admin: Client, place: str, rest: str) -> None:
    answer = await admin.get(f"/v1/integrations/{place}{rest}")
    assert answer.status_code == 404
    assert problem(answer)["code"] == "INTEGRATION_NOT_FOUND"


async def test_every_tool_has_exactly_the_keys_of_the_contract(admin: Client) -> None:
    for entry in (await got(admin, "/v1/integrations"))["data"]:
        body = await got(admin, f"/v1/integrations/{entry['id']}/tools")
        assert set(body) == {"integrationId", "tools", "total"}
        assert (body["integrationId"], body["total"]) == (entry["id"], len(body["tools"]))
        for tool in body["tools"]:
            assert set(tool) == TOOL
            assert tool["integrationId"] == entry["id"]
            assert tool["description"]
            assert not (tool["readOnly"] and tool["destructive"])


async def test_tool_names_are_unique_and_good_for_a_model(admin: Client) -> None:
    entries = (await got(admin, "/v1/integrations"))["data"]
    tools = [tool for entry in entries for tool in (await got(admin, f"/v1/integrations/{entry['id']}/tools"))["tools"]]
    assert len({tool["name"] for tool in tools}) == len(tools)
    for tool in tools:
        assert TOOL_NAME.fullmatch(tool["name"])
        assert tool["name"] == f"{tool['integrationId']}_{tool['id']}"
        Draft202012Validator.check_schema(tool["parametersSchema"])
        assert tool["parametersSchema"]["type"] == "object"


async def test_a_tool_is_found_by_its_short_and_by_its_full_name(admin: Client) -> None:
    [moor, *_] = (await got(admin, "/v1/integrations/harbour/tools"))["tools"]
    assert moor["id"] == "moor_ship"
    assert moor["name"] == "harbour_moor_ship"
    assert await got(admin, "/v1/integrations/harbour/tools/moor_ship") == moor
    assert await got(admin, "/v1/integrations/harbour/tools/harbour_moor_ship") == moor


@pytest.mark.parametrize("name", ["raise_ship", "harbour_raise_ship", "flash", "Moor_Ship", "%00", "harbour_"])
async def test_an_unknown_tool_is_404(admin: Client, name: str) -> None:
    answer = await admin.get(f"/v1/integrations/harbour/tools/{name}")
    assert answer.status_code == 404
    assert problem(answer)["code"] == "TOOL_NOT_FOUND"


async def test_an_installation_has_the_tools_of_its_integration(admin: Client) -> None:
    installation = (await reserve(admin))["id"]
    body = await got(admin, f"/v1/integrations/{installation}/tools")
    assert [tool["id"] for tool in body["tools"]] == ["moor_ship", "list_ships", "sink_ship"]
    tool = await got(admin, f"/v1/integrations/{installation}/tools/moor_ship")
    assert tool["name"] == "harbour_moor_ship"


async def test_without_credentials_no_tool_is_configured(admin: Client) -> None:
    assert await got(admin, "/v1/integrations/tools") == {"tools": [], "total": 0}


async def test_tools_are_configured_where_credentials_resolve(admin: Client) -> None:
    await saved(admin, environment="staging")
    for environment in ENVIRONMENTS:
        body = await got(admin, "/v1/integrations/tools", environment=environment)
        assert set(body) == {"tools", "total"}
        assert body["total"] == len(body["tools"]) == (3 if environment == "staging" else 0)
    assert (await got(admin, "/v1/integrations/tools"))["total"] == 0


async def test_a_configured_tool_tells_which_entry_it_would_use(admin: Client) -> None:
    await saved(admin)
    await saved(admin, environment="production")
    expected = {"production": "environment", "staging": "all"}
    for environment, source in expected.items():
        for tool in (await got(admin, "/v1/integrations/tools", environment=environment))["tools"]:
            assert set(tool) == CONFIGURED_TOOL
            assert (tool["environment"], tool["source"]) == (environment, source)
    for tool in (await got(admin, "/v1/integrations/tools"))["tools"]:
        assert (tool["environment"], tool["source"]) == (None, "all")


async def test_a_configured_tool_is_the_same_as_alone(admin: Client) -> None:
    await saved(admin)
    for tool in (await got(admin, "/v1/integrations/tools"))["tools"]:
        alone = await got(admin, f"/v1/integrations/{tool['integrationId']}/tools/{tool['id']}")
        assert {name: tool[name] for name in TOOL} == alone


@pytest.mark.parametrize("environment", ["moon", "", "null", "Staging"])
async def test_tools_of_an_unknown_environment_are_400(admin: Client, environment: str) -> None:
    answer = await admin.get("/v1/integrations/tools", params={"environment": environment})
    assert answer.status_code == 400
    assert problem(answer)["code"] == "INVALID_ENVIRONMENT"
    assert all(name in answer.text for name in ENVIRONMENTS)


async def test_static_paths_win_over_an_integration_s_id(admin: Client) -> None:
    assert set(await got(admin, "/v1/integrations/tools")) == {"tools", "total"}
    assert set(await got(admin, "/v1/integrations/credentials/status")) == {"data"}
    assert set(await got(admin, "/v1/integrations/category/search")) == {"category", "integrations", "total"}
    for word in ("category", "credentials"):
        assert problem(await admin.get(f"/v1/integrations/{word}"))["code"] in ("INTEGRATION_NOT_FOUND", "NOT_FOUND")


async def test_an_id_with_a_slash_leads_to_no_other_call(admin: Client) -> None:
    answer = await admin.get("/v1/integrations/firecrawl%2Ftools")
    assert (answer.status_code, problem(answer)["code"]) == (404, "INTEGRATION_NOT_FOUND")
    answer = await admin.post("/v1/integrations/harbour%2Ftools%2Flist_ships%2Fexecute", json={})
    assert (answer.status_code, problem(answer)["code"]) == (404, "NOT_FOUND")
