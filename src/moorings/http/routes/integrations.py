"""Calls 1, 2, 3 and 33: the catalogue and the reserving of installations."""

from typing import Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from moorings.domain.integration import CATEGORIES
from moorings.errors import Detail, InvalidRequest
from moorings.http import body
from moorings.http.calls import caller_of, hub_of, json_answer, renderer_of
from moorings.http.etag import kept
from moorings.http.operation import Operation
from moorings.http.paths import Category, IntegrationId
from moorings.http.query import Query, query_of
from moorings.http.routing import Router
from moorings.http.schemas.integrations import (
    CategoryList,
    InstallationOut,
    IntegrationDetails,
    IntegrationList,
    ReserveIntegration,
)
from moorings.services.integrations import matches

router = Router(prefix="/v1/integrations", tag="Integrations")


class ListQuery(Query):
    """Which entries are wanted, and how they are seen."""

    category: str | None = Field(None, description="Only this category.", examples=["search"])
    status: Literal["available", "pending", "connected", "failing"] | None = Field(
        None, description="Only entries that stand so."
    )
    environment: str | None = Field(None, description="See it from this environment.", examples=["production"])
    q: str | None = Field(None, description="Only entries that speak of this.", max_length=200, examples=["search"])


@router.get(
    "",
    Operation(
        id="listIntegrations",
        summary="List integrations",
        answer=IntegrationList,
        query=ListQuery,
        unchanged=True,
        errors=(400, 401, 403, 500),
    ),
)
async def list_integrations(request: Request) -> Response:
    """The whole catalogue, as the caller's owner sees it, sorted by name."""
    query, hub, renders = query_of(request, ListQuery), hub_of(request), renderer_of(request)
    if query.category is not None and query.category not in CATEGORIES:
        raise InvalidRequest("There is no such category.", [Detail("category", f"One of {', '.join(CATEGORIES)}.")])
    visible = await hub.integrations.visible(caller_of(request), query.environment)

    def render() -> bytes:
        wanted = (entry for entry in hub.catalog if matches(entry, query.category, query.q))
        found = (visible.view(entry, query.environment) for entry in wanted)
        return renders.integrations(view for view in found if query.status in (None, view.standing))

    return kept(request, visible, ("list", query), render)


@router.post(
    "",
    Operation(
        id="reserveANewIntegration",
        summary="Reserve a new integration",
        answer=InstallationOut,
        status=201,
        body=ReserveIntegration,
        errors=(400, 401, 403, 409, 413, 500),
    ),
)
async def reserve_integration(request: Request) -> Response:
    """A pending installation: its id and webhook address exist before any secret does. It ends after 24 hours."""
    given, renders = await body.body_of(request, ReserveIntegration), renderer_of(request)
    wish = (given.type, given.name, given.environment, given.forward_url)
    installation = await hub_of(request).integrations.reserve(caller_of(request), *wish)
    return json_answer(renders.json(renders.installation(installation)), 201)


@router.get(
    "/category/{category}",
    Operation(
        id="listIntegrationsByCategory",
        summary="List integrations by category",
        answer=CategoryList,
        unchanged=True,
        errors=(401, 403, 404, 500),
    ),
)
async def list_by_category(request: Request, category: Category) -> Response:
    """The entries of one category, sorted by name; an unknown category is 404 and lists the known ones."""
    hub = hub_of(request)
    visible = await hub.integrations.visible(caller_of(request))
    entries = hub.catalog.by_category(category)

    def render() -> bytes:
        return renderer_of(request).category(category, [visible.view(entry) for entry in entries])

    return kept(request, visible, ("category", category), render)


@router.get(
    "/{integrationId}",
    Operation(
        id="getIntegrationDetails",
        summary="Get integration details",
        answer=IntegrationDetails,
        unchanged=True,
        errors=(401, 403, 404, 500),
    ),
)
async def get_integration(request: Request, integrationId: IntegrationId) -> Response:  # noqa: N803 - the contract's name
    """One entry with its credential fields and tools; by its catalogue id or the id of one of its installations."""
    hub, caller = hub_of(request), caller_of(request)
    entry = (await hub.integrations.find(caller, integrationId)).integration
    visible = await hub.integrations.visible(caller)
    return kept(request, visible, ("details", entry.id), lambda: renderer_of(request).details(visible.view(entry)))
