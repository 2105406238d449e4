"""Vercel's own user and the deletion of the token that asks, as its published schema and errors page describe them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "vercel"
TOKEN = "emulated0000000000vercel"
TOKEN_ID = "emulated-token-id"
NAMES = {
    "id": "emulatedUser0000000000",
    "email": "person@example.com",
    "name": "An emulated person",
    "username": "moorings-emulated",
    "avatar": None,
    "defaultTeamId": None,
}
USER: Mapping[str, Any] = {
    **NAMES,
    "createdAt": 1767225600000,
    "softBlock": None,
    "billing": None,
    "resourceConfig": {},
    "stagingPrefix": "moorings-emulated",
    "hasTrialAvailable": False,
}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, code: str, message: str, **more: Any) -> Answer:
    """The form of all errors."""
    return Answer(status, {"error": {"code": code, "message": message, **more}})


NOBODY = refusal(HTTPStatus.FORBIDDEN, "forbidden", "Not authorized")
REFUSED = refusal(HTTPStatus.FORBIDDEN, "forbidden", "Not authorized", invalidToken=True)

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a person", Answer(HTTPStatus.OK, {"user": USER}), "works"),
    (
        "a token that may not read its owner in full",
        Answer(HTTPStatus.OK, {"user": {**NAMES, "limited": True}}),
        "works",
    ),
    ("a wrong token", REFUSED, "rejected"),
    ("a wrong token, as the errors page has it", NOBODY, "rejected"),
    ("a wrong token, as 401", Answer(HTTPStatus.UNAUTHORIZED, NOBODY.body), "rejected"),
    (
        "a missing permission, which says nothing about the token",
        refusal(HTTPStatus.FORBIDDEN, "forbidden", "You don't have permission to read the user."),
        "unavailable",
    ),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "too many calls",
        refusal(
            HTTPStatus.TOO_MANY_REQUESTS,
            "rate_limited",
            "The rate limit of 6 exceeded for 'api-www-user'. Try again in 1 minute",
            limit={"remaining": 0, "reset": 1795435200, "resetMs": 1795435200000, "total": 6},
        ),
        "unavailable",
    ),
    (
        "a fault",
        refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_server_error", "An unexpected internal error occurred"),
        "unavailable",
    ),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Vercel:
    """Accepts one token until it deletes itself; every other is refused with 403."""

    integration_id = ID

    def __init__(self) -> None:
        self._deleted = False

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"accessToken": TOKEN}

    def reset(self) -> None:
        """Forget that the token was deleted."""
        self._deleted = False

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        shown = call.headers.get("authorization")
        if shown is None:
            return NOBODY
        if self._deleted or shown != f"Bearer {TOKEN}":
            return REFUSED
        match call.method, call.path:
            case "GET", "/v2/user":
                return Answer(HTTPStatus.OK, {"user": USER})
            case "DELETE", "/v3/user/tokens/current":
                self._deleted = True
                return Answer(HTTPStatus.OK, {"tokenId": TOKEN_ID})
        return sampled(ID, call) or refusal(
            HTTPStatus.NOT_FOUND, "not_found", f"Could not find the RESOURCE: {call.path}"
        )


EMULATOR = Vercel()
