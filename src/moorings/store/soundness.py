"""Looks through all owners' rows for what cannot be read or reached any more; for the operator."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, func, select

from moorings.store import api_keys, credentials, events, installations, vector_configs
from moorings.store.odd_rows import Form
from moorings.store.rows import EVERYWHERE
from moorings.store.tables import api_keys as api_key_table
from moorings.store.tables import credentials as credential_table
from moorings.store.tables import installations as installation_table
from moorings.store.tables import vector_configs as vector_config_table

ROWS: Mapping[str, tuple[Form, Select[Any]]] = {
    "API keys": (api_keys.FORM, select(api_key_table)),
    "credentials": (credentials.FORM, credentials.EVERY),
    "events": (events.FORM, events.EVERY),
    "installations": (installations.FORM, select(installation_table)),
    "vector store configurations": (vector_configs.FORM, select(vector_config_table)),
}
ELSEWHERE = (
    select(credential_table.c.owner, credential_table.c.environment, func.count().label("number"))
    .where(credential_table.c.environment.not_in(bindparam("known", expanding=True)))
    .group_by(credential_table.c.owner, credential_table.c.environment)
    .order_by(credential_table.c.owner, credential_table.c.environment)
)


class Left(NamedTuple):
    """How many credentials an owner holds in an environment that the server does not have."""

    owner: str
    environment: str
    number: int


def odd(connection: Connection) -> Mapping[str, int]:
    """How many rows cannot be read, by what they are."""
    counted = {
        name: sum(form.read(row)[1] is not None for row in connection.execute(statement))
        for name, (form, statement) in ROWS.items()
    }
    return {name: number for name, number in counted.items() if number}


def left(connection: Connection, environments: Sequence[str]) -> Sequence[Left]:
    """What stands in other environments than these."""
    return [Left(*row) for row in connection.execute(ELSEWHERE, {"known": [EVERYWHERE, *environments]})]
