"""OAuth v2: the page on which a person agrees, codes and refresh tokens that are good once, exchange and revocation."""

import base64
import html
from http import HTTPStatus
from urllib.parse import unquote, urlencode

from moorings.emulators.arguments import Arguments
from moorings.emulators.contract import Answer, Call
from moorings.emulators.slack.answers import Json, Refused, done
from moorings.emulators.slack.apps import CODE_SECONDS, TOKEN_SECONDS, App, Apps, Code, Grant
from moorings.emulators.slack.workspace import ALEX

AUTHORIZE = "/oauth/v2/authorize"
DECISION = "decision"


def authorize(apps: Apps, given: Arguments, now: float) -> Answer:
    """A page with Allow and Cancel; either leads back with the state."""
    app, redirect = apps.by_client(given.text("client_id")), given.text("redirect_uri")
    scopes = [scope for scope in given.text("scope").split(",") if scope]
    wrong = "invalid_client_id" if app is None else _wrong(app, redirect, scopes)
    if app is None or wrong:
        return _page(f"<p>Something went wrong: {wrong}</p>", HTTPStatus.BAD_REQUEST)
    state = {"state": given.text("state")}
    match given.text(DECISION):
        case "allow":
            code = f"emulated.code.{apps.next():016d}"
            apps.codes[code] = Code(app, redirect, scopes, now + CODE_SECONDS)
            return _redirect(redirect, {"code": code, **state})
        case "cancel":
            return _redirect(redirect, {"error": "access_denied", **state})
    links = [_link(given, word) for word in ("allow", "cancel")]
    return _page(f"<p>{html.escape(app.name)} wants to enter {html.escape(app.team)}.</p>{''.join(links)}")


def access(apps: Apps, call: Call, given: Arguments, now: float) -> Answer:
    """Tokens for a code or a refresh token."""
    app = _client(apps, call, given)
    match given.text("grant_type") or "authorization_code":
        case "authorization_code":
            scopes = _used(apps, app, given, now)
            return _granted(apps.grant(app, scopes, now))
        case "refresh_token":
            grant = apps.refresh(given.text("refresh_token"), app, now)
            if grant is None:
                raise Refused("invalid_refresh_token")
            return _granted(grant)
    raise Refused("invalid_grant_type")


def exchange(apps: Apps, call: Call, given: Arguments, now: float) -> Answer:
    """A pair for a token without an end."""
    app, grant = _client(apps, call, given), apps.grants.get(shown_token(call, given))
    if grant is None or grant.error:
        raise Refused("invalid_token")
    if grant.app is not app:
        raise Refused("authorization_not_found")
    if not app.rotates:
        raise Refused("token_rotation_not_enabled")
    if grant.expires_at is not None:
        raise Refused("token_already_exchanged")
    grant.error = "token_revoked"
    return _granted(apps.grant(app, grant.scopes, now))


def shown_token(call: Call, given: Arguments) -> str:
    """In the header, or as an argument."""
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    return token if scheme == "Bearer" else given.text("token")


def revoke(grant: Grant, given: Arguments) -> Answer:
    """The token that is shown, unless it is only a test."""
    dry = given.flag("test")
    if not dry:
        grant.error = "token_revoked"
    return done(revoked=not dry)


def _wrong(app: App, redirect: str, scopes: list[str]) -> str | None:
    if not redirect.startswith(("https://", "http://")):
        return "bad_redirect_uri"
    if app.redirect_urls and not any(redirect.startswith(known) for known in app.redirect_urls):
        return "bad_redirect_uri"
    return None if scopes else "no_scopes"


def _link(given: Arguments, word: str) -> str:
    query = urlencode({**given.texts, DECISION: word})
    return f'<p><a id="{word}" href="?{html.escape(query)}">{word.title()}</a></p>'


def _page(content: str, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    page = f"<!doctype html><html><head><title>Slack, emulated</title></head><body>{content}</body></html>"
    return Answer(status, page.encode(), {"content-type": "text/html; charset=utf-8"})


def _redirect(target: str, query: Json) -> Answer:
    separator = "&" if "?" in target else "?"
    return Answer(HTTPStatus.FOUND, None, {"location": f"{target}{separator}{urlencode(query)}"})


def _client(apps: Apps, call: Call, given: Arguments) -> App:
    """By HTTP Basic, or in the form."""
    client_id, secret = _basic(call) or (given.text("client_id"), given.text("client_secret"))
    app = apps.by_client(client_id)
    if app is None:
        raise Refused("invalid_client_id")
    if secret != app.client_secret:
        raise Refused("bad_client_secret")
    return app


def _basic(call: Call) -> tuple[str, str] | None:
    scheme, _, shown = call.headers.get("authorization", "").partition(" ")
    if scheme != "Basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(shown).decode().partition(":")
    except ValueError:
        return None
    return unquote(client_id), unquote(secret)


def _used(apps: Apps, app: App, given: Arguments, now: float) -> list[str]:
    code = apps.codes.get(given.text("code"))
    if code is None or code.app is not app or code.until <= now:
        raise Refused("invalid_code")
    if code.used:
        raise Refused("code_already_used")
    if given.text("redirect_uri") != code.redirect_uri:
        raise Refused("bad_redirect_uri")
    code.used = True
    return list(code.scopes)


def _granted(grant: Grant) -> Answer:
    app = grant.app
    pair = {"refresh_token": grant.refresh_token, "expires_in": TOKEN_SECONDS} if grant.refresh_token else {}
    return done(
        access_token=grant.token, token_type=grant.kind, scope=",".join(grant.scopes), bot_user_id=app.bot_user_id,
        app_id=app.id, team={"id": app.team_id, "name": app.team}, enterprise=None, is_enterprise_install=False,
        authed_user={"id": ALEX}, **pair,
    )  # fmt: skip
