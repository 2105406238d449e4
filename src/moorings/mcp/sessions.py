"""Sessions: ids that tell by themselves to which API key and environment they belong.

Nothing has to be kept for a session to go on, so that every process of a server knows it and a restart ends none.
See docs/adr/0007-mcp-sessions-without-state.md.
"""

import hashlib
import hmac
from collections.abc import Sequence
from typing import TypeVar

from moorings.domain.caller import Caller
from moorings.domain.environment import Environment
from moorings.domain.ids import Clock, new_id
from moorings.errors import SessionNotFound

SESSION = "mcps"
KEPT = 10_000
"""How many ended sessions, and how many lists that clients were shown, a process remembers at most."""
_TAG_LENGTH = 32

Value = TypeVar("Value")


class Sessions:
    """Makes session ids, recognises them, and forgets those that were ended."""

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._ended: dict[str, None] = {}
        self._shown: dict[str, bytes] = {}

    def begin(self, caller: Caller, environment: Environment) -> str:
        """A new session's id."""
        name = new_id(SESSION, self._now())
        return f"{name}.{_tag(name, caller, environment)}"

    def check(self, session: str, caller: Caller, environment: Environment) -> None:
        """Raise `SessionNotFound` unless this key opened it for this environment and it has not ended."""
        name, _, tag = session.partition(".")
        right = hmac.compare_digest(tag.encode(), _tag(name, caller, environment).encode())
        if not right or session in self._ended:
            raise SessionNotFound("There is no such session of this API key and environment; initialize a new one.")

    def end(self, session: str) -> None:
        """From now on it is not found."""
        _remember(self._ended, session, None)
        self._shown.pop(session, None)

    def show(self, session: str, names: Sequence[str]) -> None:
        """Note which tools its client was told of."""
        _remember(self._shown, session, fingerprint(names))

    def shown(self, session: str) -> bytes | None:
        """The fingerprint of what its client was last told of by this process; None if nothing."""
        return self._shown.get(session)


def fingerprint(names: Sequence[str]) -> bytes:
    """The same for the same names, in whatever order."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).digest()


def _tag(name: str, caller: Caller, environment: Environment) -> str:
    """What binds an id to its key. It need not be secret: whoever presents the id has to prove the key as well."""
    parts = (name, caller.owner, caller.id, environment or "")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:_TAG_LENGTH]


def _remember(known: dict[str, Value], session: str, value: Value) -> None:
    known.pop(session, None)
    if len(known) >= KEPT:
        del known[next(iter(known))]
    known[session] = value
