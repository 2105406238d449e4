"""GitLab's access token that describes and revokes itself, and its projects, as its documentation has them."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

TOKEN = "glpat-emulated00000000gitlab"
SELF = "/personal_access_tokens/self"
DETAILS = {
    "id": 1001,
    "name": "Moorings emulated",
    "revoked": False,
    "created_at": "2026-10-01T12:00:00.000Z",
    "description": "An emulated token",
    "scopes": ["api"],
    "user_id": 24,
    "last_used_at": "2026-11-20T12:00:00.000Z",
    "active": True,
    "expires_at": "2027-10-01",
    "last_used_ips": [],
}
REFUSED = Answer(HTTPStatus.UNAUTHORIZED, {"message": "401 Unauthorized"})
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def oauth_error(status: HTTPStatus, error: str, description: str, **more: str) -> Answer:
    """The form of errors that speak of the token itself."""
    return Answer(status, {"error": error, "error_description": description, **more})


def forbidden(reason: str) -> Answer:
    """What GitLab says when the account behind a token may not use the API."""
    return Answer(HTTPStatus.FORBIDDEN, {"message": f"403 Forbidden - {reason}"})


REVOKED = oauth_error(
    HTTPStatus.UNAUTHORIZED, "invalid_token", "Token was revoked. You have to re-authorize from the user."
)

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a token", Answer(HTTPStatus.OK, DETAILS), "works"),
    (
        "a token of another kind",
        Answer(
            HTTPStatus.BAD_REQUEST,
            {"message": "400 Bad request - This endpoint requires token type to be a personal access token"},
        ),
        "works",
    ),
    (
        "a token that may not read itself",
        oauth_error(
            HTTPStatus.FORBIDDEN,
            "insufficient_scope",
            "The request requires higher privileges than provided by the access token.",
            scope="api",
        ),
        "works",
    ),
    ("a wrong token", REFUSED, "rejected"),
    ("a revoked token", REVOKED, "rejected"),
    (
        "an expired token",
        oauth_error(
            HTTPStatus.UNAUTHORIZED,
            "invalid_token",
            "Token is expired. You can either do re-authorization or token refresh.",
        ),
        "rejected",
    ),
    (
        "a proof of possession is missing",
        oauth_error(HTTPStatus.UNAUTHORIZED, "dpop_error", "DPoP validation error"),
        "rejected",
    ),
    ("a blocked account", forbidden("Your account has been blocked."), "unavailable"),
    (
        "terms to accept",
        forbidden("You (@emulated) must accept the Terms of Service in order to perform this action."),
        "unavailable",
    ),
    ("blocked on the way", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "too many calls",
        Answer(HTTPStatus.TOO_MANY_REQUESTS, b"Retry later\n", {"content-type": "text/plain", "retry-after": "30"}),
        "unavailable",
    ),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE, b""), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class GitLab:
    """Accepts one token until it revokes itself; every other is refused with 401."""

    integration_id = "gitlab"

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
        if not _knows(call):
            return REFUSED
        if self._revoked:
            return REVOKED
        match call.method, call.path:
            case "GET", path if path == SELF:
                return Answer(HTTPStatus.OK, DETAILS)
            case "DELETE", path if path == SELF:
                self._revoked = True
                return Answer(HTTPStatus.NO_CONTENT, b"")
        return sampled(self.integration_id, call) or Answer(HTTPStatus.NOT_FOUND, {"error": "404 Not Found"})


def _knows(call: Call) -> bool:
    """Whether the call carries the token, in either of the two headers that GitLab takes."""
    shown = call.headers.get("private-token"), call.headers.get("authorization")
    return shown[0] == TOKEN or shown[1] == f"Bearer {TOKEN}"


EMULATOR = GitLab()
