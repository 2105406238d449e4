"""Root keys' check values and wrapped owner keys in the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, exists, func, select, text, update
from sqlalchemy.exc import IntegrityError

from moorings.domain.owner_key import CheckValue, WrappedKey
from moorings.store.rows import moment, to_ms
from moorings.store.statement import first
from moorings.store.tables import credentials, events, forward_secrets, idempotency, owner_keys, revocations, root_keys

# A database's first root key has nothing to bring under it; every later one is settled when a rotation has ended.
ADD_ROOT = text(
    "INSERT INTO root_keys (id, check_value, created_at, settled_at) VALUES (:id, :check_value, :created_at, "
    "CASE WHEN EXISTS (SELECT 1 FROM root_keys) THEN NULL ELSE :created_at END) ON CONFLICT (id) DO NOTHING"
)
SETTLE = update(root_keys).where(root_keys.c.id == bindparam("of_id")).values(settled_at=bindparam("now"))
SETTLED = select(root_keys.c.settled_at).where(root_keys.c.id == bindparam("id"))
ROOTS = select(root_keys.c.id, root_keys.c.check_value)
ADD = text(
    "INSERT INTO owner_keys (id, owner, generation, root_key_id, wrapped, created_at) "
    "VALUES (:id, :owner, :generation, :root_key_id, :wrapped, :created_at) ON CONFLICT (owner, generation) DO NOTHING"
)
CURRENT = (
    select(owner_keys).where(owner_keys.c.owner == bindparam("owner")).order_by(owner_keys.c.generation.desc()).limit(1)
)
BY_ID = select(owner_keys).where(owner_keys.c.id == bindparam("id"), owner_keys.c.owner == bindparam("owner"))
UNDER = (
    select(owner_keys)
    .where(owner_keys.c.root_key_id.in_(bindparam("roots", expanding=True)), owner_keys.c.id > bindparam("after"))
    .order_by(owner_keys.c.id)
    .limit(bindparam("limit"))
)
REWRAP = (
    update(owner_keys)
    .where(owner_keys.c.id == bindparam("of_id"), owner_keys.c.root_key_id == bindparam("from_root"))
    .values(root_key_id=bindparam("root_key_id"), wrapped=bindparam("wrapped"))
)
CURRENT_BEFORE = text(
    "SELECT * FROM owner_keys k WHERE k.created_at < (SELECT created_at FROM root_keys WHERE id = :root) "
    "AND NOT EXISTS (SELECT 1 FROM owner_keys n WHERE n.owner = k.owner AND n.generation > k.generation) "
    "AND k.id > :after ORDER BY k.id LIMIT :limit"
)
SUPERSEDED = (
    select(owner_keys)
    .where(
        owner_keys.c.generation
        < select(func.max(owner_keys.alias("newer").c.generation))
        .where(text("newer.owner = owner_keys.owner"))
        .scalar_subquery()
    )
    .order_by(owner_keys.c.owner, owner_keys.c.generation)
)
DELETE_UNUSED = delete(owner_keys).where(
    owner_keys.c.id == bindparam("of_id"),
    ~exists().where(credentials.c.owner_key_id == owner_keys.c.id),
    ~exists().where(idempotency.c.owner_key_id == owner_keys.c.id),
    ~exists().where(events.c.owner_key_id == owner_keys.c.id),
    ~exists().where(forward_secrets.c.owner_key_id == owner_keys.c.id),
    ~exists().where(revocations.c.owner_key_id == owner_keys.c.id),
)
COUNTS = (
    select(owner_keys.c.root_key_id, func.count(credentials.c.owner))
    .select_from(owner_keys.outerjoin(credentials, credentials.c.owner_key_id == owner_keys.c.id))
    .group_by(owner_keys.c.root_key_id)
)
OWNER_KEY_COUNTS = select(owner_keys.c.root_key_id, func.count()).group_by(owner_keys.c.root_key_id)


def add_root(connection: Connection, value: CheckValue, now: datetime) -> bool:
    """Remember a root key's check value; False when the id is known already and keeps its own."""
    row = {"id": value.root_key_id, "check_value": value.value, "created_at": to_ms(now)}
    return connection.execute(ADD_ROOT, row).rowcount > 0


def roots(connection: Connection) -> Sequence[CheckValue]:
    """The check values of all root keys this database has ever been sealed with."""
    return [CheckValue(row.id, row.check_value) for row in connection.execute(ROOTS)]


