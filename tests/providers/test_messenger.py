"""What Slack's adapter makes of odd answers; and that nothing secret stands in an address."""

import base64
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from moorings.catalog.catalog import load_catalog
from moorings.domain.bot import SlackGrant
from moorings.domain.secret import Secret
from moorings.errors import CredentialsRejected, ProviderFailed
from moorings.providers.registry import FOLDER
from moorings.providers.slack.adapter import REFUSALS, Adapter
from moorings.providers.slack.app_manifest import SCOPES
from moorings.providers.transport import Transport
from tests.providers.made import Wire, said, saying, wire

pytestmark = pytest.mark.anyio

SLACK = load_catalog([FOLDER]).get("slack")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ID, SECRET, CODE = Secret("1.2"), Secret("client-secret-of-the-app"), Secret("code-of-a-person")
GRANTED = {"ok": True, "token_type": "bot", "access_token": "xoxb-new", "team": {"id": "T1", "name": "Acme"}}

Ask = Callable[[Adapter], Awaitable[SlackGrant]]
ASKS: dict[str, Ask] = {
    "exchange": lambda adapter: adapter.exchange(ID, SECRET, CODE, "https://m.example/back"),
    "refresh": lambda adapter: adapter.refresh(ID, SECRET, Secret("xoxe-1-refresh-token")),
}


async def asked(answer: bytes, ask: str = "exchange") -> tuple[SlackGrant, Wire]:
    async with wire(saying(answer)) as slack, Transport(timeout=2) as transport:
        return await ASKS[ask](Adapter(transport, SLACK, slack.url, lambda: NOW)), slack


@pytest.mark.parametrize("ask", list(ASKS))
async def test_a_grant_is_asked_for_with_nothing_secret_in_the_address(ask: str) -> None:
    grant, slack = await asked(said(json.dumps(GRANTED)), ask)
    assert (grant.token.reveal(), grant.refresh_token, grant.expires_at) == ("xoxb-new", None, None)
    [head] = slack.heads
    assert head.startswith("POST /oauth.v2.access HTTP/1.1")
    pair = base64.b64encode(b"1.2:client-secret-of-the-app").decode()
    assert f"Authorization: Basic {pair}" in head


async def test_a_pair_comes_with_its_end() -> None:
    pair = {**GRANTED, "access_token": "xoxe.xoxb-new", "refresh_token": "xoxe-1-new", "expires_in": 43_200}
    grant, _ = await asked(said(json.dumps(pair)))
    assert grant.refresh_token == Secret("xoxe-1-new")
    assert grant.expires_at == NOW + timedelta(hours=12)


@pytest.mark.parametrize("word", list(REFUSALS))
async def test_a_refusal_is_told_in_a_sentence(word: str) -> None:
    with pytest.raises(CredentialsRejected) as refused:
        await asked(said(json.dumps({"ok": False, "error": word})))
    assert (refused.value.message, refused.value.details[0].message) == (REFUSALS[word], word)


@pytest.mark.parametrize(
    "answer",
    [
        said("<html>Sign in to this network</html>", kind="text/html"), said("null"), said("[]"), said("{"), said(""),
        said(json.dumps({"ok": True})), said(json.dumps({**GRANTED, "token_type": "user"})),
        said(json.dumps({**GRANTED, "access_token": 7})), said(json.dumps({"ok": False, "error": "fatal_error"})),
        said(json.dumps({"ok": False, "error": ["odd"]})), said(json.dumps({**GRANTED, "ok": 1})),
        said(json.dumps({"ok": False, "error": "ratelimited"}), "429 Too Many Requests"),
    ],
)  # fmt: skip
async def test_what_is_no_grant_is_a_failure_that_says_nothing_of_what_was_sent(answer: bytes) -> None:
    with pytest.raises(ProviderFailed) as failure:
        await asked(answer)
    assert "secret" not in failure.value.message


async def test_a_person_is_sent_to_slack_itself_with_our_scopes_unless_others_are_named() -> None:
    async with Transport() as transport:
        adapter: Any = Adapter(transport, SLACK, None)
        for scopes, wanted in (((), ",".join(SCOPES)), (("chat:write",), "chat:write")):
            address = urlsplit(adapter.authorize_url("1.2", scopes, "https://m.example/back", "state"))
            assert (address.scheme, address.netloc, address.path) == ("https", "slack.com", "/oauth/v2/authorize")
            assert parse_qs(address.query)["scope"] == [wanted]


@pytest.mark.parametrize(
    ("seconds", "ends"), [(10**12, NOW + timedelta(days=365)), (-5, NOW), (True, None), ("43200", None), (None, None)]
)
async def test_a_pair_is_not_lost_for_an_end_that_is_none(seconds: object, ends: object) -> None:
    pair = {**GRANTED, "access_token": "xoxe.xoxb-new", "refresh_token": "xoxe-1-new", "expires_in": seconds}
    grant, _ = await asked(said(json.dumps(pair)))
    assert (grant.refresh_token, grant.expires_at) == (Secret("xoxe-1-new"), ends)
