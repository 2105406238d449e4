"""Calls 1, 2, 3 and 33: the catalogue and the reserving of installations."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from moorings.domain.integration import CATEGORIES
from moorings.errors import Detail, InvalidRequest
from moorings.http.deps import Asking, Renders, Services, json_answer
from moorings.http.etag import kept
from moorings.http.openapi import NOT_MODIFIED, errors
from moorings.http.schemas.integrations import (
    CategoryList,
    InstallationOut,
    IntegrationDetails,
    IntegrationList,
    ReserveIntegration,
)
from moorings.services.integrations import matches

router = APIRouter(prefix="/v1/integrations", tags=["Integrations"])

Environment = Annotated[str | None, Query(description="One of the configured environments.", examples=["production"])]


@router.get(
    "", summary="List integrations", operation_id="listIntegrations", response_model=IntegrationList,
    responses={**NOT_MODIFIED, **errors(400, 401, 403, 500)},
)  # fmt: skip
async def list_integrations(
    request: Request, caller: Asking, hub: Services, renders: Renders,
    category: Annotated[str | None, Query(description="Only this category.", examples=["search"])] = None,
    status: Annotated[
        Literal["available", "pending", "connected", "failing"] | None, Query(description="Only entries that stand so.")
    ] = None,
    environment: Environment = None,
    q: Annotated[str | None, Query(description="Only entries that speak of this.", max_length=200)] = None,
) -> Response:  # fmt: skip
    """The whole catalogue, as the caller's owner sees it, sorted by name."""
    if category is not None and category not in CATEGORIES:
        raise InvalidRequest("There is no such category.", [Detail("category", f"One of {', '.join(CATEGORIES)}.")])
    visible = await hub.integrations.visible(caller, environment)

    def render() -> bytes:
        found = (visible.view(entry, environment) for entry in hub.catalog if matches(entry, category, q))
        return renders.integrations(view for view in found if status in (None, view.standing))

    key = ("list", caller.environments, category, status, environment, q)
    return kept(request, visible.state, key, render)


@router.post(
    "", summary="Reserve a new integration", operation_id="reserveANewIntegration", status_code=201,
    response_model=InstallationOut, responses=errors(400, 401, 403, 409, 413, 500),
)  # fmt: skip
async def reserve_integration(body: ReserveIntegration, caller: Asking, hub: Services, renders: Renders) -> Response:
    """A pending installation: its id and webhook address exist before any secret does. It ends after 24 hours."""
    wish = (body.type, body.name, body.environment, body.forward_url)
    installation = await hub.integrations.reserve(caller, *wish)
    return json_answer(renders.json(renders.installation(installation)), 201)


@router.get(
    "/category/{category}", summary="List integrations by category", operation_id="listIntegrationsByCategory",
    response_model=CategoryList, responses=errors(401, 403, 404, 500),
)  # fmt: skip
async def list_by_category(
    request: Request, category: str, caller: Asking, hub: Services, renders: Renders
) -> Response:
    """The entries of one category, sorted by name; an unknown category is 404 and lists the known ones."""
    visible = await hub.integrations.visible(caller)
    entries = hub.catalog.by_category(category)
    key = ("category", caller.environments, category)
    return kept(
        request, visible.state, key, lambda: renders.category(category, [visible.view(entry) for entry in entries])
    )


@router.get(
    "/{integrationId}", summary="Get integration details", operation_id="getIntegrationDetails",
    response_model=IntegrationDetails, responses=errors(401, 403, 404, 500),
)  # fmt: skip
async def get_integration(
    request: Request, integrationId: str, caller: Asking, hub: Services, renders: Renders  # noqa: N803
) -> Response:  # fmt: skip
    """One entry with its credential fields and tools; by its catalogue id or the id of one of its installations."""
    connection = await hub.integrations.find(caller, integrationId)
    visible = await hub.integrations.visible(caller)
    key = ("details", caller.environments, connection.integration.id)
    return kept(request, visible.state, key, lambda: renders.details(visible.view(connection.integration)))
