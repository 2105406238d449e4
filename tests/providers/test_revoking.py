"""What a provider makes of being told to revoke: a status is a yes only where it proves something."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from moorings.catalog.catalog import load_catalog
from moorings.domain.secret import Secret, SecretFields
from moorings.emulators.server import EmulatorServer
from moorings.emulators.slack import Slack
from moorings.emulators.slack.apps import CLIENT_ID, CLIENT_SECRET, TOKEN_SECONDS, Grant
from moorings.errors import CredentialsRejected, ProviderFailed
from moorings.providers.contract import Provider
from moorings.providers.registry import FOLDER, providers
from moorings.providers.transport import Transport
from tests.contract.loopback import serving
from tests.providers.made import said, saying, wire

pytestmark = pytest.mark.anyio

CATALOG = load_catalog([FOLDER])
SUPPORTED = {"github", "gitlab", "google-workspace", "perplexity", "shopify", "slack", "trello", "twilio", "vercel"}
SHOP = {"shop": Secret("emulated-shop"), "accessToken": Secret("shpat_" + "a" * 32)}
BOT = {"botToken": Secret("xoxb-1-not-a-token"), "signingSecret": Secret("s" * 32)}


@pytest.fixture
async def transport(anyio_backend: str) -> AsyncIterator[Transport]:
    async with Transport(timeout=5) as made:
        yield made


async def test_whoever_declares_a_request_can_be_told(transport: Transport) -> None:
    found = providers(CATALOG, transport, {})
    assert {name for name, provider in found.items() if provider.revoker} == SUPPORTED


def connected(name: str, transport: Transport, url: str) -> Provider:
    return providers([CATALOG.get(name)], transport, {name: url})[name]


async def outcome(name: str, transport: Transport, fields: SecretFields, body: str) -> str:
    """What an answer with a status of success is taken for."""
    async with wire(saying(said(body))) as provider:
        revoker = connected(name, transport, provider.url).revoker
        assert revoker is not None
        try:
            await revoker.revoke(fields)
        except CredentialsRejected:
            return "gone"
        except ProviderFailed as error:
            return error.message
    return "confirmed"


NO = "Slack answered 200 when it was told to revoke."


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"ok": true, "revoked": true}', "confirmed"),
        ('{"ok": true, "revoked": false}', NO),
        ('{"ok": true}', NO),
        ('{"ok": false, "error": "token_revoked"}', "gone"),
        ('{"ok": false, "error": "account_inactive"}', "gone"),
        ('{"ok": false, "error": "token_expired"}', "gone"),
        ('{"ok": false, "error": "invalid_auth"}', "Slack answered 200 (invalid_auth) when it was told to revoke."),
        ('{"ok": false, "error": "missing_scope"}', "Slack answered 200 (missing_scope) when it was told to revoke."),
        ('{"ok": false, "error": "ratelimited"}', "Slack answered 200 (ratelimited) when it was told to revoke."),
        ("[]", NO),
        ("<html>Sign in to the network</html>", NO),
    ],
)
async def test_slack_has_revoked_what_it_says_it_has(transport: Transport, body: str, expected: str) -> None:
    assert await outcome("slack", transport, BOT, body) == expected


DONE = '{"data": {"appUninstall": {"userErrors": []}}}'


@pytest.mark.parametrize(
    "body",
    [
        DONE,
        '{"data": {"appUninstall": {"userErrors": [{"field": null, "message": "No."}]}}}',
        '{"data": {"appUninstall": null}, "errors": [{"message": "Throttled"}]}',
        '{"errors": [{"message": "Throttled"}]}',
        "<html>Sign in to the network</html>",
    ],
)
async def test_shopify_has_uninstalled_where_it_names_no_errors(transport: Transport, body: str) -> None:
    expected = "confirmed" if body == DONE else "Shopify answered 200 when it was told to revoke."
    assert await outcome("shopify", transport, SHOP, body) == expected


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.fixture
def address(slack: Slack) -> Iterator[str]:
    with serving(EmulatorServer({"slack": slack})) as base:
        yield f"{base}/slack"


def rotating(slack: Slack, ago: float) -> dict[str, Any]:
    """What an app whose tokens expire was given, so many seconds ago."""
    app = next(iter(slack.apps.apps.values()))
    app.rotates = True
    grant = slack.apps.grant(app, app.scopes, slack._now() - ago)
    fields = {"botToken": grant.token, "refreshToken": grant.refresh_token}
    return {**fields, "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET, "signingSecret": "s" * 32}


def alive(slack: Slack) -> list[Grant]:
    """What an app could still be called or renewed with."""
    now = slack._now()
    mine = [grant for grant in slack.apps.grants.values() if grant.expires_at is not None and not grant.error]
    return [grant for grant in mine if grant.refresh_token or (grant.expires_at or 0) > now]


@pytest.mark.parametrize("ago", [0, TOKEN_SECONDS + 1], ids=["fresh", "expired"])
async def test_of_a_rotating_app_neither_token_is_good_for_anything_after(
    transport: Transport, slack: Slack, address: str, ago: float
) -> None:
    fields = {name: Secret(value) for name, value in rotating(slack, ago).items()}
    assert alive(slack)
    revoker = connected("slack", transport, address).revoker
    assert revoker is not None
    await revoker.revoke(fields)
    assert alive(slack) == []
    with pytest.raises(CredentialsRejected):
        await revoker.revoke(fields)
