"""Serper's account call and refusals, as public code and reports show them, and samples of its searches."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "serper"
KEY = "emulated0000000000000000000serper"
ACCOUNT = {"balance": 2500, "rateLimit": 5}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def problem(status: HTTPStatus, message: str) -> Answer:
    """The shape of all errors."""
    return Answer(status, {"message": message, "statusCode": status.value})


REFUSED = problem(HTTPStatus.FORBIDDEN, "Unauthorized.")
UNKNOWN = problem(HTTPStatus.NOT_FOUND, "Not found.")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("no credits left", Answer(HTTPStatus.OK, {**ACCOUNT, "balance": 0}), "works"),
    ("the balance under its other name", Answer(HTTPStatus.OK, {"credits": 2500}), "works"),
    ("a wrong key", REFUSED, "rejected"),
    ("a wrong key, told by 401", problem(HTTPStatus.UNAUTHORIZED, "Unauthorized."), "rejected"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    ("too many calls", problem(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests."), "unavailable"),
    ("a call that is no longer there", problem(HTTPStatus.NOT_FOUND, "Not found."), "unavailable"),
    ("a fault", problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error."), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
    ("another answer", Answer(HTTPStatus.OK, {"status": "ok"}), "unavailable"),
)


class Serper:
    """Accepts one key; every other is refused with 403."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("x-api-key") != KEY:
            return REFUSED
        if (call.method, call.path) == ("GET", "/account"):
            return Answer(HTTPStatus.OK, ACCOUNT)
        return sampled(ID, call) or UNKNOWN


EMULATOR = Serper()
