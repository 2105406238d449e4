"""Slack apps and Telegram bots from the command line; their secrets are read from a file or asked for."""

import json
import re
from typing import Any

import httpx2
import pytest

from moorings.emulators.slack import EMULATOR as SLACK
from moorings.emulators.slack.apps import CLIENT_ID, CLIENT_SECRET
from moorings.emulators.telegram import EMULATOR as TELEGRAM
from moorings.emulators.telegram.world import MANAGER_TOKEN
from tests.cli.terminal import Terminal
from tests.serving.process import Server

APP = json.dumps(dict(SLACK.credentials()))
BOT = json.dumps(dict(TELEGRAM.credentials()))


def app_of(live: Server, manifest: Any) -> str:
    """The credentials of an app that somebody makes of this manifest; uninstalling it ends nobody else's token."""
    address = f"{live.stand_ins}/__control/slack/create-app"
    app = httpx2.post(address, json={"manifest": manifest}, trust_env=False).raise_for_status().json()
    return json.dumps({name: app[name] for name in SLACK.credentials()})


def test_an_app_is_made_installed_rotated_and_removed(place: Terminal, live: Server) -> None:
    offer = place.json("slack", "manifest", "--name", "Support", "-e", "staging")
    pending = offer["integrationId"]
    assert offer["manifest"]["display_information"]["name"] == "Support"
    app = app_of(live, offer["manifest"])
    made = place.json("slack", "install", "--integration", pending, "--from", "-", text=app)
    assert (made["integrationId"], made["teamId"]) == (pending, "T0EMULATED")
    place.run("slack", "install", "--from", "-", "-e", "staging", text=app, code=1)
    secret = json.dumps({"signingSecret": "another-signing-secret"})
    rotated = place.json("slack", "rotate", pending, "--grace", "60", "--from", "-", text=secret)
    assert rotated["previousValidUntil"] is not None
    assert place.json("credentials", "delete", pending, "--yes")["success"]


def test_a_command_wants_a_word_for_what_it_does(place: Terminal) -> None:
    offer = place.json("slack", "manifest", "--command", "/ask=Ask = answer", "--command", "/berth=Find a berth")
    typed = [(one["command"], one["description"]) for one in offer["manifest"]["features"]["slash_commands"]]
    assert typed == [("/ask", "Ask = answer"), ("/berth", "Find a berth")]
    assert "say what it does as well" in place.run("slack", "manifest", "--command", "/ask", code=2).stderr


def test_what_a_person_reads(place: Terminal) -> None:
    offer = place.run("slack", "manifest").stdout
    assert re.search(r"intg_\w{26} is reserved\.", offer)
    assert "https://api.slack.com/apps?new_app=1" in offer
    made = place.run("slack", "install", "--from", "-", text=APP).stdout
    assert "is the bot of Emulated workspace" in made
    rotated = place.run("slack", "rotate", "slack", "--from", "-", text=APP).stdout
    assert "Slack accepts the new credentials" in rotated


def test_an_app_is_connected_over_slack_s_page(place: Terminal) -> None:
    values = json.dumps({"clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET, "signingSecret": "a-signing-secret"})
    begun = place.json("slack", "connect", "--name", "Support", "--from", "-", text=values)
    assert f"client_id={CLIENT_ID}" in begun["authorizeUrl"]
    again = place.run("slack", "connect", "--again", begun["integrationId"]).stdout
    assert f"{begun['integrationId']} waits until" in again
    assert "/oauth/v2/authorize?" in again


def test_a_bot_is_installed(place: Terminal) -> None:
    made = place.json("telegram", "install", "--name", "Support", "--forget", "--from", "-", text=BOT)
    assert (made["botUsername"], made["delivery"]) == ("emulated_example_bot", "polling")
    place.run("telegram", "install", "--from", "-", text=BOT, code=1)
    assert "Telegram knows the new token" in place.run("telegram", "rotate", "telegram", "--from", "-", text=BOT).stdout
    place.run("credentials", "delete", made["integrationId"], "--yes")
    assert (
        "@emulated_example_bot; its messages are fetched"
        in place.run("telegram", "install", "--from", "-", text=BOT).stdout
    )


@pytest.fixture
def managing(local: Terminal) -> Terminal:
    """A local server with a bot that manages others."""
    return Terminal("managing", {**local.variables, "MOORINGS_TELEGRAM_MANAGER_TOKEN": MANAGER_TOKEN})


def test_a_bot_is_asked_for_and_the_request_ended(managing: Terminal) -> None:
    assert managing.json("telegram", "managed", "available")["available"] is True
    assert "makes bots here" in managing.run("telegram", "managed", "available").stdout
    assert "5 to 32 characters" in managing.run("telegram", "managed", "available", "--username", "x").stdout
    made = managing.json("telegram", "managed", "create", "Acme Helper", "--username", "acme_bot", "-e", "staging")
    assert made["suggestedUsername"].startswith("acme_")
    request = made["requestId"]
    assert managing.json("telegram", "managed", "status", request)["status"] == "pending"
    for decision in ("confirm", "reject"):
        managing.run("telegram", "managed", decision, request, code=1)
    assert managing.json("telegram", "managed", "cancel", request)["status"] == "cancelled"
    assert f"{request} is cancelled" in managing.run("telegram", "managed", "status", request).stdout
    assert "https://t.me/newbot/" in managing.run("telegram", "managed", "create", "Acme").stdout
    managing.run("telegram", "managed", "rotate", "intg_00000000000000000000000000", code=3)
    managing.run("telegram", "managed", "status", "tmb_00000000000000000000000000", code=3)


def test_without_a_managing_bot_a_person_hears_why(local: Terminal) -> None:
    said = local.run("telegram", "managed", "available").stdout
    assert "No managing bot is configured" in said
    assert "NOT_CONFIGURED" not in said
    local.run("telegram", "managed", "create", "Acme", code=1)


@pytest.mark.parametrize("command", [("slack", "install"), ("slack", "rotate", "slack"), ("telegram", "install")])
def test_without_a_terminal_and_a_file_a_person_hears_what_to_do(local: Terminal, command: tuple[str, ...]) -> None:
    assert "--from" in local.run(*command, code=2).output


def test_a_token_given_as_an_argument_is_refused_and_not_repeated(local: Terminal) -> None:
    for command in (
        ("slack", "install"),
        ("telegram", "install"),
        ("slack", "rotate", "slack"),
        ("telegram", "rotate", "t"),
    ):
        assert "xoxb" not in local.run(*command, "xoxb-Zq7Hx2Lm9Vb4", code=2).output
