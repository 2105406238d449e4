"""Calls 15, 36 and 37: the tools that integrations offer."""

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from moorings.http.calls import caller_of, hub_of, json_answer, renderer_of
from moorings.http.etag import kept
from moorings.http.operation import Operation
from moorings.http.paths import IntegrationId, ToolId
from moorings.http.query import Query, query_of
from moorings.http.routing import Router
from moorings.http.schemas.integrations import ConfiguredToolList, ToolList, ToolOut

router = Router(prefix="/v1/integrations", tag="Integrations")


class ToolsQuery(Query):
    """From which environment the tools are seen."""

    environment: str | None = Field(None, description="See it from this environment.", examples=["production"])


@router.get(
    "/tools",
    Operation(
        id="listConfiguredIntegrationTools",
        summary="List configured integration tools",
        answer=ConfiguredToolList,
        query=ToolsQuery,
        unchanged=True,
        errors=(400, 401, 403, 500),
    ),
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
    Operation(
        id="listToolsForAnIntegration",
        summary="List tools for an integration",
        answer=ToolList,
        errors=(401, 403, 404, 500),
    ),
)
async def list_tools(request: Request, integrationId: IntegrationId) -> Response:  # noqa: N803 - the contract's name
    """All tools of one integration, configured or not."""
    connection = await hub_of(request).integrations.find(caller_of(request), integrationId)
    return json_answer(renderer_of(request).tools(integrationId, connection.integration.tools))


@router.get(
    "/{integrationId}/tools/{toolId}",
    Operation(
        id="getAnIntegrationTool",
        summary="Get an integration tool",
        answer=ToolOut,
        errors=(401, 403, 404, 500),
    ),
)
async def get_tool(request: Request, integrationId: IntegrationId, toolId: ToolId) -> Response:  # noqa: N803 - the contract's names
    """One tool, by its short or full name."""
    connection = await hub_of(request).integrations.find(caller_of(request), integrationId)
    return json_answer(renderer_of(request).tool(connection.integration.tool(toolId)))
