"""What a process remembers of sessions is bounded, and each key can push out only its own."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from moorings import app, settings
from moorings.asgi import Message
from moorings.domain.caller import Caller, Scope
from moorings.domain.ids import new_id
from moorings.domain.secret import Secret
from moorings.errors import SessionNotFound
from moorings.mcp.asking import SCOPE, Asking
from moorings.mcp.endpoint import opened
from moorings.mcp.sessions import OF_ONE, SESSION, Sessions, _tag

NOW = datetime(2030, 1, 1, tzinfo=UTC)
MINE, OTHER = (Caller(name, "org_a", frozenset({Scope.EXECUTE})) for name in ("key_1", "key_2"))


def forged(name: str) -> str:
    """A session id as anybody may make one for their own key."""
    return f"{name}.{_tag(name, MINE, None)}"


@pytest.mark.parametrize("name", ["", "x", f"{SESSION}_", "x" * 28_000, f"{SESSION}_{'0' * 27}", f"{SESSION}_a\nb"])
def test_only_what_has_the_form_of_an_id_is_a_session(name: str) -> None:
    with pytest.raises(SessionNotFound):
        Sessions(lambda: NOW).check(forged(name), MINE, None)


def test_whoever_ends_sessions_of_their_own_making_brings_no_other_s_back() -> None:
    sessions = Sessions(lambda: NOW)
    ended = sessions.begin(OTHER, None)
    sessions.end(ended, OTHER)
    for _ in range(OF_ONE * 3):
        session = forged(new_id(SESSION, NOW))
        sessions.check(session, MINE, None)
        sessions.end(session, MINE)
    with pytest.raises(SessionNotFound):
        sessions.check(ended, OTHER, None)


def test_what_one_key_s_client_was_shown_is_not_changed_by_another_s() -> None:
    sessions = Sessions(lambda: NOW)
    session = sessions.begin(OTHER, None)
    sessions.show(session, OTHER, ["a tool"])
    before = sessions.shown(session, OTHER)
    for number in range(OF_ONE * 3):
        sessions.show(f"{session}{number}", MINE, [])
    sessions.show(session, MINE, [])
    assert before is not None
    assert sessions.shown(session, OTHER) == before


@pytest.mark.anyio
async def test_the_protocol_that_knows_no_sessions_is_given_none(tmp_path: Path) -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'}

    async def send(_: Message) -> None:
        pass

    asking = Asking(MINE, None, Secret("a key"), session="x" * 28_000)
    headers = [(b"mcp-protocol-version", b"2026-07-28"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/mcp", "query_string": b"", "headers": headers, SCOPE: asking}
    async with app.running(settings.load(data_dir=tmp_path, admin_key="a" * 40)) as running:
        endpoint = await opened(running.hub)
        await endpoint.answer(asking, scope, receive, send)
        await endpoint.close()
    assert scope[SCOPE] == Asking(MINE, None, Secret("a key"))
