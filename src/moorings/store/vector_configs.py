"""Configurations of vector stores in the database, together with the sealed credential that each one has."""

import json
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from moorings.domain.audit import AuditEntry
from moorings.domain.credential import Credential, CredentialRef, Revision
from moorings.domain.environment import Environment
from moorings.domain.vector import StoreType, VectorConfig
from moorings.errors import ConfigurationNotFound, Conflict, NameTaken
from moorings.store import audit, credentials, room
from moorings.store.odd_rows import Form
from moorings.store.rows import environment_from_text, environment_to_text, moment, to_json, to_ms
from moorings.store.statement import every
from moorings.store.tables import vector_configs as table

_ONE = (table.c.owner == bindparam("of_owner"), table.c.id == bindparam("of_id"))
_PLACE = (
    table.c.owner == bindparam("of_owner"), table.c.type == bindparam("of_type"),
    table.c.environment == bindparam("of_environment"),
)  # fmt: skip

FORM = Form(table.c)
INSERT = insert(table)
ALL = select(table).where(table.c.owner == bindparam("of_owner")).order_by(table.c.name, table.c.id)
ONE = select(table).where(*_ONE)
NAMED = select(table.c.id).where(
    table.c.owner == bindparam("of_owner"), table.c.type == bindparam("of_type"), table.c.name == bindparam("of_name"),
    table.c.id != bindparam("of_id"),
)  # fmt: skip
CHANGED = ("name", "environment", "is_default", "description", "shown", "facts", "updated_at")
UPDATE = update(table).where(*_ONE).values({name: bindparam(name) for name in CHANGED})
KEEP_FACTS = update(table).where(*_ONE).values(facts=bindparam("facts"))
DELETE = delete(table).where(*_ONE)
OLDEST = select(table.c.id).where(*_PLACE).order_by(table.c.is_default.desc(), table.c.created_at, table.c.id).limit(1)
MAKE_DEFAULT = update(table).where(*_PLACE).values(is_default=table.c.id == bindparam("of_id"))

NONE_THERE = "There is no configuration of this id; GET /v1/integrations/{type} lists them."


def create(connection: Connection, config: VectorConfig, credential: Credential, entry: AuditEntry) -> VectorConfig:
    """Insert one with its credential, and return it as it stands: the first of an environment is its default."""
    audit.hold(connection, config.owner)
    _check_name(connection, config)
    with room.bounded(connection, config.owner):
        connection.execute(INSERT, _row(config))
    credentials.put(connection, credential, entry)
    _settle_default(connection, config, config.environment)
    return _present(connection, config)


def change(
    connection: Connection, config: VectorConfig, before: CredentialRef, revision: str, entry: AuditEntry,
    credential: Credential | None = None, tombstone: Revision | None = None,
) -> VectorConfig:  # fmt: skip
    """Replace one that still stands as it was read (`revision`); with a credential its secrets too.

    `tombstone` is for the place it leaves where the environment changes. Raises `Conflict` when it was overtaken.
    """
    audit.hold(connection, config.owner)
    _check_unchanged(connection, config, before, revision)
    _check_name(connection, config)
    row = _row(config)
    values = {name: row[name] for name in CHANGED}
    connection.execute(UPDATE, {**values, "of_owner": config.owner, "of_id": config.id})
    if tombstone is not None:
        credentials.clear(connection, before, tombstone)
    if credential is None:
        audit.append(connection, entry)
    else:
        credentials.put(connection, credential, entry)
    for environment in {before.environment, config.environment}:
        _settle_default(connection, config, environment)
    return _present(connection, config)


def remove(connection: Connection, ref: CredentialRef, tombstone: Revision, entry: AuditEntry) -> bool:
    """Delete one with its sealed bytes; False when there is none in this place."""
    audit.hold(connection, ref.owner)
    config = find(connection, ref.owner, ref.integration_id)
    if config is None or config.environment != ref.environment:
        return False
    connection.execute(DELETE, {"of_owner": ref.owner, "of_id": ref.integration_id})
    credentials.clear(connection, ref, tombstone)
    audit.append(connection, entry)
    _settle_default(connection, config, config.environment, gone=True)
    return True


def keep_facts(connection: Connection, owner: str, config_id: str, facts: Any) -> None:
    """Put down what a look at the store has found; nothing happens for what is no configuration."""
    connection.execute(KEEP_FACTS, {"of_owner": owner, "of_id": config_id, "facts": to_json(facts)})


def note(connection: Connection, entry: AuditEntry) -> None:
    """Write down that one was used."""
    audit.append(connection, entry)


def of_owner(connection: Connection, owner: str) -> tuple[VectorConfig, ...]:
    """All of an owner, by their names."""
    return tuple(_config(row) for row in every(connection, ALL, {"of_owner": owner}))


def find(connection: Connection, owner: str, config_id: str) -> VectorConfig | None:
    """One of this owner, None when there is none."""
    row = connection.execute(ONE, {"of_owner": owner, "of_id": config_id}).first()
    return None if row is None else _config(row)


def _check_name(connection: Connection, config: VectorConfig) -> None:
    place = {"of_owner": config.owner, "of_type": config.type, "of_name": config.name, "of_id": config.id}
    if connection.execute(NAMED, place).first() is not None:
        raise NameTaken("Another configuration bears this name; choose another one.")


def _check_unchanged(connection: Connection, config: VectorConfig, before: CredentialRef, revision: str) -> None:
    if find(connection, config.owner, config.id) is None:
        raise ConfigurationNotFound(NONE_THERE.format(type=config.type))
    stored = credentials.secret(connection, before)
    if stored is None or stored.revision_id != revision:
        raise Conflict("The configuration was changed meanwhile; look at it again and repeat the change.")


def _settle_default(
    connection: Connection, config: VectorConfig, environment: Environment, *, gone: bool = False
) -> None:
    """Leave one default in an environment: this one where it wants to be, else the one that was, or the oldest."""
    place = {"of_owner": config.owner, "of_type": config.type, "of_environment": environment_to_text(environment)}
    wants = config.is_default and config.environment == environment and not gone
    chosen = config.id if wants else connection.execute(OLDEST, place).scalar()
    if chosen is not None:
        connection.execute(MAKE_DEFAULT, {**place, "of_id": chosen})


def _present(connection: Connection, config: VectorConfig) -> VectorConfig:
    return find(connection, config.owner, config.id) or config


def _row(config: VectorConfig) -> dict[str, Any]:
    return {
        "id": config.id,
        "owner": config.owner,
        "type": config.type,
        "name": config.name,
        "environment": environment_to_text(config.environment),
        "is_default": config.is_default,
        "description": config.description,
        "shown": to_json(config.shown),
        "facts": to_json(config.facts),
        "created_at": to_ms(config.created_at),
        "updated_at": to_ms(config.updated_at),
    }


def _config(row: Any) -> VectorConfig:
    row, _ = FORM.read(row)
    return VectorConfig(
        row.id, row.owner, StoreType(row.type), row.name, environment_from_text(row.environment), bool(row.is_default),
        row.description, _object(row.shown), _object(row.facts), moment(row.created_at), moment(row.updated_at),
    )  # fmt: skip


def _object(text: str) -> dict[str, Any]:
    """The columns are for showing alone; one that was changed to something else shows nothing."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
