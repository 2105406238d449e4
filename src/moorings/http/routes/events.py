"""Events: what providers told, and how it was passed on."""

import json

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from moorings.http import body
from moorings.http.calls import caller_of, hub_of, json_answer
from moorings.http.operation import Operation
from moorings.http.paths import EventId, IntegrationId
from moorings.http.query import Query, query_of
from moorings.http.routing import Router
from moorings.http.schemas.events import EventList, EventOut
from moorings.http.schemas.part import Answer, Given

router = Router(prefix="/v1/integrations", tag="Integrations")


class EventsQuery(Query):
    """Which events are wanted."""

    limit: int = Field(20, ge=1, le=100, description="At most so many.", examples=[20])
    cursor: str | None = Field(
        None, description="The `nextCursor` of the page before.", examples=["evt_01kb0h6v3m8x2q4r5s6t7v8w9x"]
    )


@router.get(
    "/{integrationId}/events",
    Operation(
        id="listIntegrationEvents",
        summary="List events of an integration",
        answer=EventList,
        query=EventsQuery,
        errors=(400, 401, 403, 404, 500),
    ),
)
async def list_events(request: Request, integrationId: IntegrationId) -> Response:  # noqa: N803 - the contract's name
    """What the provider told, the newest first, and every try to pass it on."""
    query = query_of(request, EventsQuery)
    page = await hub_of(request).events.page(caller_of(request), integrationId, query.cursor, query.limit)
    return _answer(EventList(data=[EventOut.of(event) for event in page.events], next_cursor=page.cursor))


class Redeliver(Given):
    """Nothing needs to be said."""


@router.post(
    "/{integrationId}/events/{eventId}/redeliver",
    Operation(
        id="redeliverIntegrationEvent",
        summary="Redeliver an event",
        answer=EventOut,
        status=202,
        body=Redeliver,
        errors=(400, 401, 403, 404, 409, 413, 500),
    ),
)
async def redeliver(request: Request, integrationId: IntegrationId, eventId: EventId) -> Response:  # noqa: N803 - the contract's names
    """Pass an event on once more, however it ended, under the same webhook-id; it is tried for another 24 hours."""
    await body.body_of(request, Redeliver)
    event = await hub_of(request).events.redeliver(caller_of(request), integrationId, eventId)
    return _answer(EventOut.of(event), 202)


def _answer(model: Answer, status: int = 200) -> Response:
    """As JSON in ASCII: a provider may send halves of characters, which only escapes can carry."""
    return json_answer(json.dumps(model.model_dump(mode="json"), separators=(",", ":")).encode(), status)
