"""People who sign in at the company's own issuer: their token becomes a caller, their organisation an owner."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moorings.domain.api_key import hash_of
from moorings.domain.caller import Caller
from moorings.domain.ids import Clock
from moorings.domain.session import Policy, Session, session_of
from moorings.services.owners import Owners

KEPT = 10_000
REMEMBERED = timedelta(seconds=60)
"""How long a proven token is not proven again: the time within which a key that its issuer withdrew stops to count."""

ACTOR_LENGTH = 64

Prove = Callable[[str], Awaitable[Mapping[str, Any]]]
"""The claims of a token whose signature is right; raises `Unauthenticated`."""


@dataclass(frozen=True, slots=True)
class _Known:
    session: Session
    caller: Caller
    until: datetime


class Sessions:
    """Turns session tokens into callers; each proven one is remembered for a minute at most."""

    def __init__(self, prove: Prove, policy: Policy, owners: Owners, now: Clock) -> None:
        self._prove, self._policy, self._owners, self._now = prove, policy, owners, now
        self._known: dict[bytes, _Known] = {}

    async def caller(self, token: str) -> Caller:
        """Raises `Unauthenticated` with the reason, `IssuerUnavailable` when the token cannot be checked."""
        digest, now = hash_of(token), self._now()
        known = self._known.get(digest)
        if known is None or now >= known.until:
            known = await self._proven(token, digest)
        known.session.check(now)
        return known.caller

    def forget(self) -> None:
        """Prove every token anew: an identity may mean another owner now."""
        self._known.clear()

    async def _proven(self, token: str, digest: bytes) -> _Known:
        session = session_of(await self._prove(token), self._policy)
        session.check(self._now())
        owner = await self._owners.of_identity(session.identity)
        known = _Known(session, _caller(session, owner.id), self._now() + REMEMBERED)
        self._known.pop(digest, None)
        if len(self._known) >= KEPT:
            del self._known[next(iter(self._known))]
        self._known[digest] = known
        return known


def is_token(text: str) -> bool:
    """Whether a text has the shape of a session token; no API key has."""
    return text.count(".") == len(("header", "claims"))


def _caller(session: Session, owner: str) -> Caller:
    role = session.role if session.organisation else None
    return Caller(_actor(session.user), owner, session.scopes, role=role)


def _actor(user: str) -> str:
    """Who acts, told apart from keys; a user id that is longer than the audit's column stands there by its hash."""
    name = f"session:{user}"
    return name if len(name) <= ACTOR_LENGTH else f"session:sha256-{hashlib.sha256(user.encode()).hexdigest()[:40]}"
