"""Calls 8 to 14: Telegram bots that a person makes by a link."""

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from moorings.http import body
from moorings.http.calls import answer, caller_of, hub_of
from moorings.http.openapi import errors
from moorings.http.paths import RequestId
from moorings.http.query import Query, documented, query_of
from moorings.http.schemas.managed_bots import (
    InitiateManagedBot,
    ManagedAvailability,
    ManagedBotRotation,
    ManagedInvitation,
    ManagedRequestCancelled,
    ManagedRequestStatus,
    RotateManagedBot,
)

router = APIRouter(prefix="/v1/integrations/telegram/managed", tags=["Integrations"])

CANCELLED = "The request is cancelled. A bot that is made by its link now is bound to nobody."


class AvailabilityQuery(Query):
    """A username to be looked at."""

    username: str | None = Field(
        None, description="Whether Telegram would take such a username.", max_length=64, examples=["acme_helper_bot"]
    )


@router.get(
    "/availability",
    summary="Check managed Telegram bot availability",
    operation_id="checkManagedTelegramBotAvailability",
    response_model=ManagedAvailability,
    responses=errors(400, 401, 403, 500),
    openapi_extra=documented(AvailabilityQuery),
)
async def availability(request: Request) -> Response:
    """Whether this server has a bot that may make others. Whether a username is free, Telegram tells no bot."""
    query = query_of(request, AvailabilityQuery)
    found = await hub_of(request).managed_bots.availability(caller_of(request), query.username)
    return answer(ManagedAvailability.of(found))


@router.post(
    "/initiate",
    summary="Initiate managed Telegram bot creation",
    operation_id="initiateManagedTelegramBotCreation",
    status_code=201,
    response_model=ManagedInvitation,
    responses=errors(400, 401, 403, 409, 413, 500, 502, 504),
    openapi_extra=body.documented(InitiateManagedBot),
)
async def initiate(request: Request) -> Response:
    """A link and its QR code, by which a person makes a bot in Telegram; the bot is then installed by itself."""
    given = await body.body_of(request, InitiateManagedBot)
    made = await hub_of(request).managed_bots.initiate(caller_of(request), given.wish())
    return answer(ManagedInvitation.of(made), 201)


@router.post(
    "/rotate",
    summary="Rotate managed Telegram bot token",
    operation_id="rotateManagedTelegramBotToken",
    response_model=ManagedBotRotation,
    responses=errors(400, 401, 403, 404, 409, 413, 500, 502, 504),
    openapi_extra=body.documented(RotateManagedBot),
)
async def rotate(request: Request) -> Response:
    """Give a managed bot a new token, store it sealed, and see that its updates still come here."""
    given = await body.body_of(request, RotateManagedBot)
    replaced = await hub_of(request).managed_bots.rotate(caller_of(request), given.integration_id)
    return answer(ManagedBotRotation.of(replaced))


@router.delete(
    "/{requestId}",
    summary="Cancel managed Telegram bot request",
    operation_id="cancelManagedTelegramBotRequest",
    response_model=ManagedRequestCancelled,
    responses=errors(400, 401, 403, 404, 409, 500),
)
async def cancel(request: Request, requestId: RequestId) -> Response:  # noqa: N803 - the contract's name
    """End a request before a bot is bound by it."""
    ended = await hub_of(request).managed_bots.cancel(caller_of(request), requestId)
    return answer(ManagedRequestCancelled(success=True, request_id=ended.id, status="cancelled", message=CANCELLED))


@router.post(
    "/{requestId}/confirm-rename",
    summary="Confirm managed Telegram bot rename",
    operation_id="confirmManagedTelegramBotRename",
    response_model=ManagedRequestStatus,
    responses=errors(400, 401, 403, 404, 409, 413, 500, 502, 504),
)
async def confirm_rename(request: Request, requestId: RequestId) -> Response:  # noqa: N803 - the contract's name
    """Bind the bot that a person made under another username than the suggested one."""
    found = await hub_of(request).managed_bots.confirm(caller_of(request), requestId)
    return answer(ManagedRequestStatus.of(found))


@router.post(
    "/{requestId}/reject-rename",
    summary="Reject managed Telegram bot rename",
    operation_id="rejectManagedTelegramBotRename",
    response_model=ManagedRequestStatus,
    responses=errors(400, 401, 403, 404, 409, 413, 500, 502, 504),
)
async def reject_rename(request: Request, requestId: RequestId) -> Response:  # noqa: N803 - the contract's name
    """Leave that bot to its owner, with its token replaced and forgotten."""
    found = await hub_of(request).managed_bots.reject(caller_of(request), requestId)
    return answer(ManagedRequestStatus.of(found))


@router.get(
    "/{requestId}/status",
    summary="Get managed Telegram bot request status",
    operation_id="getManagedTelegramBotRequestStatus",
    response_model=ManagedRequestStatus,
    responses=errors(401, 403, 404, 500),
)
async def status(request: Request, requestId: RequestId) -> Response:  # noqa: N803 - the contract's name
    """Where a request stands, and the installation it has become."""
    found = await hub_of(request).managed_bots.status(caller_of(request), requestId)
    return answer(ManagedRequestStatus.of(found))
