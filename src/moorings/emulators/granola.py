"""Granola's folders and notes as its documentation shows them; it documents no body of a refusal."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "granola"
KEY = "grn_emulated0000000000000000granola"
NO_FOLDERS: dict[str, Any] = {"folders": [], "hasMore": False, "cursor": None}
FOLDER = {"id": "fol_emulated000000", "object": "folder", "name": "Harbour", "parent_folder_id": None}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus) -> Answer:
    """The status with its own words; what else stands in the body is not documented."""
    return Answer(status, {"message": status.phrase})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED)

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a folder", Answer(HTTPStatus.OK, {**NO_FOLDERS, "folders": [FOLDER]}), "works"),
    ("no folder yet", Answer(HTTPStatus.OK, NO_FOLDERS), "works"),
    ("a wrong key", REFUSED, "rejected"),
    ("a scope or plan without this", refusal(HTTPStatus.FORBIDDEN), "unavailable"),
    ("too many calls", refusal(HTTPStatus.TOO_MANY_REQUESTS), "unavailable"),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR), "unavailable"),
    ("an outage", refusal(HTTPStatus.SERVICE_UNAVAILABLE), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Granola:
    """Accepts one key; every other is refused with 401. A transcript is told only where it is asked for."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return REFUSED
        found = sampled(ID, call)
        if found is None:
            return refusal(HTTPStatus.NOT_FOUND)
        if "transcript" in found.body and call.query.get("include") != ["transcript"]:
            return Answer(found.status, {**found.body, "transcript": None}, found.headers)
        return found


EMULATOR = Granola()
