"""Calls 15, 36 and 37: the tools that integrations offer."""

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from moorings.http.calls import caller_of, hub_of, json_answer, renderer_of
from moorings.http.etag import kept
from moorings.http.openapi import NOT_MODIFIED, errors
from moorings.http.paths import IntegrationId, ToolId
from moorings.http.query import Query, documented, query_of
from moorings.http.schemas.integrations import ConfiguredToolList, ToolList, ToolOut

router = APIRouter(prefix="/v1/integrations", tags=["Integrations"])


class ToolsQuery(Query):
    """From which environment the tools are seen."""

    environment: str | None = Field(None, description="See it from this environment.", examples=["production"])


@router.get(
    "/tools",
    summary="List configured integration tools",
    operation_id="listConfiguredIntegrationTools",
    response_model=ConfiguredToolList,
    responses={**NOT_MODIFIED, **errors(400, 401, 403, 500)},
    openapi_extra=documented(ToolsQuery),
)
async def configured_tools(request: Request) -> Response:
    """The tools of every integration whose credentials resolve in the environment."""
    query, hub, renders = query_of(request, ToolsQuery), hub_of(request), renderer_of(request)
    visible = await hub.integrations.visible(caller_of(request), query.environment)
    return kept(
        request, visible, ("tools", query),
        lambda: renders.configured_tools(hub.tools.configured(visible, query.environment)),
    )  # fmt: skip


@router.get(
    "/{integrationId}/tools",
    summary="List tools for an integration",
    operation_id="listToolsForAnIntegration",
    response_model=ToolList,
    responses=errors(401, 403, 404, 500),
)
async def list_tools(request: Request, integrationId: IntegrationId) -> Response:  # noqa: N803 - the contract's name
    """All tools of one integration, configured or not."""
    connection = await hub_of(request).integrations.find(caller_of(request), integrationId)
    return json_answer(renderer_of(request).tools(integrationId, connection.integration.tools))


@router.get(
    "/{integrationId}/tools/{toolId}",
    summary="Get an integration tool",
    operation_id="getAnIntegrationTool",
    response_model=ToolOut,
    responses=errors(401, 403, 404, 500),
)
async def get_tool(request: Request, integrationId: IntegrationId, toolId: ToolId) -> Response:  # noqa: N803 - the contract's names
    """One tool, by its short or full name."""
    connection = await hub_of(request).integrations.find(caller_of(request), integrationId)
    return json_answer(renderer_of(request).tool(connection.integration.tool(toolId)))