def add(connection: Connection, key: WrappedKey) -> bool:
    """Insert an owner key; False when another process made this generation first."""
    return connection.execute(ADD, _row(key)).rowcount > 0


def add_first(connection: Connection, key: WrappedKey, root: CheckValue, now: datetime) -> bool:
    """Insert an owner key and the root key it is wrapped by; False when another process was first."""
    if add_root(connection, root, now):
        settle(connection, root.root_key_id, now)
    return add(connection, key)


def current(connection: Connection, owner: str) -> WrappedKey | None:
    """The key that seals for this owner."""
    row = first(connection, CURRENT, {"owner": owner})
    return None if row is None else _key(row)


def by_id(connection: Connection, owner: str, key_id: str) -> WrappedKey | None:
    """One key of this owner."""
    row = connection.execute(BY_ID, {"owner": owner, "id": key_id}).first()
    return None if row is None else _key(row)


def not_under(connection: Connection, root_key_id: str, after: str, limit: int) -> Sequence[WrappedKey]:
    """Owner keys that an older root key wraps, in the order of their ids.

    Newer ones are left alone: of two rotations at once, the later overtakes the earlier and not the other way round.
    """
    older = older_roots(connection, root_key_id)
    return [_key(row) for row in connection.execute(UNDER, {"roots": older, "after": after, "limit": limit})]


def older_roots(connection: Connection, root_key_id: str) -> Sequence[str]:
    """The root keys of this database that were made before this one."""
    known = (value.root_key_id for value in roots(connection))
    return [each for each in known if _number(each) < _number(root_key_id)]


def settle(connection: Connection, root_key_id: str, now: datetime) -> None:
    """Remember that a rotation to this root key has ended."""
    connection.execute(SETTLE, {"of_id": root_key_id, "now": to_ms(now)})


def settled(connection: Connection, root_key_id: str) -> bool:
    """Whether a rotation to this root key has ended, or it is the first one."""
    row = connection.execute(SETTLED, {"id": root_key_id}).first()
    return not roots(connection) if row is None else row.settled_at is not None


def rewrap(connection: Connection, keys: Sequence[tuple[str, WrappedKey]]) -> None:
    """Replace wrapped keys, each with the root key that wrapped it before; one that changed meanwhile is left alone."""
    for before, key in keys:
        values = {"root_key_id": key.root_key_id, "wrapped": key.wrapped}
        connection.execute(REWRAP, {"of_id": key.id, "from_root": before, **values})


def current_before(connection: Connection, root_key_id: str, after: str, limit: int) -> Sequence[WrappedKey]:
    """The owner keys that seal at present and were made before this root key, in the order of their ids."""
    rows = connection.execute(CURRENT_BEFORE, {"root": root_key_id, "after": after, "limit": limit})
    return [_key(row) for row in rows]


def superseded(connection: Connection) -> Sequence[WrappedKey]:
    """Owner keys that only open; a newer one of the same owner seals."""
    return [_key(row) for row in connection.execute(SUPERSEDED)]


def delete_unused(connection: Connection, key_id: str) -> bool:
    """Destroy an owner key under which nothing is sealed any more; False while something is."""
    if connection.dialect.name != "postgresql":
        return connection.execute(DELETE_UNUSED, {"of_id": key_id}).rowcount > 0
    try:  # side by side with us something may just be sealed under it; then the foreign key speaks
        with connection.begin_nested():
            return connection.execute(DELETE_UNUSED, {"of_id": key_id}).rowcount > 0
    except IntegrityError:
        return False


def records_by_root(connection: Connection) -> Mapping[str, int]:
    """How many credentials stand under each root key that still wraps an owner key."""
    return {row[0]: row[1] for row in connection.execute(COUNTS)}


def owner_keys_by_root(connection: Connection) -> Mapping[str, int]:
    """How many owner keys each root key wraps."""
    return {row[0]: row[1] for row in connection.execute(OWNER_KEY_COUNTS)}


def _row(key: WrappedKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "owner": key.owner,
        "generation": key.generation,
        "root_key_id": key.root_key_id,
        "wrapped": key.wrapped,
        "created_at": to_ms(key.created_at),
    }


def _key(row: Row[Any]) -> WrappedKey:
    return WrappedKey(row.id, row.owner, row.generation, row.root_key_id, row.wrapped, moment(row.created_at))


def _number(root_key_id: str) -> int:
    return int(root_key_id[1:])
