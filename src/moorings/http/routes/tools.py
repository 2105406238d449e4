"""Calls 15, 36 and 37: the tools that integrations offer."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from moorings.http.deps import Asking, Renders, Services, json_answer
from moorings.http.etag import kept
from moorings.http.openapi import errors
from moorings.http.schemas.integrations import ConfiguredToolList, ToolList, ToolOut

router = APIRouter(prefix="/v1/integrations", tags=["Integrations"])


@router.get(
    "/tools", summary="List configured integration tools", operation_id="listConfiguredIntegrationTools",
    response_model=ConfiguredToolList, responses=errors(400, 401, 403, 500),
)  # fmt: skip
async def configured_tools(
    request: Request, caller: Asking, hub: Services, renders: Renders,
    environment: Annotated[
        str | None, Query(description="See it from this environment.", examples=["production"])
    ] = None,
) -> Response:  # fmt: skip
    """The tools of every integration whose credentials resolve in the environment."""
    visible = await hub.integrations.visible(caller, environment)
    key = ("tools", caller.environments, environment)
    return kept(
        request, visible.state, key, lambda: renders.configured_tools(hub.tools.configured(visible, environment))
    )


@router.get(
    "/{integrationId}/tools", summary="List tools for an integration", operation_id="listToolsForAnIntegration",
    response_model=ToolList, responses=errors(401, 403, 404, 500),
)  # fmt: skip
async def list_tools(integrationId: str, caller: Asking, hub: Services, renders: Renders) -> Response:  # noqa: N803
    """All tools of one integration, configured or not."""
    connection = await hub.integrations.find(caller, integrationId)
    return json_answer(renders.tools(integrationId, connection.integration.tools))


@router.get(
    "/{integrationId}/tools/{toolId}", summary="Get an integration tool", operation_id="getAnIntegrationTool",
    response_model=ToolOut, responses=errors(401, 403, 404, 500),
)  # fmt: skip
async def get_tool(
    integrationId: str, toolId: str, caller: Asking, hub: Services, renders: Renders  # noqa: N803
) -> Response:  # fmt: skip
    """One tool, by its short or full name."""
    connection = await hub.integrations.find(caller, integrationId)
    return json_answer(renders.tool(connection.integration.tool(toolId)))
