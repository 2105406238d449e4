"""What Slack sends as a form when a person types a command or presses a button.

https://docs.slack.dev/interactivity/implementing-slash-commands,
https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

import json
from urllib.parse import urlencode

from moorings.emulators.slack import deeds
from moorings.emulators.slack.answers import Json
from moorings.emulators.slack.apps import App
from moorings.emulators.slack.workspace import Channel

VERIFICATION = "emulated-verification-token"
DOMAIN = "emulated-workspace"


def typed(app: App, channel: Channel, deed: deeds.Command, trigger: str) -> bytes:
    """A slash command."""
    form = {
        "token": VERIFICATION, "team_id": app.team_id, "team_domain": DOMAIN, "channel_id": channel.id,
        "channel_name": channel.name, "user_id": deed.user, "user_name": deed.user.lower(), "command": deed.command,
        "text": deed.text, "api_app_id": app.id, "is_enterprise_install": "false",
        "response_url": f"https://hooks.slack.com/commands/{app.team_id}/{trigger}", "trigger_id": trigger,
    }  # fmt: skip
    return urlencode(form).encode()


def pressed(app: App, channel: Channel, message: Json, deed: deeds.Press, trigger: str) -> bytes:
    """A button in a message."""
    ts = message["ts"]
    action = {
        "action_id": deed.action_id, "block_id": "emulated", "type": "button", "value": deed.value, "action_ts": ts,
        "text": {"type": "plain_text", "text": deed.action_id, "emoji": True},
    }  # fmt: skip
    payload = {
        "type": "block_actions", "api_app_id": app.id, "token": VERIFICATION, "trigger_id": trigger,
        "user": {"id": deed.user, "username": deed.user.lower(), "name": deed.user.lower(), "team_id": app.team_id},
        "team": {"id": app.team_id, "domain": DOMAIN}, "enterprise": None, "is_enterprise_install": False,
        "channel": {"id": channel.id, "name": channel.name}, "message": message, "actions": [action],
        "container": {"type": "message", "message_ts": ts, "channel_id": channel.id, "is_ephemeral": False},
        "response_url": f"https://hooks.slack.com/actions/{app.team_id}/{trigger}",
    }  # fmt: skip
    return urlencode({"payload": json.dumps(payload, ensure_ascii=False)}).encode()
