"""The triggers that keep `tallies`: how many things and events an owner holds, however they came and went.

Counting rows takes ten milliseconds where there are a hundred thousand; reading a number takes as long with a million.
Whoever deletes by a cascade or from beside cannot forget to count, for the database does it.
"""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

THINGS, EVENTS = "things", "events"
COUNTED: Mapping[str, str] = {
    "credentials": THINGS, "installations": THINGS, "vector_configs": THINGS, "api_keys": THINGS, "events": EVENTS,
}  # fmt: skip
NO_MORE = "OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL"
"""A key is never deleted: it counts until it is revoked."""

REVOKED = ("api_keys", "api_keys_revoked")

# The count of an owner is changed by whoever holds that owner (`audit.hold`), or two writers could wait for each other.
FUNCTION = """
CREATE FUNCTION moorings_count() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE whose text := CASE TG_OP WHEN 'INSERT' THEN NEW.owner ELSE OLD.owner END;
DECLARE step integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext(whose));
    IF TG_OP = 'INSERT' THEN
        INSERT INTO tallies (owner, things, events) VALUES (whose, 0, 0) ON CONFLICT (owner) DO NOTHING;
    END IF;
    IF TG_ARGV[0] = 'things' THEN UPDATE tallies SET things = things + step WHERE owner = whose;
    ELSE UPDATE tallies SET events = events + step WHERE owner = whose; END IF;
    RETURN NULL;
END $$
"""
FILL = """
INSERT INTO tallies (owner, things, events)
SELECT owners.id,
    (SELECT count(*) FROM credentials WHERE credentials.owner = owners.id)
    + (SELECT count(*) FROM installations WHERE installations.owner = owners.id)
    + (SELECT count(*) FROM vector_configs WHERE vector_configs.owner = owners.id)
    + (SELECT count(*) FROM api_keys WHERE api_keys.owner = owners.id AND api_keys.revoked_at IS NULL),
    (SELECT count(*) FROM events WHERE events.owner = owners.id)
FROM owners
"""


def install(connection: Connection) -> None:
    """Make the triggers, in a database whose tables are there."""
    postgres = connection.dialect.name == "postgresql"
    for statement in _of_postgres() if postgres else _of_sqlite():
        connection.exec_driver_sql(statement)


def remove(connection: Connection) -> None:
    """Drop them."""
    postgres = connection.dialect.name == "postgresql"
    for table, name in [*((table, f"{table}_{happens.lower()}") for table, happens, _ in _occasions()), REVOKED]:
        connection.exec_driver_sql(f"DROP TRIGGER {name}_counted" + (f" ON {table}" if postgres else ""))
    if postgres:
        connection.exec_driver_sql("DROP FUNCTION moorings_count()")


def fill(connection: Connection) -> None:
    """Count what is there already."""
    connection.exec_driver_sql(FILL)


def _occasions() -> Iterator[tuple[str, str, str]]:
    """Table, what happens there, and what is counted."""
    for table, counted in COUNTED.items():
        yield table, "INSERT", counted
        if table != "api_keys":
            yield table, "DELETE", counted


def _of_postgres() -> Iterator[str]:
    yield FUNCTION
    for table, happens, counted in _occasions():
        yield (
            f"CREATE TRIGGER {table}_{happens.lower()}_counted AFTER {happens} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION moorings_count('{counted}')"
        )
    yield (
        f"CREATE TRIGGER api_keys_revoked_counted AFTER UPDATE OF revoked_at ON api_keys "
        f"FOR EACH ROW WHEN ({NO_MORE}) EXECUTE FUNCTION moorings_count('{THINGS}')"
    )


def _of_sqlite() -> Iterator[str]:
    for table, happens, counted in _occasions():
        name, when = f"{table}_{happens.lower()}_counted", f"AFTER {happens} ON {table}"
        first = "INSERT INTO tallies (owner, things, events) VALUES (NEW.owner, 0, 0) ON CONFLICT (owner) DO NOTHING;"
        more = f"{first} UPDATE tallies SET {counted} = {counted} + 1 WHERE owner = NEW.owner;"
        yield f"CREATE TRIGGER {name} {when} BEGIN {more if happens == 'INSERT' else _less(counted)} END"
    when = f"AFTER UPDATE OF revoked_at ON api_keys WHEN {NO_MORE}"
    yield f"CREATE TRIGGER api_keys_revoked_counted {when} BEGIN {_less(THINGS)} END"


def _less(counted: str) -> str:
    return f"UPDATE tallies SET {counted} = {counted} - 1 WHERE owner = OLD.owner;"
