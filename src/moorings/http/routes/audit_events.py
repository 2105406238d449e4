"""The audit trail."""

from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.responses import Response

from moorings.domain.audit import AuditWish, Kind
from moorings.http.calls import answer, caller_of, hub_of
from moorings.http.operation import Operation
from moorings.http.paging import USUAL, Limit
from moorings.http.query import Query, query_of
from moorings.http.routing import Router
from moorings.http.schemas.audit_events import AuditEvent, AuditEventList
from moorings.http.schemas.part import GivenTime

router = Router(prefix="/v1/audit-events", tag="Audit")


def _no_number(value: object) -> object:
    """A number would be read as seconds since 1970; nobody means that."""
    if isinstance(value, str) and value.replace(".", "").isdigit():
        raise PydanticCustomError("time", "A time such as 2030-01-01T00:00:00Z is wanted.")
    return value


Moment = Annotated[GivenTime, BeforeValidator(_no_number)]
Number = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,17}$")]


class TrailQuery(Query):
    """Which entries are wanted."""

    limit: Limit = USUAL
    cursor: Number | None = Field(None, description="The `nextCursor` of the page before.", examples=["41"])
    integration_id: str | None = Field(
        None, alias="integrationId", description="Only of this integration or installation.", examples=["firecrawl"]
    )
    environment: str | None = Field(None, description="Only of this environment.", examples=["production"])
    actor: str | None = Field(None, description="Only by this one.", examples=["key_01kb0h6v3m8x2q4r5s6t7v8w9x"])
    kind: str | None = Field(None, description="Only of this kind.", examples=["credentials.saved"])
    since: Moment | None = Field(
        None, alias="from", description="Only from then on.", examples=["2030-01-01T00:00:00Z"]
    )
    until: Moment | None = Field(None, alias="to", description="Only before then.", examples=["2030-01-02T00:00:00Z"])

    @field_validator("kind")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is not None and value not in set(Kind):
            raise PydanticCustomError("kind", "There is no such kind of event.")
        return value

    def wish(self) -> AuditWish:
        """The same as a value of the services."""
        return AuditWish(self.integration_id, self.environment, self.actor, self.kind, self.since, self.until)


@router.get(
    "",
    Operation(
        id="listAuditEvents",
        summary="List audit events",
        answer=AuditEventList,
        query=TrailQuery,
        errors=(400, 401, 403, 500),
    ),
)
async def list_events(request: Request) -> Response:
    """What was changed, used and refused, the newest first. A page looks at 5,000 entries and may be short for it."""
    query = query_of(request, TrailQuery)
    before = None if query.cursor is None else int(query.cursor)
    page = await hub_of(request).trail.page(caller_of(request), query.wish(), before, query.limit)
    cursor = None if page.before is None else str(page.before)
    return answer(AuditEventList(data=[AuditEvent.of(one) for one in page.entries], next_cursor=cursor))
