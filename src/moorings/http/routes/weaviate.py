"""Calls 25-32: configurations and collections of Weaviate."""

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from moorings.domain.vector import StoreType
from moorings.http import body
from moorings.http.calls import answer, caller_of, hub_of, json_answer, renderer_of
from moorings.http.operation import Operation
from moorings.http.paths import WeaviateConfigId
from moorings.http.query import Query, query_of
from moorings.http.routing import Router
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

router = Router(prefix="/v1/integrations/weaviate", tag="Integrations")
KIND = StoreType.WEAVIATE


class ConfigQuery(Query):
    """Which configurations are wanted."""

    environment: str | None = Field(
        None, description="Only those that can answer in this environment: its own, and those for all.",
        examples=["production"],
    )  # fmt: skip


@router.get(
    "",
    Operation(
        id="listWeaviateConfigurations",
        summary="List Weaviate configurations",
        answer=WeaviateConfigurationList,
        query=ConfigQuery,
        errors=(400, 401, 403, 500),
    ),
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
    Operation(
        id="createWeaviateConfiguration",
        summary="Create Weaviate configuration",
        answer=WeaviateConfiguration,
        status=201,
        body=CreateWeaviateConfiguration,
        errors=(400, 401, 403, 409, 413, 500, 502, 504),
    ),
)
async def create_configuration(request: Request) -> Response:
    """Look whether the server is there, takes the key and has the collection; only then is it stored, sealed."""
    given = await body.body_of(request, CreateWeaviateConfiguration)
    view = await hub_of(request).vector_configs.create(caller_of(request), KIND, wish(given, given.fields()))
    return answer(WeaviateConfiguration.of(view), 201)


@router.post(
    "/test",
    Operation(
        id="testNewWeaviateConfiguration",
        summary="Test new Weaviate configuration",
        answer=CheckOut,
        body=TestWeaviateConfiguration,
        errors=(400, 401, 403, 409, 413, 500),
    ),
)
async def test_new(request: Request) -> Response:
    """Whether a configuration would work; nothing is kept. One that would not is an answer, not an error."""
    given = await body.body_of(request, TestWeaviateConfiguration)
    check = await hub_of(request).vector_configs.test(caller_of(request), KIND, given.environment, given.fields())
    return answer(CheckOut.of(check))


@router.get(
    "/{configId}",
    Operation(
        id="getWeaviateConfiguration",
        summary="Get Weaviate configuration",
        answer=WeaviateConfiguration,
        errors=(401, 403, 404, 500),
    ),
)
async def get_configuration(request: Request, configId: WeaviateConfigId) -> Response:  # noqa: N803 - the contract's name
    """One configuration; its key and headers are never in it."""
    return answer(
        WeaviateConfiguration.of(await hub_of(request).vector_configs.get(caller_of(request), KIND, configId))
    )


@router.put(
    "/{configId}",
    Operation(
        id="updateWeaviateConfiguration",
        summary="Update Weaviate configuration",
        answer=WeaviateConfiguration,
        body=UpdateWeaviateConfiguration,
        errors=(400, 401, 403, 404, 409, 413, 500, 502, 504),
    ),
)
async def update_configuration(request: Request, configId: WeaviateConfigId) -> Response:  # noqa: N803 - the contract's name
    """Change what is given; another target is looked at before it takes the place of the present one."""
    given = await body.body_of(request, UpdateWeaviateConfiguration)
    wanted = change(given, given.changed_fields(), given.changed_headers())
    view = await hub_of(request).vector_configs.update(caller_of(request), KIND, configId, wanted)
    return answer(WeaviateConfiguration.of(view))


@router.delete(
    "/{configId}",
    Operation(
        id="deleteWeaviateConfiguration",
        summary="Delete Weaviate configuration",
        answer=ConfigDeleted,
        errors=(400, 401, 403, 404, 500),
    ),
)
async def delete_configuration(request: Request, configId: WeaviateConfigId) -> Response:  # noqa: N803 - the contract's name
    """Delete a configuration with its sealed bytes; the collections stay."""
    config = await hub_of(request).vector_configs.delete(caller_of(request), KIND, configId)
    message = f"The configuration {config.name} is deleted; the server and its collections are untouched."
    return answer(ConfigDeleted(success=True, id=config.id, message=message))


@router.post(
    "/{configId}/collections",
    Operation(
        id="listWeaviateCollections",
        summary="List Weaviate collections",
        answer=WeaviateCollectionList,
        errors=(400, 401, 403, 404, 409, 413, 500, 502, 504),
    ),
)
async def list_collections(request: Request, configId: WeaviateConfigId) -> Response:  # noqa: N803 - the contract's name
    """The collections of a stored configuration's server."""
    found = await hub_of(request).indexes.collections(caller_of(request), configId)
    shown = [WeaviateCollection.of(each) for each in found]
    return answer(WeaviateCollectionList(collections=shown, total=len(shown)))


@router.post(
    "/{configId}/test",
    Operation(
        id="testWeaviateConnection",
        summary="Test Weaviate connection",
        answer=CheckOut,
        errors=(400, 401, 403, 404, 409, 413, 500),
    ),
)
async def test_saved(request: Request, configId: WeaviateConfigId) -> Response:  # noqa: N803 - the contract's name
    """Whether a stored configuration still works; the result is kept as its status."""
    return answer(CheckOut.of(await hub_of(request).vector_configs.test_saved(caller_of(request), KIND, configId)))
