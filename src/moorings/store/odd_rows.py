"""Rows whose open columns hold what no column of theirs can: one of them takes no list down.

SQLite keeps in any column whatever it is given, and a row may be changed past us. What cannot be read is read as
nothing (an empty text, the beginning of 1970) and told in a sentence; whoever makes something of the row passes it on.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, NamedTuple

from moorings.store.rows import to_ms

EARLIEST = to_ms(datetime.min.replace(tzinfo=UTC)) or 0
LATEST = to_ms(datetime.max.replace(tzinfo=UTC)) or 0
TOLD = 1_024

log = logging.getLogger(__name__)


class Wanted(NamedTuple):
    """What a column's value must be beside its type, and what is read in its place where it is not."""

    fits: Callable[[Any], bool]
    instead: Any


class _Part(NamedTuple):
    name: str
    kind: type
    nullable: bool
    wanted: Wanted | None

    def fits(self, value: Any) -> bool:
        if value is None:
            return self.nullable
        if self.kind is int or self.kind is bool:
            return isinstance(value, int) and EARLIEST <= value <= LATEST
        return isinstance(value, self.kind) and (self.wanted is None or self.wanted.fits(value))

    def instead(self) -> Any:
        if self.wanted is not None:
            return self.wanted.instead
        return None if self.nullable else self.kind()


class Form:
    """What the rows of a statement hold, column by column; `wanted` says more of some."""

    def __init__(self, columns: Iterable[Any], wanted: Mapping[str, Wanted] | None = None) -> None:
        listed, named = list(columns), wanted or {}
        self._table = listed[0].table.name
        self._parts = tuple(
            _Part(each.name, each.type.python_type, bool(each.nullable), named.get(each.name)) for each in listed
        )

    def read(self, row: Any) -> tuple[Any, str | None]:
        """The row, and what is wrong with it: None, or a sentence that names the columns."""
        odd = [part.name for value, part in zip(row, self._parts, strict=False) if not part.fits(value)]
        if not odd:
            return row, None
        values = zip(row, self._parts, strict=False)
        mended = {part.name: part.instead() if part.name in odd else value for value, part in values}
        problem = f"{' and '.join(odd)} of its row cannot be read: the database was changed from elsewhere."
        _tell(self._table, str(mended.get("id") or mended.get("integration_id") or mended.get("owner")), problem)
        return SimpleNamespace(**mended), problem


def among(words: type[StrEnum], instead: StrEnum) -> Wanted:
    """One of an enumeration's words."""
    return Wanted(frozenset(words).__contains__, instead)


def made_by(make: Callable[[Any], object], instead: Any) -> Wanted:
    """Whatever something can be made of."""

    def fits(value: Any) -> bool:
        try:
            make(value)
        except (ValueError, TypeError, OverflowError):
            return False
        return True

    return Wanted(fits, instead)


@lru_cache(maxsize=TOLD)
def _tell(table: str, place: str, problem: str) -> None:
    """Once for each: a list is read again with every call."""
    log.error("a row cannot be read", extra={"table": table, "row": place, "problem": problem})
