"""Sentry's organizations that a token sees, and what is in them, as its published schema and source describe them."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

TOKEN = "sntryi_emulated00000000000sentry"
ORGANIZATION = "moorings-emulated"
ORGANIZATIONS = [
    {
        "id": "1001",
        "slug": ORGANIZATION,
        "status": {"id": "active", "name": "active"},
        "name": "Moorings emulated",
        "dateCreated": "2026-01-06T21:19:55.101000Z",
        "isEarlyAdopter": False,
        "require2FA": False,
        "avatar": {"avatarType": "letter_avatar", "avatarUuid": None},
        "links": {
            "organizationUrl": f"https://{ORGANIZATION}.sentry.io",
            "regionUrl": "https://us.sentry.io",
        },
        "hasAuthProvider": False,
        "allowMemberInvite": True,
        "allowMemberProjectCreation": True,
        "allowSuperuserAccess": False,
        "features": [],
    }
]
LIMITS = {"x-sentry-rate-limit-limit": "40", "x-sentry-rate-limit-remaining": "0"}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> Answer:
    """The form of nearly all errors."""
    return Answer(status, {"detail": detail}, headers or {})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "Invalid token")
NOBODY = refusal(HTTPStatus.UNAUTHORIZED, "Authentication credentials were not provided.")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("an organization", Answer(HTTPStatus.OK, ORGANIZATIONS), "works"),
    ("no organization in this region", Answer(HTTPStatus.OK, []), "works"),
    (
        "a token without org:read",
        refusal(HTTPStatus.FORBIDDEN, "You do not have permission to perform this action."),
        "works",
    ),
    ("a wrong token", REFUSED, "rejected"),
    ("a wrong organization token", refusal(HTTPStatus.UNAUTHORIZED, "Invalid org token"), "rejected"),
    ("an expired token", refusal(HTTPStatus.UNAUTHORIZED, "Token expired"), "rejected"),
    ("an inactive user", refusal(HTTPStatus.UNAUTHORIZED, "User inactive or deleted"), "rejected"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "too many calls",
        refusal(
            HTTPStatus.TOO_MANY_REQUESTS,
            "You are attempting to use this endpoint too frequently. Limit is 40 requests in 1 seconds",
            LIMITS,
        ),
        "unavailable",
    ),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE, b""), "unavailable"),
    ("something else than a list", Answer(HTTPStatus.OK, {"detail": "Welcome"}), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Sentry:
    """Accepts one token; every other is refused with 401. An unknown path needs no token to be unknown."""

    integration_id = "sentry"

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"authToken": TOKEN, "organization": ORGANIZATION, "region": "us"}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        known = self._known(call)
        if known is None:
            return Answer(HTTPStatus.NOT_FOUND, b"")
        shown = call.headers.get("authorization")
        if shown is None:
            return NOBODY
        if shown != f"Bearer {TOKEN}":
            return REFUSED
        return known

    def _known(self, call: Call) -> Answer | None:
        if (call.method, call.path) == ("GET", "/api/0/organizations/"):
            return Answer(HTTPStatus.OK, ORGANIZATIONS)
        return sampled(self.integration_id, call)


EMULATOR = Sentry()
