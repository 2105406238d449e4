"""Searches everything that is stored for secrets that must not stand there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from moorings.domain.marker import Marker, hits
from moorings.store import contents as rows
from moorings.store.database import Database


@dataclass(frozen=True, slots=True)
class Searched:
    """How much was looked through, in bytes, and where a secret stood."""

    size: int
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """Through the whole database, of all owners; only for the machine's operator, not on a server's event loop."""

    database: Database

    async def everywhere(self, markers: Sequence[Marker]) -> Searched:
        """Look through every value of every table."""
        return await self.database.read(_search, markers)


def _search(connection: Any, markers: Sequence[Marker]) -> Searched:
    size, found = 0, list[str]()
    for table, part in rows.parts(connection):
        size += len(part)
        found += hits(markers, {f"the table {table}": part})
    return Searched(size, tuple(dict.fromkeys(found)))
