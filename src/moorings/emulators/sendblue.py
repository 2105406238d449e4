"""Sendblue's account of a key and its secret, as the two official clients read it."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "sendblue"
KEY = "emulated0000sendblue0000key0000"
SECRET = "emulated0000sendblue0000secret0"
ACCOUNT = {"status": "OK", "email": "person@example.com", "plan": "sandbox"}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, message: str) -> Answer:
    """The clients read `error` or `message`; which statuses come is not documented."""
    return Answer(status, {"status": "ERROR", "message": message})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "Invalid API credentials")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("an account", Answer(HTTPStatus.OK, ACCOUNT), "works"),
    ("an account of which only the address is told", Answer(HTTPStatus.OK, {"email": "person@example.com"}), "works"),
    ("wrong keys", REFUSED, "rejected"),
    ("wrong keys with another status", refusal(HTTPStatus.FORBIDDEN, "Invalid API credentials"), "rejected"),
    ("wrong keys in other words", Answer(HTTPStatus.FORBIDDEN, {"error": "Forbidden"}), "rejected"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    ("an answer without an account", Answer(HTTPStatus.OK, {"status": "OK"}), "unavailable"),
    ("too many calls", refusal(HTTPStatus.TOO_MANY_REQUESTS, "Rate limit exceeded"), "unavailable"),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error"), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Sendblue:
    """Accepts one key with its secret, in either spelling of the two headers; all else is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY, "apiSecret": SECRET, "fromNumber": "+12025550100"}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if (_shown(call, "sb-api-key-id"), _shown(call, "sb-api-secret-key")) != (KEY, SECRET):
            return REFUSED
        if (call.method, call.path) == ("GET", "/account"):
            return Answer(HTTPStatus.OK, ACCOUNT)
        return sampled(ID, call) or refusal(HTTPStatus.NOT_FOUND, "Not found")


def _shown(call: Call, name: str) -> str | None:
    return call.headers.get(name) or call.headers.get(f"x-{name}")


EMULATOR = Sendblue()
