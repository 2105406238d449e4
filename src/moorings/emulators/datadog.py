"""Datadog's check of an API key together with an application key, as its published schema has it, and samples."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "datadog"
API_KEY = "emulated0000000000datadogapi0000"
APPLICATION_KEY = "emulated000000000datadogapplication00000"
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})
LIMITS = {
    "x-ratelimit-limit": "100",
    "x-ratelimit-period": "60",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": "9",
}


def refusal(status: HTTPStatus, error: str, headers: Mapping[str, str] | None = None) -> Answer:
    """The form of all errors."""
    return Answer(status, {"errors": [error]}, headers or {})


REFUSED = refusal(HTTPStatus.FORBIDDEN, "Forbidden")
NOBODY = refusal(HTTPStatus.UNAUTHORIZED, "Unauthorized")
UNKNOWN = refusal(HTTPStatus.NOT_FOUND, "Not found")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("both keys are good", Answer(HTTPStatus.OK, {"status": "ok"}), "works"),
    ("a wrong key or the wrong site", REFUSED, "rejected"),
    ("a wrong key, as 401", NOBODY, "rejected"),
    (
        "a refusal by something in between",
        Answer(
            HTTPStatus.FORBIDDEN,
            b"<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n",
            {"content-type": "text/html"},
        ),
        "unavailable",
    ),
    ("too many calls", refusal(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests", LIMITS), "unavailable"),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE, b""), "unavailable"),
    ("another word than ok", Answer(HTTPStatus.OK, {"status": "degraded"}), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Datadog:
    """Accepts one pair of keys; a wrong one is refused with 403, a missing one with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": API_KEY, "applicationKey": APPLICATION_KEY, "site": "datadoghq.com"}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        shown = call.headers.get("dd-api-key"), call.headers.get("dd-application-key")
        if not all(shown):
            return NOBODY
        if shown != (API_KEY, APPLICATION_KEY):
            return REFUSED
        if (call.method, call.path) == ("GET", "/api/v2/validate_keys"):
            return Answer(HTTPStatus.OK, {"status": "ok"})
        return sampled(ID, call) or UNKNOWN


EMULATOR = Datadog()
