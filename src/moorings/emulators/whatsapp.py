"""WhatsApp's business number of a token, as the published document of Meta's Cloud API describes it."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "whatsapp"
TOKEN = "EAAemulated0000whatsapp0000access0000token"
NUMBER = "100000000000001"
INFO = {
    "id": NUMBER,
    "display_phone_number": "+1 202-555-0100",
    "verified_name": "Example Ltd",
    "quality_rating": "GREEN",
}
NAMELESS = {name: value for name, value in INFO.items() if name != "verified_name"}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, code: int, message: str, subcode: int | None = None) -> Answer:
    """The one shape of all errors of the Graph API."""
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "Aemulatedtrace"}
    return Answer(status, {"error": error if subcode is None else {**error, "error_subcode": subcode}})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, 190, "Invalid OAuth access token - Cannot parse access token")
EXPIRED = "Error validating access token: Session has expired"
NO_NUMBER = "Unsupported get request. Object does not exist or cannot be loaded due to missing permissions"

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a number", Answer(HTTPStatus.OK, INFO), "works"),
    ("a number without a verified name", Answer(HTTPStatus.OK, NAMELESS), "works"),
    ("a token without the permission", refusal(HTTPStatus.FORBIDDEN, 200, "Permissions error"), "works"),
    (
        "a token without the permission, the other code",
        refusal(HTTPStatus.BAD_REQUEST, 10, "Application does not have permission for this action"),
        "works",
    ),
    ("a wrong token", REFUSED, "rejected"),
    ("an expired token", refusal(HTTPStatus.UNAUTHORIZED, 190, EXPIRED, 463), "rejected"),
    ("an expired token as a bad request", refusal(HTTPStatus.BAD_REQUEST, 190, EXPIRED, 463), "rejected"),
    (
        "a token of nobody",
        refusal(HTTPStatus.BAD_REQUEST, 0, "We were unable to authenticate the app user"),
        "rejected",
    ),
    ("another's number", refusal(HTTPStatus.BAD_REQUEST, 100, NO_NUMBER, 33), "rejected"),
    ("an invalid parameter", refusal(HTTPStatus.BAD_REQUEST, 100, "Invalid parameter"), "unavailable"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "too many calls as a bad request",
        refusal(HTTPStatus.BAD_REQUEST, 80007, "Rate limit issues"),
        "unavailable",
    ),
    ("too many calls", refusal(HTTPStatus.TOO_MANY_REQUESTS, 4, "API Too Many Calls"), "unavailable"),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, 2, "Service temporarily unavailable"), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class WhatsApp:
    """Accepts one token and knows one number; every other token is refused with 401 and error 190."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"accessToken": TOKEN, "phoneNumberId": NUMBER, "wabaId": "100000000000002"}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return REFUSED
        if (call.method, call.path) == ("GET", f"/{NUMBER}"):
            return Answer(HTTPStatus.OK, INFO)
        rest = call.path.removeprefix("/").partition("/")[2]
        unknown = refusal(HTTPStatus.BAD_REQUEST, 2500, f"Unknown path components: /{rest}")
        return sampled(ID, call) or unknown


EMULATOR = WhatsApp()
