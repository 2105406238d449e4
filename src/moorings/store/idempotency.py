"""Answers kept under idempotency keys, sealed: one of them may show a new API key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, select, text, update

from moorings.domain.secret import Sealed
from moorings.errors import StoreBusy
from moorings.store.rows import moment, to_ms
from moorings.store.tables import idempotency

ATTEMPTS = 3
_PLACE = and_(idempotency.c.owner == bindparam("of_owner"), idempotency.c.key == bindparam("of_key"))
INSERT = text(
    "INSERT INTO idempotency (owner, key, fingerprint, status, sealed, owner_key_id, created_at, expires_at) VALUES "
    "(:owner, :key, :fingerprint, :status, :sealed, :owner_key_id, :created_at, :expires_at) "
    "ON CONFLICT (owner, key) DO NOTHING"
)
FIND = select(idempotency).where(_PLACE)
# A call that ran too long may have been overtaken by another under the same key: it must not touch that one's row.
_OURS = and_(_PLACE, idempotency.c.created_at == bindparam("of_start"))
FINISH = (
    update(idempotency)
    .where(_OURS)
    .values(
        status=bindparam("status"), sealed=bindparam("sealed"), owner_key_id=bindparam("owner_key_id"),
        expires_at=bindparam("expires_at"),
    )
)  # fmt: skip
SIZE = select(func.coalesce(func.sum(func.length(idempotency.c.sealed)), 0)).where(
    idempotency.c.owner == bindparam("owner")
)
DELETE_EXPIRED = delete(idempotency).where(_PLACE, idempotency.c.expires_at <= bindparam("now"))
RELEASE = delete(idempotency).where(_OURS)
FORGET = delete(idempotency).where(idempotency.c.expires_at <= bindparam("now"))


@dataclass(frozen=True, slots=True)
class Kept:
    """A call under an idempotency key; `status` is None while it runs, `sealed` also where its answer is not kept."""

    owner: str
    key: str
    fingerprint: bytes
    owner_key_id: str
    created_at: datetime
    expires_at: datetime
    status: int | None = None
    sealed: Sealed | None = None


def begin(connection: Connection, call: Kept) -> Kept | None:
    """Reserve the key for this call; what stands there already, if anything does and its time is not over."""
    place = {"of_owner": call.owner, "of_key": call.key}
    connection.execute(DELETE_EXPIRED, {**place, "now": to_ms(call.created_at)})
    for _ in range(ATTEMPTS):
        if connection.execute(INSERT, _row(call)).rowcount > 0:
            return None
        row = connection.execute(FIND, place).first()
        if row is not None:
            return _kept(row)
    raise StoreBusy("This idempotency key is being used and freed over and over; try again in a moment.")


def finish(connection: Connection, call: Kept) -> None:
    """Remember that the call has ended, and its answer where there is one to keep."""
    place = {"of_owner": call.owner, "of_key": call.key, "of_start": to_ms(call.created_at)}
    answer = {"status": call.status, "sealed": call.sealed and call.sealed.data, "owner_key_id": call.owner_key_id}
    connection.execute(FINISH, {**place, **answer, "expires_at": to_ms(call.expires_at)})


def size(connection: Connection, owner: str) -> int:
    """How many bytes the answers take that are kept for an owner."""
    return int(connection.execute(SIZE, {"owner": owner}).scalar_one())


def release(connection: Connection, call: Kept) -> None:
    """Forget a call that failed, so that it may be tried again under the same key."""
    connection.execute(RELEASE, {"of_owner": call.owner, "of_key": call.key, "of_start": to_ms(call.created_at)})


def forget_expired(connection: Connection, now: datetime) -> int:
    """Delete what is older than it is kept, and say how many."""
    return connection.execute(FORGET, {"now": to_ms(now)}).rowcount


def _row(call: Kept) -> dict[str, Any]:
    return {
        "owner": call.owner,
        "key": call.key,
        "fingerprint": call.fingerprint,
        "status": None,
        "sealed": None,
        "owner_key_id": call.owner_key_id,
        "created_at": to_ms(call.created_at),
        "expires_at": to_ms(call.expires_at),
    }


def _kept(row: Any) -> Kept:
    sealed = None if row.sealed is None else Sealed(row.sealed, row.owner_key_id)
    return Kept(
        row.owner, row.key, row.fingerprint, row.owner_key_id, moment(row.created_at), moment(row.expires_at),
        row.status, sealed,
    )  # fmt: skip
