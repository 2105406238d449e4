"""What Slack and Telegram send, signed as they sign it."""

import itertools
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from tests.http.judge import CANARY

_numbers = itertools.count(1)
SIGNING = f"signing-secret-{CANARY}"
NOTHING: Mapping[str, str] = {}
WEBHOOK = f"webhook-secret-{CANARY}"


@dataclass(frozen=True, slots=True)
class Sent:
    """One call to a webhook."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def slack(body: Any, secret: str = SIGNING, at: float | None = None, changed: Mapping[str, str] = NOTHING) -> Sent:
    """A call of Slack; its own library signs it."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    stamp = str(int(time.time() if at is None else at))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=content)
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": str(signature)}
    return Sent(content, {"Content-Type": "application/json", **headers, **changed})


def form(fields: Mapping[str, str], secret: str = SIGNING) -> Sent:
    """What Slack sends when somebody commands or presses."""
    return slack(urlencode(fields).encode(), secret, changed={"Content-Type": "application/x-www-form-urlencoded"})


def command(text: str = "what is the tide", trigger: str | None = None) -> Mapping[str, str]:
    """As https://docs.slack.dev/interactivity/implementing-slash-commands shows it."""
    return {
        "token": f"verification-token-{CANARY}", "team_id": "T0001", "team_domain": "example",
        "channel_id": "C2147483705", "channel_name": "test", "user_id": "U2147483697", "user_name": "Steve",
        "command": "/ask", "text": text, "response_url": "https://hooks.slack.com/commands/1234/5678",
        "trigger_id": trigger or f"13345224609.738474920.{next(_numbers)}", "api_app_id": "A123456",
    }  # fmt: skip


def pressed(**changed: Any) -> Mapping[str, str]:
    """A button, as https://docs.slack.dev/reference/interaction-payloads/block_actions-payload shows it."""
    action = {"action_id": "WaXA", "block_id": "=qXel", "value": "click_me_123", "type": "button", "action_ts": "1.0"}
    payload = {
        "type": "block_actions", "team": {"id": "T9TK3CUKW", "domain": "example"}, "user": {"id": "UA8RXUSPL"},
        "api_app_id": "AABA1ABCD", "token": f"verification-token-{CANARY}", "channel": {"id": "CBR2V3XEX"},
        "container": {"type": "message", "message_ts": "1548261231.000200", "channel_id": "CBR2V3XEX"},
        "trigger_id": f"12321423423.333649436676.{next(_numbers)}", "actions": [action],
        "response_url": "https://hooks.slack.com/actions/AABA1ABCD/1232321423432/D09sSasdasdAS9091209", **changed,
    }  # fmt: skip
    return {"payload": json.dumps(payload)}


def message(
    text: str = "Is anybody there?", channel: str = "C024BE91L", event_id: str | None = None, **more: Any
) -> Any:
    """The envelope of a message, as https://docs.slack.dev/reference/events/message shows it."""
    event = {"type": "message", "channel": channel, "user": "U2147483697", "text": text, "ts": "1355517523.000005"}
    return envelope({**event, "channel_type": "channel", **more}, event_id)


def envelope(event: Any, event_id: str | None = None) -> Any:
    """What Slack puts around every event."""
    return {
        "token": f"verification-token-{CANARY}", "team_id": "T123ABC456", "api_app_id": "A123ABC456", "event": event,
        "type": "event_callback", "event_id": event_id or f"Ev{next(_numbers):08}", "event_time": 1355517523,
        "authorizations": [{"team_id": "T123ABC456", "user_id": "U123ABC456", "is_bot": False}],
    }  # fmt: skip


def telegram(update: Any, secret: str = WEBHOOK) -> Sent:
    """A call of Telegram."""
    content = update if isinstance(update, bytes) else json.dumps(update).encode()
    headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": secret}
    return Sent(content, headers)


def update(text: str = "Is anybody there?", chat: int = 441, number: int | None = None) -> Any:
    """A message in a private chat, as https://core.telegram.org/bots/api#message describes it."""
    person = {"id": chat, "is_bot": False, "first_name": "Ada"}
    chat_of = {"id": chat, "type": "private", "first_name": "Ada"}
    inner = {"message_id": 7, "from": person, "chat": chat_of, "date": 1_700_000_000, "text": text}
    return {"update_id": number or next(_numbers), "message": inner}
