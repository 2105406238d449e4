"""Who asks: API keys, looked up by hash and remembered until any key is revoked, and sessions beside them."""

import hmac
import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from moorings.domain.api_key import hash_of, well_formed
from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.caller import Caller
from moorings.domain.ids import Clock
from moorings.errors import RowAltered, StoreFailed, Unauthenticated
from moorings.services.sessions import Sessions, is_token
from moorings.store import api_keys as rows
from moorings.store import audit, changes
from moorings.store.database import Database

ACTOR = "moorings"
"""Who is written down where nobody known has asked."""

KEPT = 10_000
LOOK_AGAIN_SECONDS = 0.5
"""Where a change cannot be seen at once (PostgreSQL), how long a revoked key may still be accepted at most."""

log = logging.getLogger(__name__)


def _unnoted(key_id: str, at: datetime) -> None:
    """For whoever does not keep count."""


class Access:
    """Turns what stands in an Authorization header into a caller.

    `standing` holds keys that live in no database, by their hash: the operator's admin key, the command line's own.
    `sessions` is None where no issuer of session tokens is set; `note` hears of each use of a key that is not standing.
    """

    def __init__(
        self, database: Database, now: Clock, standing: Mapping[bytes, Caller], sessions: Sessions | None = None,
        note: Callable[[str, datetime], None] = _unnoted,
    ) -> None:  # fmt: skip
        self._database, self._now, self._standing, self._sessions = database, now, standing, sessions
        self._note = note
        self._known: dict[bytes, Caller] = {}
        self._refused: set[str] = set()
        self._seen: object = None
        self._number = -1

    async def caller(self, authorization: str | None) -> Caller:
        """With or without the word Bearer; raises `Unauthenticated`, the same for every key that is not good."""
        token = _token(authorization)
        digest = hash_of(token)
        found = self._of_standing(digest)
        if found is None and self._sessions is not None and is_token(token):
            await self._forget_if_changed()
            return await self._sessions.caller(token)
        if found is None:
            found, now = await self._of_database(token, digest), self._now()
            if found is None or found.expired(now):
                raise Unauthenticated("This API key is not valid: it is unknown, revoked or expired. Use another one.")
            self._note(found.id, now)
        return found

    def _of_standing(self, digest: bytes) -> Caller | None:
        for known, caller in self._standing.items():
            if hmac.compare_digest(known, digest):
                return caller
        return None

    async def _of_database(self, token: str, digest: bytes) -> Caller | None:
        if digest not in self._known and not well_formed(token):
            return None
        await self._forget_if_changed()
        if digest not in self._known:
            return await self._look_up(digest)
        return self._known[digest]

    async def _look_up(self, digest: bytes) -> Caller | None:
        number = self._number
        try:
            key = await self._database.read(rows.by_hash, digest)
        except RowAltered as error:
            await self._told(error)
            return None
        if key is None:
            return None
        if number == self._number:  # else a key was revoked while we looked, and it may have been this one
            if len(self._known) >= KEPT:
                del self._known[next(iter(self._known))]
            self._known[digest] = key.caller()
        return key.caller()

    async def _told(self, error: RowAltered) -> None:
        """A key that somebody made or changed past us is refused like an unknown one; the operator hears of it once."""
        if error.row in self._refused or len(self._refused) >= KEPT:
            return
        self._refused.add(error.row)
        log.error("an API key is not as Moorings wrote it and was refused", extra={"key": error.row})
        if error.owner is None:
            return
        entry = AuditEntry(error.owner, self._now(), Kind.ROW_REFUSED, ACTOR, error.row, outcome=error.code)
        try:
            await self._database.write(audit.append, entry)
        except StoreFailed:
            log.exception("a refused API key could not be written to the audit", extra={"key": error.row})

    async def _forget_if_changed(self) -> None:
        """Forget everything when a key was revoked, here or by another process (the command line, another node)."""
        version = self._database.version()
        moment: object = int(self._now().timestamp() / LOOK_AGAIN_SECONDS) if version is None else version
        if moment == self._seen:
            return
        number = await self._database.read(changes.number, changes.ACCESS)
        self._seen = moment
        if number != self._number:
            self._known.clear()
            self._number = number
            if self._sessions is not None:
                self._sessions.forget()


def _token(authorization: str | None) -> str:
    if not authorization or not authorization.strip():
        raise Unauthenticated(
            "This call needs an API key or a session token: send it as `Authorization: Bearer <key>`."
        )
    text = authorization.strip()
    scheme, _, rest = text.partition(" ")
    return rest.strip() if scheme.casefold() == "bearer" and rest.strip() else text
