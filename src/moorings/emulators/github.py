"""GitHub's own user and its revocation of exposed tokens, as its REST documentation describes them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

TOKEN = "ghp_emulated0000000000000github"
DOCUMENTATION = "https://docs.github.com/rest"
LOGIN = "moorings-emulated"
MOST_TOKENS = 1000
API = f"https://api.github.com/users/{LOGIN}"
USER = {
    "login": LOGIN,
    "id": 1000001,
    "node_id": "U_emulated",
    "user_view_type": "public",
    "type": "User",
    "site_admin": False,
    "avatar_url": "https://avatars.githubusercontent.com/u/1000001",
    "gravatar_id": "",
    "url": API,
    "html_url": f"https://github.com/{LOGIN}",
    "followers_url": f"{API}/followers",
    "following_url": f"{API}/following{{/other_user}}",
    "gists_url": f"{API}/gists{{/gist_id}}",
    "starred_url": f"{API}/starred{{/owner}}{{/repo}}",
    "subscriptions_url": f"{API}/subscriptions",
    "organizations_url": f"{API}/orgs",
    "repos_url": f"{API}/repos",
    "events_url": f"{API}/events{{/privacy}}",
    "received_events_url": f"{API}/received_events",
    "name": "An emulated user",
    "company": None,
    "blog": "",
    "location": None,
    "email": None,
    "hireable": None,
    "bio": None,
    "public_repos": 2,
    "public_gists": 0,
    "followers": 3,
    "following": 1,
    "created_at": "2020-01-01T00:00:00Z",
    "updated_at": "2026-11-01T00:00:00Z",
}
NO_USER_AGENT = Answer(
    HTTPStatus.FORBIDDEN,
    b"Request forbidden by administrative rules.\nPlease make sure your request has a User-Agent header.\n",
    {"content-type": "text/html"},
)
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """The shape of all errors."""
    body = {"message": message, "documentation_url": DOCUMENTATION, "status": str(status.value)}
    return Answer(status, body, headers or {})


SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a user", Answer(HTTPStatus.OK, USER), "works"),
    (
        "an app's installation, which is no user",
        refusal(HTTPStatus.FORBIDDEN, "Resource not accessible by integration"),
        "works",
    ),
    (
        "a fine-grained token that may not read its owner",
        refusal(HTTPStatus.FORBIDDEN, "Resource not accessible by personal access token"),
        "works",
    ),
    ("a wrong token", refusal(HTTPStatus.UNAUTHORIZED, "Bad credentials"), "rejected"),
    (
        "the hourly limit",
        refusal(HTTPStatus.FORBIDDEN, "API rate limit exceeded for user ID 1000001.", {"x-ratelimit-remaining": "0"}),
        "unavailable",
    ),
    (
        "the limit of calls in a short time",
        refusal(
            HTTPStatus.FORBIDDEN,
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
            {"retry-after": "60"},
        ),
        "unavailable",
    ),
    (
        "the hourly limit as 429",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "API rate limit exceeded for user ID 1000001."),
        "unavailable",
    ),
    (
        "all refused after several wrong tokens",
        refusal(HTTPStatus.FORBIDDEN, "Maximum number of login attempts exceeded. Please try again later."),
        "unavailable",
    ),
    ("a call without a user agent", NO_USER_AGENT, "unavailable"),
    ("an outage", refusal(HTTPStatus.SERVICE_UNAVAILABLE, "Service unavailable"), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class GitHub:
    """Accepts one token until it is reported as exposed; every other is refused with 401."""

    integration_id = "github"

    def __init__(self) -> None:
        self._revoked = False

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"accessToken": TOKEN}

    def reset(self) -> None:
        """Forget that the token was revoked."""
        self._revoked = False

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if not call.headers.get("user-agent"):
            return NO_USER_AGENT
        if (call.method, call.path) == ("POST", "/credentials/revoke"):
            return self._revoke(call)
        if problem := self._stranger(call):
            return problem
        if (call.method, call.path) == ("GET", "/user"):
            return Answer(HTTPStatus.OK, USER, {"x-oauth-scopes": "repo"})
        known = sampled(self.integration_id, call) or refusal(HTTPStatus.NOT_FOUND, "Not Found")
        return _directory(known.body) if call.path.endswith("/contents/") else known

    def _stranger(self, call: Call) -> Answer | None:
        shown = call.headers.get("authorization")
        if shown is None:
            return refusal(HTTPStatus.UNAUTHORIZED, "Requires authentication")
        if self._revoked or shown not in (f"Bearer {TOKEN}", f"token {TOKEN}"):
            return refusal(HTTPStatus.UNAUTHORIZED, "Bad credentials")
        return None

    def _revoke(self, call: Call) -> Answer:
        if "authorization" in call.headers:
            return refusal(HTTPStatus.FORBIDDEN, "Forbidden")
        tokens = _tokens(call.json())
        if tokens is None:
            return refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "Validation failed, or the endpoint has been spammed.")
        self._revoked = self._revoked or TOKEN in tokens
        return Answer(HTTPStatus.ACCEPTED, {})


def _directory(file: Mapping[str, Any]) -> Answer:
    """The topmost directory, which holds one file; entries come without their content."""
    entry = {name: value for name, value in file.items() if name not in ("content", "encoding")}
    return Answer(HTTPStatus.OK, [{**entry, "path": entry["name"]}])


def _tokens(body: Any) -> list[str] | None:
    """The reported tokens, 1 to 1,000 of them; None for a body of another form."""
    tokens = body.get("credentials") if isinstance(body, dict) else None
    if not isinstance(tokens, list) or not 1 <= len(tokens) <= MOST_TOKENS:
        return None
    return tokens if all(isinstance(token, str) for token in tokens) else None


EMULATOR = GitHub()
