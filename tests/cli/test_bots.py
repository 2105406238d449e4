"""Slack apps and Telegram bots from the command line; their secrets are read from a file or asked for."""

import json
import re

import pytest

from moorings.emulators.slack import EMULATOR as SLACK
from moorings.emulators.telegram import EMULATOR as TELEGRAM
from tests.cli.terminal import Terminal

APP = json.dumps(dict(SLACK.credentials()))
BOT = json.dumps(dict(TELEGRAM.credentials()))


def test_an_app_is_made_installed_rotated_and_removed(place: Terminal) -> None:
    offer = place.json("slack", "manifest", "--name", "Support", "-e", "staging")
    pending = offer["integrationId"]
    assert offer["manifest"]["display_information"]["name"] == "Support"
    made = place.json("slack", "install", "--integration", pending, "--from", "-", text=APP)
    assert (made["integrationId"], made["teamId"]) == (pending, "T0EMULATED")
    place.run("slack", "install", "--from", "-", "-e", "staging", text=APP, code=1)
    secret = json.dumps({"signingSecret": "another-signing-secret"})
    rotated = place.json("slack", "rotate", pending, "--grace", "60", "--from", "-", text=secret)
    assert rotated["previousValidUntil"] is not None
    assert place.json("credentials", "delete", pending, "--yes")["success"]


def test_what_a_person_reads(place: Terminal) -> None:
    offer = place.run("slack", "manifest").stdout
    assert re.search(r"intg_\w{26} is reserved\.", offer)
    assert "https://api.slack.com/apps?new_app=1" in offer
    made = place.run("slack", "install", "--from", "-", text=APP).stdout
    assert "is the bot of Emulated workspace" in made
    rotated = place.run("slack", "rotate", "slack", "--from", "-", text=APP).stdout
    assert "Slack accepts the new credentials" in rotated


def test_a_bot_is_installed(place: Terminal) -> None:
    made = place.json("telegram", "install", "--name", "Support", "--forget", "--from", "-", text=BOT)
    assert (made["botUsername"], made["delivery"]) == ("emulated_example_bot", "polling")
    place.run("telegram", "install", "--from", "-", text=BOT, code=1)
    place.run("credentials", "delete", made["integrationId"], "--yes")
    assert (
        "@emulated_example_bot; its messages are fetched"
        in place.run("telegram", "install", "--from", "-", text=BOT).stdout
    )


@pytest.mark.parametrize("command", [("slack", "install"), ("slack", "rotate", "slack"), ("telegram", "install")])
def test_without_a_terminal_and_a_file_a_person_hears_what_to_do(local: Terminal, command: tuple[str, ...]) -> None:
    assert "--from" in local.run(*command, code=2).output


def test_a_token_given_as_an_argument_is_refused_and_not_repeated(local: Terminal) -> None:
    for command in (("slack", "install"), ("telegram", "install"), ("slack", "rotate", "slack")):
        assert "xoxb" not in local.run(*command, "xoxb-Zq7Hx2Lm9Vb4", code=2).output
