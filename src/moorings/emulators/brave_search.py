"""Brave's searches, as its own skills describe them, and its refusals, as public reports show them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "brave-search"
KEY = "BSA-emulated000000000000000000brave"
REQUEST = "00000000-0000-4000-8000-000000000000"
MOST_CHARACTERS = 400
RESULT = {
    "type": "search_result",
    "title": "Brave Search",
    "url": "https://search.brave.com/",
    "description": "An emulated result.",
}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def found(query: str) -> dict[str, Any]:
    """The answer to a search."""
    return {
        "type": "search",
        "query": {"original": query, "more_results_available": True},
        "web": {"type": "search", "results": [RESULT]},
    }


def problem(status: HTTPStatus, detail: str, code: str | None = None) -> Answer:
    """The shape of all errors; `code` only where it is known."""
    named = {"code": code} if code else {}
    told: dict[str, Any] = {"id": REQUEST, "status": status.value, "detail": detail, "meta": {}, **named}
    return Answer(status, {"type": "ErrorResponse", "error": told, "time": 1_790_000_000})


REFUSED = problem(
    HTTPStatus.UNPROCESSABLE_ENTITY, "The provided subscription token is invalid.", "SUBSCRIPTION_TOKEN_INVALID"
)
NO_TOKEN = problem(HTTPStatus.UNAUTHORIZED, "A subscription token is required.")
UNKNOWN = problem(HTTPStatus.NOT_FOUND, "Not found")
NOT_VALID = problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Unable to validate request parameter(s)", "VALIDATION")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a search that finds nothing", Answer(HTTPStatus.OK, {"type": "search", "query": {"original": "brave"}}), "works"),
    (
        "a token of another plan",
        problem(HTTPStatus.BAD_REQUEST, "The option is not subscribed in the plan.", "OPTION_NOT_IN_PLAN"),
        "works",
    ),
    ("a wrong token", REFUSED, "rejected"),
    ("no token", NO_TOKEN, "rejected"),
    ("a parameter that is not valid", NOT_VALID, "unavailable"),
    ("a refusal without a word", problem(HTTPStatus.FORBIDDEN, "Forbidden"), "unavailable"),
    (
        "too many searches",
        problem(HTTPStatus.TOO_MANY_REQUESTS, "Request rate limit exceeded for plan", "RATE_LIMITED"),
        "unavailable",
    ),
    ("a fault", problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error"), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
    ("another answer", Answer(HTTPStatus.OK, {"status": "ok"}), "unavailable"),
)


class BraveSearch:
    """Accepts one token; every other is refused with 422."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        shown = call.headers.get("x-subscription-token")
        if shown != KEY:
            return REFUSED if shown else NO_TOKEN
        if (call.method, call.path) != ("GET", "/web/search"):
            return sampled(ID, call) or UNKNOWN
        query = call.query.get("q", [""])[0]
        return Answer(HTTPStatus.OK, found(query)) if 1 <= len(query) <= MOST_CHARACTERS else NOT_VALID


EMULATOR = BraveSearch()
