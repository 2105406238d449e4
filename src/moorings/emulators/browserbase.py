"""Browserbase's list of projects, as its OpenAPI document describes it."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "browserbase"
KEY = "emulated0000browserbase0000key00"
PROJECTS = [
    {
        "id": "00000000-0000-4000-8000-000000000001",
        "createdAt": "2026-11-01T00:00:00.000Z",
        "updatedAt": "2026-11-01T00:00:00.000Z",
        "name": "Emulated project",
        "ownerId": "00000000-0000-4000-8000-000000000002",
        "defaultTimeout": 900,
        "concurrency": 3,
    }
]
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def problem(status: HTTPStatus, message: str) -> Answer:
    """The one shape of errors that is published; `error` is the status's own name."""
    return Answer(status, {"statusCode": status.value, "error": status.phrase, "message": message})


REFUSED = problem(HTTPStatus.UNAUTHORIZED, "Unauthorized")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a key without projects", Answer(HTTPStatus.OK, []), "works"),
    ("a wrong key", REFUSED, "rejected"),
    ("a key without the permission", problem(HTTPStatus.FORBIDDEN, "Forbidden"), "unavailable"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    ("too many calls", problem(HTTPStatus.TOO_MANY_REQUESTS, "Too Many Requests"), "unavailable"),
    ("a fault", problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error"), "unavailable"),
    ("a fault on the way", problem(HTTPStatus.BAD_GATEWAY, "Bad Gateway"), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
    ("another answer", Answer(HTTPStatus.OK, {"status": "ok"}), "unavailable"),
)


class Browserbase:
    """Accepts one key; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("x-bb-api-key") != KEY:
            return REFUSED
        if (call.method, call.path) == ("GET", "/v1/projects"):
            return Answer(HTTPStatus.OK, PROJECTS)
        return sampled(ID, call) or problem(HTTPStatus.NOT_FOUND, "Not Found")


EMULATOR = Browserbase()
