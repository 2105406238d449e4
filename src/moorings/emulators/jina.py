"""Jina AI's list of classifiers, as its OpenAPI document describes it."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "jina"
KEY = "jina_emulated00000000000000000000jina"
CLASSIFIERS = [
    {
        "classifier_id": "00000000-0000-4000-8000-000000000001",
        "user_id": "00000000-0000-4000-8000-000000000002",
        "model": "jina-embeddings-v3",
        "labels": ["one", "two"],
        "access": "private",
        "updated_number": 2,
        "used_number": 0,
        "created_at": "2026-11-01T00:00:00Z",
        "updated_at": "2026-11-01T00:00:00Z",
        "used_at": None,
        "metadata_": {},
    }
]
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def problem(status: HTTPStatus, detail: str, code: str | None = None) -> Answer:
    """The shape of all errors; a path that is unknown has no code."""
    return Answer(status, {"detail": detail, **({"code": code} if code else {})})


REFUSED = problem(HTTPStatus.UNAUTHORIZED, "Invalid API key", "AUTH_INVALID_API_KEY")
NO_KEY = problem(HTTPStatus.UNAUTHORIZED, "Authentication required", "AUTH_MISSING_API_KEY")
NO_BEARER = problem(HTTPStatus.UNAUTHORIZED, "Invalid authorization format", "AUTH_INVALID_FORMAT")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("no classifiers yet", Answer(HTTPStatus.OK, []), "works"),
    (
        "no tokens left",
        problem(HTTPStatus.FORBIDDEN, "Insufficient account balance", "AUTHZ_INSUFFICIENT_BALANCE"),
        "works",
    ),
    (
        "a limit of the plan",
        problem(HTTPStatus.FORBIDDEN, "Resource limit exceeded for your plan", "AUTHZ_RESOURCE_LIMIT_EXCEEDED"),
        "works",
    ),
    ("a wrong key", REFUSED, "rejected"),
    ("no key", NO_KEY, "rejected"),
    ("a header of another form", NO_BEARER, "rejected"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "too many calls",
        problem(HTTPStatus.TOO_MANY_REQUESTS, "Request rate limit exceeded", "RATE_REQUEST_LIMIT_EXCEEDED"),
        "unavailable",
    ),
    (
        "too many calls from one address",
        problem(HTTPStatus.TOO_MANY_REQUESTS, "IP rate limit exceeded", "RATE_IP_LIMIT_EXCEEDED"),
        "unavailable",
    ),
    (
        "a fault",
        problem(HTTPStatus.INTERNAL_SERVER_ERROR, "An unexpected error occurred", "INTERNAL_ERROR"),
        "unavailable",
    ),
    (
        "an outage",
        problem(HTTPStatus.SERVICE_UNAVAILABLE, "Service temporarily unavailable", "SERVICE_UNAVAILABLE"),
        "unavailable",
    ),
    ("a page of a proxy", PAGE, "unavailable"),
    ("another answer", Answer(HTTPStatus.OK, {"status": "ok"}), "unavailable"),
)


class Jina:
    """Accepts one key; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if refusal := _stranger(call):
            return refusal
        if (call.method, call.path) == ("GET", "/v1/classifiers"):
            return Answer(HTTPStatus.OK, CLASSIFIERS)
        return sampled(ID, call) or problem(HTTPStatus.NOT_FOUND, "Not Found")


def _stranger(call: Call) -> Answer | None:
    shown = call.headers.get("authorization")
    if shown is None:
        return NO_KEY
    if not shown.startswith("Bearer "):
        return NO_BEARER
    return None if shown == f"Bearer {KEY}" else REFUSED


EMULATOR = Jina()
