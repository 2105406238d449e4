"""Supabase's list of projects, as the published schema of its Management API describes it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "supabase"
TOKEN = "sbp_emulated000000000000000000000000supabase"
REF = "emulatedemulatedemul"
PROJECTS = [
    {
        "id": REF,
        "ref": REF,
        "organization_id": "moorings-emulated",
        "organization_slug": "moorings-emulated",
        "name": "An emulated project",
        "region": "eu-central-1",
        "created_at": "2026-01-06T21:19:55.101Z",
        "status": "ACTIVE_HEALTHY",
        "database": {
            "host": f"db.{REF}.supabase.co",
            "version": "17.4.1.054",
            "postgres_engine": "17",
            "release_channel": "ga",
        },
    }
]
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, message: str, **more: Any) -> Answer:
    """The form of errors as public threads show it; the schema leaves it open."""
    return Answer(status, {"message": message, **more})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "Unauthorized")
UNREADABLE = refusal(HTTPStatus.UNAUTHORIZED, "JWT could not be decoded")
NO_PRIVILEGE = "Your account does not have the necessary privileges to access this endpoint."

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a project", Answer(HTTPStatus.OK, PROJECTS), "works"),
    ("a new account without projects", Answer(HTTPStatus.OK, []), "works"),
    (
        "a limited token",
        refusal(HTTPStatus.FORBIDDEN, "Forbidden resource", missing_permissions=["projects_read"]),
        "works",
    ),
    ("a role without the privilege", refusal(HTTPStatus.FORBIDDEN, NO_PRIVILEGE), "works"),
    ("a wrong token", REFUSED, "rejected"),
    ("a token cut short", UNREADABLE, "rejected"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "too many calls",
        Answer(HTTPStatus.TOO_MANY_REQUESTS, b"", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "31"}),
        "unavailable",
    ),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE, b""), "unavailable"),
    ("something else than a list", Answer(HTTPStatus.OK, {"message": "Welcome"}), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Supabase:
    """Accepts one token; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"accessToken": TOKEN, "projectRef": REF}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        shown = call.headers.get("authorization", "")
        if shown != f"Bearer {TOKEN}":
            return REFUSED if shown.startswith("Bearer sbp_") else UNREADABLE
        if (call.method, call.path) == ("GET", "/v1/projects"):
            return Answer(HTTPStatus.OK, PROJECTS)
        return sampled(ID, call) or refusal(HTTPStatus.NOT_FOUND, f"Cannot {call.method} {call.path}")


EMULATOR = Supabase()
