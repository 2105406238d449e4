"""Slack, beyond what its manifest declares: whose bot a token is, and OAuth with tokens that expire.

Facts: https://api.slack.com/methods/auth.test, https://api.slack.com/methods/oauth.v2.access and
https://docs.slack.dev/authentication/using-token-rotation.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from moorings.domain.bot import AppForm, SlackBot, SlackGrant, SlashCommand
from moorings.domain.integration import Integration
from moorings.domain.secret import Secret
from moorings.errors import CredentialsRejected, Detail, ProviderFailed
from moorings.providers.contract import Revoker, ToolRunner
from moorings.providers.declarative import DeclarativeVerifier
from moorings.providers.request import PreparedRequest
from moorings.providers.slack.app_manifest import SCOPES, app_manifest, create_url
from moorings.providers.slack.revoking import SlackRevoker
from moorings.providers.slack.upload import SlackTools
from moorings.providers.transport import Transport

AUTHORIZE = "/oauth/v2/authorize"
LONGEST_SECONDS = 365 * 86_400
"""How long a token is believed to last, whatever Slack says; at present that is twelve hours."""
REFUSALS: Mapping[str, str] = {
    "invalid_client_id": "Slack knows no app with this client id.",
    "bad_client_secret": "The client secret is not that of the app.",
    "invalid_code": "Slack does not know the code that came back, or it is too old; begin again.",
    "code_already_used": "The code that came back was used before; begin again.",
    "bad_redirect_uri": "The app does not list our redirect address; add it under OAuth & Permissions.",
    "oauth_authorization_url_mismatch": "The app was authorised at another address than ours; begin again.",
    "invalid_refresh_token": "Slack no longer takes the refresh token; install the app again.",
    "token_revoked": "The app was removed from the workspace; install it again.",
    "no_scopes": "The app asks for no bot scopes; add some.",
}


class Adapter:
    """See `Messenger`."""

    def __init__(
        self, transport: Transport, integration: Integration, upstream: str | None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._transport, self._upstream, self._now = transport, upstream, now
        self._base = (upstream or integration.base_url).rstrip("/")
        self._verifier = DeclarativeVerifier(transport, integration, upstream)

    async def bot(self, token: Secret) -> SlackBot:
        """See `Messenger.bot`; the manifest's rules decide what a good answer is."""
        verification, answer = await self._verifier.proven({"botToken": token})
        return SlackBot(
            team_id=str(answer["team_id"]), team_name=_text(answer, "team"), bot_id=str(answer["bot_id"]),
            user_id=_text(answer, "user_id"), verification=verification,
        )  # fmt: skip

    def app(self, name: str, events_url: str, redirect_url: str, commands: Sequence[SlashCommand] = ()) -> AppForm:
        """See `Messenger.app`."""
        manifest = app_manifest(name, events_url, redirect_url, commands)
        return AppForm(manifest, create_url(manifest))

    def authorize_url(self, client_id: str, scopes: Sequence[str], redirect_uri: str, state: str) -> str:
        """See `Messenger.authorize_url`."""
        query = {
            "client_id": client_id,
            "scope": ",".join(scopes or SCOPES),
            "redirect_uri": redirect_uri,
            "state": state,
        }
        site = f"{self._base}/@slack.com" if self._upstream else "https://slack.com"
        return f"{site}{AUTHORIZE}?{urlencode(query)}"

    def runner(self, declared: ToolRunner) -> ToolRunner:
        """Tools as they are declared, and uploads in three calls."""
        return SlackTools(declared, self._transport, self._upstream)

    def revoker(self, declared: Revoker) -> Revoker:
        """The declared one, and what an app with rotating tokens needs beside it."""
        return SlackRevoker(declared, self)

    async def exchange(self, client_id: Secret, client_secret: Secret, code: Secret, redirect_uri: str) -> SlackGrant:
        """See `Messenger.exchange`."""
        form = {"code": code.reveal(), "redirect_uri": redirect_uri}
        return await self._grant(client_id, client_secret, form)

    async def refresh(self, client_id: Secret, client_secret: Secret, refresh_token: Secret) -> SlackGrant:
        """See `Messenger.refresh`."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token.reveal()}
        return await self._grant(client_id, client_secret, form)

    async def _grant(self, client_id: Secret, client_secret: Secret, form: Mapping[str, str]) -> SlackGrant:
        asked = self._now()
        reply = await self._transport.send(self._request(client_id, client_secret, form))
        answer = reply.json()
        if not isinstance(answer, dict) or answer.get("ok") is not True:
            raise _refusal(answer, reply.status)
        token, refresh, seconds = (answer.get(name) for name in ("access_token", "refresh_token", "expires_in"))
        if answer.get("token_type", "bot") != "bot" or not isinstance(token, str):
            raise ProviderFailed("Slack gave no bot token; does the app ask for bot scopes?")
        # The code or refresh token is used up by now: a time that is none may not lose what came for it.
        known = isinstance(seconds, int) and not isinstance(seconds, bool)
        ends = asked + timedelta(seconds=max(0, min(int(seconds or 0), LONGEST_SECONDS))) if known else None
        return SlackGrant(Secret(token), Secret(refresh) if isinstance(refresh, str) else None, ends)

    def _request(self, client_id: Secret, client_secret: Secret, form: Mapping[str, str]) -> PreparedRequest:
        """A form, and the app's own secret by HTTP Basic: nothing of it stands in an address."""
        pair = base64.b64encode(f"{client_id.reveal()}:{client_secret.reveal()}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded"}
        hosts = frozenset({urlsplit(self._base).hostname or ""})
        address = f"{self._base}/oauth.v2.access"
        return PreparedRequest(
            "POST", address, headers, urlencode(form).encode(), hosts, trusted=self._upstream is not None
        )


def _refusal(answer: Any, status: int) -> CredentialsRejected | ProviderFailed:
    word = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(word, str) and word in REFUSALS:
        return CredentialsRejected(REFUSALS[word], [Detail("provider", word)])
    return ProviderFailed(f"Slack did not give a token: it answered {status}. Try again later.")


def _text(answer: Mapping[str, Any], name: str) -> str | None:
    value = answer.get(name)
    return value if isinstance(value, str) else None
