"""Exa's refusals, as its documentation pages describe them, and samples of its answers."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "exa"
KEY = "emulated-0000-0000-0000-exa-key-0000"
NO_RUNS = {"object": "list", "data": [], "hasMore": False, "nextCursor": None}
RUN = {
    "id": "agent_run_emulated0000000000000000",
    "object": "agent_run",
    "status": "completed",
    "stopReason": "schema_satisfied",
    "createdAt": "2026-11-20T09:30:00.000Z",
    "completedAt": "2026-11-20T09:31:12.000Z",
    "request": {"query": "Which harbours have the deepest berths?"},
    "output": {"text": "Three harbours were found.", "structured": None, "grounding": []},
    "usage": {"agentComputeUnits": 1, "searches": 4, "emails": 0, "phoneNumbers": 0},
    "costDollars": {"total": 0.03, "agentCompute": 0.01, "search": 0.02, "emails": 0, "phoneNumbers": 0},
}
REQUEST_ID = "e5b0a1c2d3e4f5061728394a5b6c7d8e"
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, tag: str, error: str) -> Answer:
    """The standard shape of an error."""
    return Answer(status, {"requestId": REQUEST_ID, "error": error, "tag": tag}, {"x-request-id": REQUEST_ID})


def agent_refusal(status: HTTPStatus, kind: str, code: str, message: str) -> Answer:
    """The shape of an error of the research runs themselves."""
    body: dict[str, Any] = {"error": {"type": kind, "code": code, "message": message}}
    return Answer(status, body, {"x-request-id": REQUEST_ID})


INVALID = refusal(HTTPStatus.UNAUTHORIZED, "INVALID_API_KEY", "Invalid API key")
UNKNOWN = refusal(HTTPStatus.NOT_FOUND, "NOT_FOUND", "Not found")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a run in the list", Answer(HTTPStatus.OK, {**NO_RUNS, "data": [RUN]}), "works"),
    ("no run yet", Answer(HTTPStatus.OK, NO_RUNS), "works"),
    ("no credit left", refusal(HTTPStatus.PAYMENT_REQUIRED, "NO_MORE_CREDITS", "No more credits"), "works"),
    (
        "the key's budget is spent",
        refusal(HTTPStatus.PAYMENT_REQUIRED, "API_KEY_BUDGET_EXCEEDED", "API key budget exceeded"),
        "works",
    ),
    (
        "the team's budget is spent",
        refusal(HTTPStatus.PAYMENT_REQUIRED, "TEAM_BUDGET_EXCEEDED", "Team budget exceeded"),
        "works",
    ),
    ("runs are not in the plan", refusal(HTTPStatus.FORBIDDEN, "FEATURE_DISABLED", "Feature disabled"), "works"),
    ("the key's scope is too small", refusal(HTTPStatus.FORBIDDEN, "INSUFFICIENT_SCOPE", "Forbidden"), "works"),
    ("a wrong key", INVALID, "rejected"),
    (
        "a key without a team",
        agent_refusal(HTTPStatus.UNAUTHORIZED, "AUTHENTICATION_ERROR", "TEAM_NOT_FOUND", "Team not found"),
        "rejected",
    ),
    (
        "a payment by wallet is asked for",
        refusal(HTTPStatus.PAYMENT_REQUIRED, "X402_PAYMENT_REQUIRED", "Payment required to access this resource"),
        "unavailable",
    ),
    ("the team is blocked", refusal(HTTPStatus.FORBIDDEN, "TEAM_BLOCKED", "Forbidden"), "unavailable"),
    (
        "too many calls",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "RATE_LIMIT_EXCEEDED", "Rate limit exceeded"),
        "unavailable",
    ),
    (
        "a fault",
        refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "DEFAULT_ERROR", "Sorry, we encountered an error"),
        "unavailable",
    ),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Exa:
    """Accepts one key, in either of its two headers; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if not _is_known(call):
            return INVALID
        return sampled(ID, call) or UNKNOWN


def _is_known(call: Call) -> bool:
    return call.headers.get("x-api-key") == KEY or call.headers.get("authorization") == f"Bearer {KEY}"


EMULATOR = Exa()
