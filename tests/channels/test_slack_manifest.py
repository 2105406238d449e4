"""A ready app manifest for an installation that waits."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.channels.test_slack_install import install, installations
from tests.channels.workspaces import Workspaces
from tests.http.judge import problem
from tests.http.world import Answer, Client, World, new_key, reserve

pytestmark = pytest.mark.anyio


async def manifest(client: Client, **body: Any) -> Answer:
    return await client.post("/v1/integrations/slack/manifest", json=body)


async def test_its_events_go_to_the_reserved_installation(admin: Client) -> None:
    pending = await reserve(admin, "slack", name="Support")
    body = (await manifest(admin, integrationId=pending["id"])).json()
    assert (body["integrationId"], body["webhookUrl"]) == (pending["id"], pending["webhookUrl"])
    app = body["manifest"]
    assert app["settings"]["event_subscriptions"]["request_url"] == pending["webhookUrl"]
    assert app["display_information"] == {"name": "Support"}
    assert app["oauth_config"]["redirect_urls"] == ["https://moorings.example.com/hooks/slack/oauth/callback"]
    assert {"chat:write", "channels:history", "users:read.email"} <= set(app["oauth_config"]["scopes"]["bot"])
    assert {"app_mention", "message.im"} <= set(app["settings"]["event_subscriptions"]["bot_events"])


async def test_what_people_press_and_command_goes_there_too(admin: Client) -> None:
    wanted = [{"command": "/ask", "description": "Ask the agent", "usageHint": "[q]"}]
    body = (await manifest(admin, name="Support", commands=[*wanted, {"command": "/x", "description": "X"}])).json()
    app, address = body["manifest"], body["webhookUrl"]
    assert app["settings"]["interactivity"] == {"is_enabled": True, "request_url": address}
    assert app["features"]["slash_commands"] == [
        {"url": address, "should_escape": True, "command": "/ask", "description": "Ask the agent", "usage_hint": "[q]"},
        {"url": address, "should_escape": True, "command": "/x", "description": "X"},
    ]
    assert "commands" in app["oauth_config"]["scopes"]["bot"]
    without = (await manifest(admin, name="Support")).json()["manifest"]
    assert "slash_commands" not in without["features"]
    assert "commands" not in without["oauth_config"]["scopes"]["bot"]


@pytest.mark.parametrize(
    "command",
    [
        {"command": "ask", "description": "x"},
        {"command": "/", "description": "x"},
        {"command": "/two words", "description": "x"},
        {"command": "/" + "x" * 32, "description": "x"},
        {"command": "/ask"},
        {"command": "/ask", "description": ""},
    ],
    ids=str,
)
async def test_a_command_that_slack_would_refuse_is_refused_here(admin: Client, command: dict[str, str]) -> None:
    answer = await manifest(admin, commands=[command])
    assert (answer.status_code, problem(answer)["code"]) == (400, "INVALID_BODY")
    assert problem(answer)["details"][0]["field"].startswith("commands.0")


async def test_the_page_of_slack_has_it_filled_in(admin: Client) -> None:
    body = (await manifest(admin, name="Ünïcode & Söhne")).json()
    address = urlsplit(body["createUrl"])
    assert (address.scheme, address.netloc, address.path) == ("https", "api.slack.com", "/apps")
    query = parse_qs(address.query)
    assert query["new_app"] == ["1"]
    assert json.loads(query["manifest_json"][0]) == body["manifest"]


async def test_one_is_reserved_where_none_is_named_and_can_be_completed(admin: Client, workspaces: Workspaces) -> None:
    body = (await manifest(admin, name="Fresh", environment="staging")).json()
    [pending] = await installations(admin)
    assert (pending["id"], pending["name"], pending["status"]) == (body["integrationId"], "Fresh", "pending")
    assert body["expiresAt"] == pending["expiresAt"]
    assert (await install(admin, integrationId=body["integrationId"])).status_code == 201
    again = await manifest(admin, integrationId=body["integrationId"])
    assert (again.status_code, problem(again)["code"]) == (409, "ALREADY_INSTALLED")


async def test_a_long_name_is_cut_to_what_slack_takes(admin: Client) -> None:
    app = (await manifest(admin, name="x" * 200)).json()["manifest"]
    assert app["display_information"]["name"] == "x" * 35
    assert app["features"]["bot_user"]["display_name"] == "x" * 35


async def test_who_may_not_write_gets_none(world: World, admin: Client) -> None:
    pending = (await reserve(admin, "slack"))["id"]
    reader = world.client((await new_key(admin, "INTEGRATIONS:READ"))["key"])
    for body in ({}, {"integrationId": pending}):
        assert (await manifest(reader, **body)).status_code == 403
    assert (await manifest(await world.owner(), integrationId=pending)).status_code == 404
