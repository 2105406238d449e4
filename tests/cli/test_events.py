"""Events and where they go, on the command line."""

from typing import Any

from moorings.cli.events import _row
from moorings.cli.exits import Exit
from tests.cli.terminal import Terminal

EVENT = "evt_01kb0h6v3m8x2q4r5s6t7v8w9x"


def test_events_go_where_they_are_sent_and_are_listed(place: Terminal) -> None:
    installation = place.json("slack", "manifest", "--name", "Support")["integrationId"]
    assert "No events yet." in place.run("events", "list", installation).stdout
    assert place.json("events", "list", installation, "--limit", "5") == {"data": [], "nextCursor": None}
    moved = place.json("forward", "to", installation, "https://hooks.example.com/in")
    assert moved["forwardUrl"] == "https://hooks.example.com/in"
    assert place.json("forward", "off", installation)["forwardUrl"] is None
    refused = place.run("forward", "to", installation, "http://hooks.example.com/in", code=Exit.WRONG_INPUT)
    assert "https" in refused.stderr


def test_the_secret_of_deliveries_is_shown_once_and_whole(place: Terminal) -> None:
    installation = place.json("slack", "manifest", "--name", "Support")["integrationId"]
    first = place.json("forward", "renew-secret", installation)
    assert first["secret"].startswith("whsec_")
    said = place.run("forward", "renew-secret", installation, "--grace", "60").stdout.splitlines()
    assert said[-1].startswith("whsec_")
    assert said[-1] != first["secret"]
    assert "signs until" in said[0]


def test_an_event_that_is_not_there_is_not_sent_again(place: Terminal) -> None:
    installation = place.json("slack", "manifest", "--name", "Support")["integrationId"]
    place.run("events", "redeliver", installation, EVENT, code=Exit.NOT_FOUND)
    place.run("events", "list", "no-such-thing", code=Exit.NOT_FOUND)


def test_a_row_tells_what_became_of_an_event_and_moves_no_cursor() -> None:
    """The text is a stranger's."""
    failed = {"at": "…", "status": 503, "durationMs": 7, "error": None}
    row = _row(_event("Is \x1b[2Janybody\nthere? " + "x" * 100, {"state": "waiting", "tries": [failed]}))
    assert row[5:7] == ("waiting (503)", 1)
    text = str(row[7])
    assert text.startswith("Is  [2Janybody there?")
    assert len(text) == 60
    assert _row(_event(None, {"state": "delivered", "tries": [{**failed, "status": 200}]}))[5:] == (
        "delivered", 1, None,
    )  # fmt: skip


def _event(text: str | None, delivery: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": EVENT, "type": "message", "integrationId": "intg_1", "environment": None, "receivedAt": "2030-01-01",
        "readable": True, "text": text, "delivery": delivery,
    }  # fmt: skip
