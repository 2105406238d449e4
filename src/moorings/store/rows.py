"""How values stand in rows: times as milliseconds, environments as text, structures as JSON."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, TextClause, text

from moorings.domain.credential import HIDDEN, Preview
from moorings.domain.environment import Environment

EVERYWHERE = "*"
PREVIEWS_REMEMBERED = 4_096
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(moment: datetime | None) -> int | None:
    """Milliseconds since 1970."""
    return None if moment is None else (moment - _EPOCH) // _MILLISECOND


def from_ms(number: int | None) -> datetime | None:
    """The moment in UTC."""
    return None if number is None else _EPOCH + number * _MILLISECOND


def moment(number: int) -> datetime:
    """The moment of a column that is never null."""
    return _EPOCH + number * _MILLISECOND


def environment_to_text(environment: Environment) -> str:
    """The name, or the mark for all environments: a null would not be unique in a key."""
    return EVERYWHERE if environment is None else environment


def environment_from_text(name: str) -> Environment:
    """The other way."""
    return None if name == EVERYWHERE else name


def to_json(value: Any) -> str:
    """Compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def names_of(previews: str) -> tuple[str, ...]:
    """The field names of a stored credential; none when the column was changed, and then the value does not open."""
    return tuple(_previews(previews) or ())


def previews_of(text: str) -> Mapping[str, str | None] | None:
    """What may be shown, by field name; None when the column was changed to something else."""
    return _shown(text)


@lru_cache(maxsize=PREVIEWS_REMEMBERED)
def _shown(text: str) -> Mapping[str, str | None] | None:
    """The same text means the same, and an owner's rows are read again whenever anything is written."""
    found = _previews(text)
    return None if found is None else {name: shown for name, shown in found.items() if shown is not HIDDEN}


def _previews(text: str) -> Mapping[str, Preview] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def upsert(table: Table, kept: tuple[str, ...] = ()) -> TextClause:
    """Insert, or replace all but the primary key and the `kept` columns; the same words on both databases."""
    names = [column.name for column in table.columns]
    key = [column.name for column in table.primary_key]
    changed = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key and name not in kept)
    return text(
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)}) "
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changed}"
    )
