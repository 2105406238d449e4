"""Calls 25-32: configurations and collections of Weaviate."""

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from moorings.domain.vector import StoreType
from moorings.http import body
from moorings.http.calls import answer, caller_of, hub_of, json_answer, renderer_of
from moorings.http.openapi import errors
from moorings.http.paths import WeaviateConfigId
from moorings.http.query import Query, documented, query_of
from moorings.http.schemas.checks import CheckOut
from moorings.http.schemas.configurations import ConfigDeleted, Configurations, change, wish
from moorings.http.schemas.weaviate import (
    CreateWeaviateConfiguration,
    TestWeaviateConfiguration,
    UpdateWeaviateConfiguration,
    WeaviateCollection,
    WeaviateCollectionList,
    WeaviateConfiguration,
    WeaviateConfigurationList,
)

router = APIRouter(prefix="/v1/integrations/weaviate", tags=["Integrations"])
KIND = StoreType.WEAVIATE


class ConfigQuery(Query):
    """Which configurations are wanted."""

    environment: str | None = Field(
        None, description="Only those that can answer in this environment: its own, and those for all.",
        examples=["production"],
    )  # fmt: skip


@router.get(
    "",
    summary="List Weaviate configurations",
    operation_id="listWeaviateConfigurations",
    response_model=WeaviateConfigurationList,
    responses=errors(400, 401, 403, 500),
    openapi_extra=documented(ConfigQuery),
)
async def list_configurations(request: Request) -> Response:
    """The configurations that the caller may see, sorted by name, beside what the catalogue says of the integration."""
    query, hub, caller = query_of(request, ConfigQuery), hub_of(request), caller_of(request)
    found = await hub.vector_configs.every(caller, KIND, query.environment)
    visible = await hub.integrations.visible(caller)
    listed = Configurations[WeaviateConfiguration](
        data=[WeaviateConfiguration.of(view) for view in found], total=len(found)
    )
    details = visible.view(hub.catalog.get(KIND))
    return json_answer(renderer_of(request).details_with(details, listed.model_dump_json().encode()))


@router.post(
    "",
    summary="Create Weaviate configuration",
    operation_id="createWeaviateConfiguration",
    status_code=201,
    response_model=WeaviateConfiguration,
    responses=errors(400, 401, 403, 409, 413, 500, 502, 504),
    openapi_extra=body.documented(CreateWeaviateConfiguration),
)
async def create_configuration(request: Request) -> Response:
    """Look whether the server is there, takes the key and has the collection; only then is it stored, sealed."""
    given = await body.body_of(request, CreateWeaviateConfiguration)
    view = await hub_of(request).vector_configs.create(caller_of(request), KIND, wish(given, given.fields()))
    return answer(WeaviateConfiguration.of(view), 201)


@router.post(
    "/test",
    summary="Test new Weaviate configuration",
    operation_id="testNewWeaviateConfiguration",
    response_model=CheckOut,
    responses=errors(400, 401, 403, 409, 413, 500),
    openapi_extra=body.documented(TestWeaviateConfiguration),
)
async def test_new(request: Request) -> Response:
    """Whether a configuration would work; nothing is kept. One that would not is an answer, not an error."""
    given = await body.body_of(request, TestWeaviateConfiguration)
    check = await hub_of(request).vector_configs.test(caller_of(request), KIND, given.environment, given.fields())
    return answer(CheckOut.of(check))


@router.get(
    "/{configId}",
    summary="Get Weaviate configuration",
    operation_id="getWeaviateConfiguration",
    response_model=WeaviateConfiguration,
    responses=errors(401, 403, 404, 500),
)
async def get_configuration(request: Request, configId: WeaviateConfigId) -> Response:  # noqa: N803 - the contract's name
    """One configuration; its key and headers are never in it."""
    return answer(
        WeaviateConfiguration.of(await hub_of(request).vector_configs.get(caller_of(request), KIND, configId))
    )


@router.put(
    "/{configId}",
    summary="Update Weaviate configuration",
    operation_id="updateWeaviateConfiguration",
    response_model=WeaviateConfiguration,
    responses=errors(400, 401, 403, 404, 409, 413, 500, 502, 504),
    openapi_extra=body.documented(UpdateWeaviateConfiguration),
)
async def update_configuration(request: Request, configId: WeaviateConfigId) -> Response:  # noqa: N803 - the contract's name
    """Change what is given; another target is looked at before it takes the place of the present one."""
    given = await body.body_of(request, UpdateWeaviateConfiguration)
    wanted = change(given, given.changed_fields(), given.changed_headers())
    view = await hub_of(request).vector_configs.update(caller_of(request), KIND, configId, wanted)
    return answer(WeaviateConfiguration.of(view))


@router.delete(
    "/{configId}",
    summary="Delete Weaviate configuration",
    operation_id="deleteWeaviateConfiguration",
    response_model=ConfigDeleted,
    responses=errors(400, 401, 403, 404, 500),
)
async def delete_configuration(request: Request, configId: WeaviateConfigId) -> Response:  # noqa: N803 - the contract's name
    """Delete a configuration with its sealed bytes; the collections stay."""
    config = await hub_of(request).vector_configs.delete(caller_of(request), KIND, configId)
    message = f"The configuration {config.name} is deleted; the server and its collections are untouched."
    return answer(ConfigDeleted(success=True, id=config.id, message=message))


@router.post(
    "/{configId}/collections",
    summary="List Weaviate collections",
    operation_id="listWeaviateCollections",
    response_model=WeaviateCollectionList,
    responses=errors(400, 401, 403, 404, 409, 413, 500, 502, 504),
)
async def list_collections(request: Request, configId: WeaviateConfigId) -> Response:  # noqa: N803 - the contract's name
    """The collections of a stored configuration's server."""
    found = await hub_of(request).indexes.collections(caller_of(request), configId)
    shown = [WeaviateCollection.of(each) for each in found]
    return answer(WeaviateCollectionList(collections=shown, total=len(shown)))


@router.post(
    "/{configId}/test",
    summary="Test Weaviate connection",
    operation_id="testWeaviateConnection",
    response_model=CheckOut,
    responses=errors(400, 401, 403, 404, 409, 413, 500),
)
async def test_saved(request: Request, configId: WeaviateConfigId) -> Response:  # noqa: N803 - the contract's name
    """Whether a stored configuration still works; the result is kept as its status."""
    return answer(CheckOut.of(await hub_of(request).vector_configs.test_saved(caller_of(request), KIND, configId)))
