"""Reads the audit chain: in pages for people, and whole for whoever verifies it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Connection, Text, and_, bindparam, or_, select, text, union

from moorings.domain.audit import EVERYWHERE, AuditEntry, AuditWish, Head, Recorded
from moorings.domain.caller import Origin
from moorings.store.audit import head_of
from moorings.store.odd_rows import Form
from moorings.store.rows import moment, to_ms
from moorings.store.tables import audit, audit_heads

NEWEST = 2**62
FORM = Form(audit.c)

_WINDOW = (
    select(audit)
    .where(audit.c.owner == bindparam("owner"), audit.c.sequence < bindparam("before"))
    .order_by(audit.c.sequence.desc())
    .limit(bindparam("scanned"))
    .subquery()
)


def _fits(column: Any, name: str) -> ColumnElement[bool]:
    # PostgreSQL wants to know of what type a parameter is that may be null.
    return or_(bindparam(name, type_=column.type).is_(None), column == bindparam(name))


# What is below an integration, as the tools `firecrawl/scrape`, belongs to it; `0` is the character behind `/`.
PAGE = (
    select(_WINDOW)
    .where(
        or_(
            bindparam("subject", type_=Text).is_(None),
            _WINDOW.c.subject == bindparam("subject"),
            and_(_WINDOW.c.subject >= bindparam("below"), _WINDOW.c.subject < bindparam("beyond")),
        ),
        _fits(_WINDOW.c.environment, "environment"),
        _fits(_WINDOW.c.actor, "actor"),
        _fits(_WINDOW.c.kind, "kind"),
        _WINDOW.c.at >= bindparam("since"),
        _WINDOW.c.at < bindparam("until"),
        or_(
            bindparam("unbound", type_=Boolean).is_(True),
            _WINDOW.c.environment.in_(bindparam("seen", expanding=True)),
            and_(_WINDOW.c.environment.is_(None), _WINDOW.c.kind.in_(sorted(EVERYWHERE))),
            _WINDOW.c.actor == bindparam("asking"),
        ),
    )
    .order_by(_WINDOW.c.sequence.desc())
    .limit(bindparam("limit"))
)
OLDEST_SCANNED = select(_WINDOW.c.sequence).order_by(_WINDOW.c.sequence).limit(1)
FORWARD = (
    select(audit)
    .where(audit.c.owner == bindparam("owner"), audit.c.sequence > bindparam("after"))
    .order_by(audit.c.sequence)
    .limit(bindparam("limit"))
)
WITH_CHAIN = union(select(audit_heads.c.owner), select(audit.c.owner)).order_by("owner")
# Two statements of one transaction see two moments there, unless told otherwise.
ONE_MOMENT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def page(
    connection: Connection, owner: str, wish: AuditWish, before: int, limit: int, scanned: int
) -> tuple[Sequence[Recorded], int | None]:
    """The newest fitting of the entries before a number, and before which to look on; None at the beginning."""
    place = {"owner": owner, "before": before, "scanned": scanned}
    found = [_recorded(row) for row in connection.execute(PAGE, {**place, **_values(wish), "limit": limit})]
    if len(found) == limit:
        return found, found[-1].sequence if found[-1].sequence > 1 else None
    oldest = connection.execute(OLDEST_SCANNED, place).scalar()
    return found, oldest if oldest is not None and oldest > 1 else None


def forward(connection: Connection, owner: str, after: int, limit: int) -> tuple[Sequence[Recorded], Head | None]:
    """The entries behind a number in their order, and the head of the same moment."""
    if connection.dialect.name == "postgresql":
        connection.execute(ONE_MOMENT)
    rows = connection.execute(FORWARD, {"owner": owner, "after": after, "limit": limit})
    return [_recorded(row) for row in rows], head_of(connection, owner)


def owners(connection: Connection) -> Sequence[str]:
    """Everybody of whom an entry or the end of a chain is there."""
    return connection.execute(WITH_CHAIN).scalars().all()


def _values(wish: AuditWish) -> dict[str, Any]:
    subject = wish.subject
    return {
        "subject": subject,
        "below": f"{subject}/",
        "beyond": f"{subject}0",
        "environment": wish.environment,
        "actor": wish.actor,
        "kind": wish.kind,
        "since": to_ms(wish.since) or 0,
        "until": NEWEST if wish.until is None else to_ms(wish.until),
        "unbound": wish.seen is None,
        "seen": sorted(wish.seen or ()),
        "asking": wish.asking or "",
    }


def _recorded(row: Any) -> Recorded:
    """What cannot be read is read as nothing: it is not what was written, and its hash says so."""
    row, _ = FORM.read(row)
    entry = AuditEntry(
        row.owner, moment(row.at), row.kind, row.actor, row.subject, row.environment, row.outcome,
        Origin(row.address, row.request_id), row.revision,
    )  # fmt: skip
    return Recorded(row.sequence, entry, bytes(row.hash))
