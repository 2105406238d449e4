"""The audit trail of the owner to whom the client's key belongs."""

from datetime import datetime

from moorings.client.answer import Answer, Time
from moorings.client.call import Call, given, path
from moorings.client.operation import Noun, Operation, S


class AuditEvent(Answer):
    """Who did what, from where, and how it ended; never a value."""

    sequence: int
    at: Time
    kind: str
    actor: str
    subject: str
    environment: str | None
    outcome: str
    address: str | None
    request_id: str | None
    revision: str | None
    hash: str


class AuditEventList(Answer):
    """A page, the newest first; it may be short. `next_cursor` leads to older ones, None at the beginning."""

    data: list[AuditEvent]
    next_cursor: str | None


class Audit(Noun[S]):
    """The audit trail."""

    @Operation
    def list(
        self, *, integration_id: str | None = None, environment: str | None = None, actor: str | None = None,
        kind: str | None = None, since: datetime | None = None, until: datetime | None = None,
        limit: int | None = None, cursor: str | None = None,
    ) -> Call[AuditEventList]:  # fmt: skip
        """What was changed, used and refused; a moment without a zone is taken as local time."""
        moments = {name: at.astimezone().isoformat() for name, at in (("from", since), ("to", until)) if at}
        wish = given(
            integrationId=integration_id, environment=environment, actor=actor, kind=kind, limit=limit, cursor=cursor
        )
        return Call("GET", path("audit-events"), AuditEventList, query={**wish, **moments})
