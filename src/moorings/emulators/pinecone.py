"""Pinecone's list of indexes and refusals, as its published documents describe them; other answers are samples."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "pinecone"
KEY = "pcsk_emulated_0000000000000000000pinecone"
HOST = "emulated-abc123.svc.emulated-region.pinecone.io"
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, code: str, message: str) -> Answer:
    """The shape of errors of the control plane."""
    return Answer(status, {"error": {"code": code, "message": message}, "status": status.value})


def data_refusal(status: HTTPStatus, code: int, message: str) -> Answer:
    """The shape of errors of an index."""
    return Answer(status, {"code": code, "message": message, "details": []})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "UNAUTHENTICATED", "Invalid API key.")
NO_VERSION = refusal(HTTPStatus.BAD_REQUEST, "INVALID_ARGUMENT", "The header X-Pinecone-Api-Version is missing.")
NO_INDEX = {"indexes": list[object]()}

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("no index", Answer(HTTPStatus.OK, NO_INDEX), "works"),
    (
        "a key without the permission to list indexes",
        refusal(HTTPStatus.FORBIDDEN, "FORBIDDEN", "The key may not do that."),
        "works",
    ),
    (
        "a key without the permission, told in another word",
        refusal(HTTPStatus.FORBIDDEN, "PERMISSION_DENIED", "The key may not do that."),
        "works",
    ),
    ("a wrong key", REFUSED, "rejected"),
    ("a call without the version", NO_VERSION, "unavailable"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "too many calls",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED", "Too many requests."),
        "unavailable",
    ),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "UNKNOWN", "Internal server error."), "unavailable"),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Pinecone:
    """Accepts one key; every other is refused with 401, in the shape of errors of the host that is asked."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY, "indexHost": HOST}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        index = call.path.startswith("/@")
        if call.headers.get("api-key") != KEY:
            return data_refusal(HTTPStatus.UNAUTHORIZED, 16, "Invalid API key.") if index else REFUSED
        if not call.headers.get("x-pinecone-api-version"):
            return NO_VERSION
        if answer := sampled(ID, call):
            return answer
        missing = "Resource not found."
        if index:
            return data_refusal(HTTPStatus.NOT_FOUND, 5, missing)
        return refusal(HTTPStatus.NOT_FOUND, "NOT_FOUND", missing)


EMULATOR = Pinecone()
