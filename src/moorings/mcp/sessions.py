"""Sessions: ids that tell by themselves to which API key and environment they belong.

Nothing has to be kept for a session to go on, so that every process of a server knows it and a restart ends none.
See docs/adr/0007-mcp-sessions-without-state.md.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from moorings.domain.caller import Caller
from moorings.domain.environment import Environment
from moorings.domain.ids import Clock, is_id, new_id
from moorings.errors import SessionNotFound

SESSION = "mcps"
KEPT = 10_000
"""Of how many API keys a process remembers something at most."""
OF_ONE = 100
"""How many ended sessions of one key, and how many lists that its clients were shown: it can push out only its own."""
_TAG_LENGTH = 32

Name = TypeVar("Name")
Value = TypeVar("Value")


@dataclass(slots=True)
class _OfKey:
    """What is remembered of one key's sessions."""

    ended: dict[str, None] = field(default_factory=dict)
    shown: dict[str, bytes] = field(default_factory=dict)


class Sessions:
    """Makes session ids, recognises them, and forgets those that were ended."""

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._keys: dict[tuple[str, str], _OfKey] = {}

    def begin(self, caller: Caller, environment: Environment) -> str:
        """A new session's id."""
        name = new_id(SESSION, self._now())
        return f"{name}.{_tag(name, caller, environment)}"

    def check(self, session: str, caller: Caller, environment: Environment) -> None:
        """Raise `SessionNotFound` unless this key opened it for this environment and it has not ended."""
        name, _, tag = session.partition(".")
        right = is_id(name, SESSION) and hmac.compare_digest(tag.encode(), _tag(name, caller, environment).encode())
        if not right or session in self._of(caller).ended:
            raise SessionNotFound("There is no such session of this API key and environment; initialize a new one.")

    def end(self, session: str, caller: Caller) -> None:
        """From now on it is not found."""
        known = self._kept(caller)
        _remember(known.ended, session, None, OF_ONE)
        known.shown.pop(session, None)

    def show(self, session: str, caller: Caller, names: Sequence[str]) -> None:
        """Note which tools its client was told of."""
        _remember(self._kept(caller).shown, session, fingerprint(names), OF_ONE)

    def shown(self, session: str, caller: Caller) -> bytes | None:
        """The fingerprint of what its client was last told of by this process; None if nothing."""
        return self._of(caller).shown.get(session)

    def _of(self, caller: Caller) -> _OfKey:
        return self._keys.get((caller.owner, caller.id), _OfKey())

    def _kept(self, caller: Caller) -> _OfKey:
        known = self._of(caller)
        _remember(self._keys, (caller.owner, caller.id), known, KEPT)
        return known


def fingerprint(names: Sequence[str]) -> bytes:
    """The same for the same names, in whatever order."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).digest()


def _tag(name: str, caller: Caller, environment: Environment) -> str:
    """What binds an id to its key. It need not be secret: whoever presents the id has to prove the key as well."""
    parts = (name, caller.owner, caller.id, environment or "")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:_TAG_LENGTH]


def _remember(known: dict[Name, Value], name: Name, value: Value, most: int) -> None:
    known.pop(name, None)
    if len(known) >= most:
        del known[next(iter(known))]
    known[name] = value
