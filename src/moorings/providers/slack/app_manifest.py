"""The manifest from which Slack makes an app that our tools and events need, and the commands that people type.

Facts: https://docs.slack.dev/reference/app-manifest and https://github.com/slackapi/manifest-schema (version 2).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from moorings.domain.bot import SlashCommand

LONGEST_NAME = 35
CREATE = "https://api.slack.com/apps"

SCOPES = (
    "app_mentions:read", "channels:history", "channels:read", "chat:write", "files:write", "groups:history",
    "groups:read", "im:history", "im:read", "im:write", "mpim:history", "mpim:read", "reactions:write", "users:read",
    "users:read.email",
)  # fmt: skip
"""What the tools of the catalogue and the events below need; an app of one's own may have fewer."""

COMMANDS = "commands"
"""The scope of an app that has commands; one without takes none that it does not use."""

EVENTS = (
    "app_mention", "app_uninstalled", "message.channels", "message.groups", "message.im", "message.mpim",
    "tokens_revoked",
)  # fmt: skip


def app_manifest(
    name: str, events_url: str, redirect_url: str, commands: Sequence[SlashCommand] = ()
) -> Mapping[str, Any]:
    """An app of this name that sends all it hears to one address of ours, and comes back from OAuth at the other."""
    short = name[:LONGEST_NAME].strip()
    typed = {"slash_commands": [_command(one, events_url) for one in commands]} if commands else {}
    scopes = sorted({*SCOPES, COMMANDS}) if commands else list(SCOPES)
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {"name": short},
        "features": {
            "app_home": {"messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
            "bot_user": {"display_name": short, "always_online": True},
            **typed,
        },
        "oauth_config": {"redirect_urls": [redirect_url], "scopes": {"bot": scopes}},
        "settings": {
            "event_subscriptions": {"request_url": events_url, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, "request_url": events_url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": False,
            "token_rotation_enabled": False,
        },
    }


def _command(one: SlashCommand, url: str) -> Mapping[str, Any]:
    hint = {"usage_hint": one.usage_hint} if one.usage_hint else {}
    # Escaped, a mention comes as the id of who is meant and not as a name that may change.
    return {"command": one.command, "url": url, "description": one.description, "should_escape": True, **hint}


def create_url(manifest: Mapping[str, Any]) -> str:
    """The page on which Slack makes the app from it."""
    return f"{CREATE}?{urlencode({'new_app': 1, 'manifest_json': json.dumps(manifest, separators=(',', ':'))})}"
