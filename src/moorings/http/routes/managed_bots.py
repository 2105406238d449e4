"""Calls 8 to 14: Telegram bots that a person makes by a link."""

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from moorings.http import body
from moorings.http.calls import answer, caller_of, hub_of
from moorings.http.operation import Operation
from moorings.http.paths import RequestId
from moorings.http.query import Query, query_of
from moorings.http.routing import Router
from moorings.http.schemas.managed_bots import (
    InitiateManagedBot,
    ManagedAvailability,
    ManagedBotRotation,
    ManagedInvitation,
    ManagedRequestCancelled,
    ManagedRequestStatus,
    RotateManagedBot,
)

router = Router(prefix="/v1/integrations/telegram/managed", tag="Integrations")

CANCELLED = "The request is cancelled. A bot that is made by its link now is bound to nobody."


class AvailabilityQuery(Query):
    """A username to be looked at."""

    username: str | None = Field(
        None, description="Whether Telegram would take such a username.", max_length=64, examples=["acme_helper_bot"]
    )


@router.get(
    "/availability",
    Operation(
        id="checkManagedTelegramBotAvailability",
        summary="Check managed Telegram bot availability",
        answer=ManagedAvailability,
        query=AvailabilityQuery,
        errors=(400, 401, 403, 500),
    ),
)
async def availability(request: Request) -> Response:
    """Whether this server has a bot that may make others. Whether a username is free, Telegram tells no bot."""
    query = query_of(request, AvailabilityQuery)
    found = await hub_of(request).managed_bots.availability(caller_of(request), query.username)
    return answer(ManagedAvailability.of(found))


@router.post(
    "/initiate",
    Operation(
        id="initiateManagedTelegramBotCreation",
        summary="Initiate managed Telegram bot creation",
        answer=ManagedInvitation,
        status=201,
        body=InitiateManagedBot,
        errors=(400, 401, 403, 409, 413, 500, 502, 504),
    ),
)
async def initiate(request: Request) -> Response:
    """A link and its QR code, by which a person makes a bot in Telegram; the bot is then installed by itself."""
    given = await body.body_of(request, InitiateManagedBot)
    made = await hub_of(request).managed_bots.initiate(caller_of(request), given.wish())
    return answer(ManagedInvitation.of(made), 201)


@router.post(
    "/rotate",
    Operation(
        id="rotateManagedTelegramBotToken",
        summary="Rotate managed Telegram bot token",
        answer=ManagedBotRotation,
        body=RotateManagedBot,
        errors=(400, 401, 403, 404, 409, 413, 500, 502, 504),
    ),
)
async def rotate(request: Request) -> Response:
    """Give a managed bot a new token, store it sealed, and see that its updates still come here."""
    given = await body.body_of(request, RotateManagedBot)
    replaced = await hub_of(request).managed_bots.rotate(caller_of(request), given.integration_id)
    return answer(ManagedBotRotation.of(replaced))


@router.delete(
    "/{requestId}",
    Operation(
        id="cancelManagedTelegramBotRequest",
        summary="Cancel managed Telegram bot request",
        answer=ManagedRequestCancelled,
        errors=(400, 401, 403, 404, 409, 500),
    ),
)
async def cancel(request: Request, requestId: RequestId) -> Response:  # noqa: N803 - the contract's name
    """End a request before a bot is bound by it."""
    ended = await hub_of(request).managed_bots.cancel(caller_of(request), requestId)
    return answer(ManagedRequestCancelled(success=True, request_id=ended.id, status="cancelled", message=CANCELLED))


@router.post(
    "/{requestId}/confirm-rename",
    Operation(
        id="confirmManagedTelegramBotRename",
        summary="Confirm managed Telegram bot rename",
        answer=ManagedRequestStatus,
        errors=(400, 401, 403, 404, 409, 413, 500, 502, 504),
    ),
)
async def confirm_rename(request: Request, requestId: RequestId) -> Response:  # noqa: N803 - the contract's name
    """Bind the bot that a person made under another username than the suggested one."""
    found = await hub_of(request).managed_bots.confirm(caller_of(request), requestId)
    return answer(ManagedRequestStatus.of(found))


@router.post(
    "/{requestId}/reject-rename",
    Operation(
        id="rejectManagedTelegramBotRename",
        summary="Reject managed Telegram bot rename",
        answer=ManagedRequestStatus,
        errors=(400, 401, 403, 404, 409, 413, 500, 502, 504),
    ),
)
async def reject_rename(request: Request, requestId: RequestId) -> Response:  # noqa: N803 - the contract's name
    """Leave that bot to its owner, with its token replaced and forgotten."""
    found = await hub_of(request).managed_bots.reject(caller_of(request), requestId)
    return answer(ManagedRequestStatus.of(found))


@router.get(
    "/{requestId}/status",
    Operation(
        id="getManagedTelegramBotRequestStatus",
        summary="Get managed Telegram bot request status",
        answer=ManagedRequestStatus,
        errors=(401, 403, 404, 500),
    ),
)
async def status(request: Request, requestId: RequestId) -> Response:  # noqa: N803 - the contract's name
    """Where a request stands, and the installation it has become."""
    found = await hub_of(request).managed_bots.status(caller_of(request), requestId)
    return answer(ManagedRequestStatus.of(found))
