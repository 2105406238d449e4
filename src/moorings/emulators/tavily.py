"""Tavily's usage endpoint, as its OpenAPI document describes it."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "tavily"
KEY = "tvly-emulated0000000000000000tavily"
KEY_LIMIT, PAY_AS_YOU_GO_LIMIT = 432, 433
USAGE = {
    "key": {
        "usage": 150,
        "limit": 1000,
        "search_usage": 100,
        "extract_usage": 25,
        "crawl_usage": 15,
        "map_usage": 7,
        "research_usage": 3,
    },
    "account": {
        "current_plan": "Bootstrap",
        "plan_usage": 500,
        "plan_limit": 15000,
        "paygo_usage": 25,
        "paygo_limit": 100,
        "search_usage": 350,
        "extract_usage": 75,
        "crawl_usage": 50,
        "map_usage": 15,
        "research_usage": 10,
    },
}


def _problem(status: int, sentence: str) -> Answer:
    return Answer(status, {"detail": {"error": sentence}})


REFUSED = _problem(HTTPStatus.UNAUTHORIZED, "Unauthorized: missing or invalid API key.")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("wrong key", REFUSED, "rejected"),
    (
        "key or plan limit used up",
        _problem(
            KEY_LIMIT,
            "This request exceeds your plan's set usage limit. Please upgrade your plan or contact support@tavily.com",
        ),
        "works",
    ),
    (
        "pay-as-you-go limit used up",
        _problem(
            PAY_AS_YOU_GO_LIMIT,
            "This request exceeds the pay-as-you-go limit. You can increase your limit on the Tavily dashboard.",
        ),
        "works",
    ),
    (
        "too many requests",
        _problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            "Your request has been blocked due to excessive requests. Please reduce the rate of requests",
        ),
        "unavailable",
    ),
    ("server error", _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error"), "unavailable"),
    ("a page instead", Answer(HTTPStatus.OK, b"<html>Sign in</html>", {"content-type": "text/html"}), "unavailable"),
    ("another answer", Answer(HTTPStatus.OK, {"status": "ok"}), "unavailable"),
)


class Tavily:
    """Accepts one key; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return REFUSED
        if (call.method, call.path) == ("GET", "/usage"):
            return Answer(HTTPStatus.OK, USAGE)
        return sampled(ID, call) or _problem(HTTPStatus.NOT_FOUND, "Not Found")


EMULATOR = Tavily()
