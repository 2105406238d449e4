"""Everything that is stored, as it is stored, for whoever searches it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from moorings.store.tables import metadata

AT_ONCE = 500


def parts(connection: Connection) -> Iterator[tuple[str, bytes]]:
    """All rows, some hundred at a time, each part with the name of its table."""
    for table in metadata.sorted_tables:
        rows = connection.execution_options(yield_per=AT_ONCE).execute(select(table))
        for part in rows.partitions():
            yield table.name, b"\0".join(_bytes(value) for row in part for value in row)


def _bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode("utf-8", "surrogatepass")
