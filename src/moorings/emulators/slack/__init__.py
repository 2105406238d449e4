"""Slack's Web API, OAuth and events over a small workspace, as the methods' pages and the official SDK have them."""

from moorings.emulators.slack.answers import SUBTLE
from moorings.emulators.slack.web_api import EMULATOR, Slack

__all__ = ["EMULATOR", "SUBTLE", "Slack"]
