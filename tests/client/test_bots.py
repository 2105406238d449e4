"""The calls of Slack and Telegram through both clients: what is sent, and what the answer is read as."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from moorings.client import Moorings
from tests.client.conftest import Opens
from tests.client.scripted import says, script
from tests.http.judge import CANARY

TIME = "2026-11-23T12:00:00.000Z"
SLACK = "/v1/integrations/slack"
MANAGED = "/v1/integrations/telegram/managed"
REQUEST = {
    "requestId": "tmb_1", "status": "rename_pending", "suggestedUsername": "acme_x_bot", "suggestedName": "Acme",
    "actualUsername": "nicer_bot", "actualName": "Nicer", "botId": "7", "integrationId": None, "error": None,
    "createdAt": TIME, "expiresAt": TIME,
}  # fmt: skip
ROTATED = {
    "success": True, "integrationId": "intg_1", "message": "Done.", "rotatedAt": TIME, "previousValidUntil": None,
}  # fmt: skip
CONNECTION = {
    "integrationId": "intg_1", "authorizeUrl": "https://slack.com/x", "redirectUrl": "https://m.example/back",
    "webhookUrl": "https://m.example/hook", "expiresAt": TIME,
}  # fmt: skip

Use = Callable[[Any], Any]

CALLS: dict[str, tuple[Use, str, Any, dict[str, Any]]] = {
    "install slack": (
        lambda client: client.slack.install(f"xoxb-{CANARY}", CANARY, environment="staging", integration="intg_1"),
        f"POST {SLACK}/install",
        {"botToken": f"xoxb-{CANARY}", "signingSecret": CANARY, "environment": "staging", "integrationId": "intg_1"},
        {"success": True, "integrationId": "intg_1", "status": "connected", "teamId": "T1", "teamName": None,
         "botId": "B1", "botUserId": None, "webhookUrl": "https://m.example/hook"},
    ),
    "rotate slack": (
        lambda client: client.slack.rotate("intg_1", signing_secret=CANARY, grace_seconds=0),
        f"POST {SLACK}/rotate", {"integrationId": "intg_1", "signingSecret": CANARY, "graceSeconds": 0}, ROTATED,
    ),
    "manifest": (
        lambda client: client.slack.manifest(name="Acme"), f"POST {SLACK}/manifest", {"name": "Acme"},
        {"integrationId": "intg_1", "manifest": {"settings": {}}, "createUrl": "https://api.slack.com/apps",
         "webhookUrl": "https://m.example/hook", "message": "Next.", "expiresAt": TIME},
    ),
    "connect": (
        lambda client: client.slack.connect("1.2", CANARY, CANARY, scopes=["chat:write"]), f"POST {SLACK}/connect",
        {"clientId": "1.2", "clientSecret": CANARY, "signingSecret": CANARY, "scopes": ["chat:write"]}, CONNECTION,
    ),
    "connect again": (
        lambda client: client.slack.connect_again("intg_1"), f"GET {SLACK}/connect?integrationId=intg_1", None,
        CONNECTION,
    ),
    "install telegram": (
        lambda client: client.telegram.install(f"7:{CANARY}", drop_pending_updates=True),
        "POST /v1/integrations/telegram/install", {"botToken": f"7:{CANARY}", "dropPendingUpdates": True},
        {"success": True, "integrationId": "intg_1", "status": "connected", "botId": "7", "botUsername": "a_bot",
         "webhookUrl": None, "delivery": "polling"},
    ),
    "replace a token": (
        lambda client: client.telegram.replace_token("intg_1", f"7:{CANARY}"),
        "POST /v1/integrations/telegram/rotate", {"integrationId": "intg_1", "botToken": f"7:{CANARY}"},
        {"success": True, "integrationId": "intg_1", "message": "Done.", "rotatedAt": TIME},
    ),
    "availability": (
        lambda client: client.telegram.availability("acme_bot"), f"GET {MANAGED}/availability?username=acme_bot", None,
        {"available": True, "managerBotUsername": "m_bot", "reason": None, "username": "acme_bot",
         "usernameValid": True},
    ),
    "initiate": (
        lambda client: client.telegram.initiate("Acme", username="acme_bot"), f"POST {MANAGED}/initiate",
        {"name": "Acme", "username": "acme_bot"},
        {"requestId": "tmb_1", "status": "pending", "deepLink": "https://t.me/newbot/m_bot/x", "qrCode": "data:,",
         "suggestedUsername": "acme_x_bot", "suggestedName": "Acme", "expiresAt": TIME},
    ),
    "request": (lambda client: client.telegram.request("tmb_1"), f"GET {MANAGED}/tmb_1/status", None, REQUEST),
    "confirm": (
        lambda client: client.telegram.confirm_rename("tmb_1"), f"POST {MANAGED}/tmb_1/confirm-rename", {}, REQUEST,
    ),
    "reject": (
        lambda client: client.telegram.reject_rename("tmb_1"), f"POST {MANAGED}/tmb_1/reject-rename", {}, REQUEST,
    ),
    "cancel": (
        lambda client: client.telegram.cancel("tmb_1"), f"DELETE {MANAGED}/tmb_1", None,
        {"success": True, "requestId": "tmb_1", "status": "cancelled", "message": "Done."},
    ),
    "rotate telegram": (
        lambda client: client.telegram.rotate("intg_1"), f"POST {MANAGED}/rotate", {"integrationId": "intg_1"}, ROTATED,
    ),
}  # fmt: skip


def sent(request: httpx2.Request) -> tuple[str, Any]:
    target = request.url.raw_path.decode()
    return f"{request.method} {target}", json.loads(request.content) if request.content else None


@pytest.mark.parametrize("name", list(CALLS))
def test_a_call_is_sent_as_the_api_takes_it_and_its_answer_read(opens: Opens, name: str) -> None:
    use, target, body, answer = CALLS[name]
    played = script(says(200, answer))
    with opens("http://127.0.0.1:1", "a-key", transport=played.transport()) as client:
        read = use(client)
    [request] = played.seen
    assert sent(request) in ((target, body), (target, body or None))
    shown = json.loads(read.model_dump_json(by_alias=True))
    assert {key: shown[key] for key in answer if key not in ("createdAt", "expiresAt", "rotatedAt")} == {
        key: answer[key] for key in answer if key not in ("createdAt", "expiresAt", "rotatedAt")
    }


@pytest.mark.parametrize("name", [name for name in CALLS if CANARY in str(CALLS[name][2])])
def test_a_secret_stands_in_the_body_alone(opens: Opens, name: str) -> None:
    use, _, _, answer = CALLS[name]
    played = script(says(200, answer))
    with opens("http://127.0.0.1:1", "a-key", transport=played.transport()) as client:
        assert CANARY not in repr(use(client))
    assert CANARY not in str(played.seen[0].url)
    assert CANARY not in str(played.seen[0].headers)


def test_every_call_of_both_nouns_is_tried() -> None:
    with Moorings("http://127.0.0.1:1", "a-key") as client:
        names = [name for noun in (client.slack, client.telegram) for name in vars(type(noun)) if name[0] != "_"]
    assert len(names) == len(CALLS)
