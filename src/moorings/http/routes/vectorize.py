"""Calls 16-24: configurations and indexes of Cloudflare Vectorize."""

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from moorings.domain.vector import StoreType
from moorings.http import body
from moorings.http.calls import answer, caller_of, hub_of, json_answer, renderer_of
from moorings.http.operation import Operation
from moorings.http.paths import VectorizeConfigId
from moorings.http.query import Query, query_of
from moorings.http.routing import Router
from moorings.http.schemas.checks import CheckOut
from moorings.http.schemas.configurations import ConfigDeleted, Configurations, change, wish
from moorings.http.schemas.vectorize import (
    CreateVectorizeConfiguration,
    CreateVectorizeIndex,
    ListVectorizeIndexes,
    TestVectorizeConfiguration,
    UpdateVectorizeConfiguration,
    VectorizeConfiguration,
    VectorizeConfigurationList,
    VectorizeIndex,
    VectorizeIndexCreated,
    VectorizeIndexList,
)

router = Router(prefix="/v1/integrations/vectorize", tag="Integrations")
KIND = StoreType.VECTORIZE


class ConfigQuery(Query):
    """Which configurations are wanted."""

    environment: str | None = Field(
        None, description="Only those that can answer in this environment: its own, and those for all.",
        examples=["production"],
    )  # fmt: skip


@router.get(
    "",
    Operation(
        id="listVectorizeConfigurations",
        summary="List Vectorize configurations",
        answer=VectorizeConfigurationList,
        query=ConfigQuery,
        errors=(400, 401, 403, 500),
    ),
)
async def list_configurations(request: Request) -> Response:
    """The configurations that the caller may see, sorted by name, beside what the catalogue says of the integration."""
    query, hub, caller = query_of(request, ConfigQuery), hub_of(request), caller_of(request)
    found = await hub.vector_configs.every(caller, KIND, query.environment)
    visible = await hub.integrations.visible(caller)
    listed = Configurations[VectorizeConfiguration](
        data=[VectorizeConfiguration.of(view) for view in found], total=len(found)
    )
    details = visible.view(hub.catalog.get(KIND))
    return json_answer(renderer_of(request).details_with(details, listed.model_dump_json().encode()))


@router.post(
    "",
    Operation(
        id="createVectorizeConfiguration",
        summary="Create Vectorize configuration",
        answer=VectorizeConfiguration,
        status=201,
        body=CreateVectorizeConfiguration,
        errors=(400, 401, 403, 409, 413, 500, 502, 504),
    ),
)
async def create_configuration(request: Request) -> Response:
    """Look whether token, account and index work together, then store them sealed; nothing is stored unless they do."""
    given = await body.body_of(request, CreateVectorizeConfiguration)
    view = await hub_of(request).vector_configs.create(caller_of(request), KIND, wish(given, given.fields()))
    return answer(VectorizeConfiguration.of(view), 201)


@router.post(
    "/indexes",
    Operation(
        id="createVectorizeIndex",
        summary="Create Vectorize index",
        answer=VectorizeIndexCreated,
        status=201,
        body=CreateVectorizeIndex,
        errors=(400, 401, 403, 409, 413, 500, 502, 504),
    ),
)
async def create_index(request: Request) -> Response:
    """Make an index at Cloudflare, with the credentials given or those of a configuration."""
    given = await body.body_of(request, CreateVectorizeIndex)
    index = await hub_of(request).indexes.create(caller_of(request), given.target(), given.wish())
    return answer(VectorizeIndexCreated(success=True, index=VectorizeIndex.of(index)), 201)


@router.post(
    "/indexes/list",
    Operation(
        id="listVectorizeIndexes",
        summary="List Vectorize indexes",
        answer=VectorizeIndexList,
        body=ListVectorizeIndexes,
        errors=(400, 401, 403, 409, 413, 500, 502, 504),
    ),
)
async def list_indexes(request: Request) -> Response:
    """The indexes of an account, with the credentials given or those of a configuration."""
    given = await body.body_of(request, ListVectorizeIndexes)
    found = await hub_of(request).indexes.every(caller_of(request), given.target())
    return answer(VectorizeIndexList(indexes=[VectorizeIndex.of(index) for index in found], total=len(found)))


@router.post(
    "/test",
    Operation(
        id="testNewVectorizeConfiguration",
        summary="Test new Vectorize configuration",
        answer=CheckOut,
        body=TestVectorizeConfiguration,
        errors=(400, 401, 403, 409, 413, 500),
    ),
)
async def test_new(request: Request) -> Response:
    """Whether a configuration would work; nothing is kept. One that would not is an answer, not an error."""
    given = await body.body_of(request, TestVectorizeConfiguration)
    check = await hub_of(request).vector_configs.test(caller_of(request), KIND, given.environment, given.fields())
    return answer(CheckOut.of(check))


@router.get(
    "/{configId}",
    Operation(
        id="getVectorizeConfiguration",
        summary="Get Vectorize configuration",
        answer=VectorizeConfiguration,
        errors=(401, 403, 404, 500),
    ),
)
async def get_configuration(request: Request, configId: VectorizeConfigId) -> Response:  # noqa: N803 - the contract's name
    """One configuration; its token is never in it."""
    return answer(
        VectorizeConfiguration.of(await hub_of(request).vector_configs.get(caller_of(request), KIND, configId))
    )


@router.put(
    "/{configId}",
    Operation(
        id="updateVectorizeConfiguration",
        summary="Update Vectorize configuration",
        answer=VectorizeConfiguration,
        body=UpdateVectorizeConfiguration,
        errors=(400, 401, 403, 404, 409, 413, 500, 502, 504),
    ),
)
async def update_configuration(request: Request, configId: VectorizeConfigId) -> Response:  # noqa: N803 - the contract's name
    """Change what is given; another target is looked at before it takes the place of the present one."""
    given = await body.body_of(request, UpdateVectorizeConfiguration)
    wanted = change(given, given.fields())
    view = await hub_of(request).vector_configs.update(caller_of(request), KIND, configId, wanted)
    return answer(VectorizeConfiguration.of(view))


@router.delete(
    "/{configId}",
    Operation(
        id="deleteVectorizeConfiguration",
        summary="Delete Vectorize configuration",
        answer=ConfigDeleted,
        errors=(400, 401, 403, 404, 500),
    ),
)
async def delete_configuration(request: Request, configId: VectorizeConfigId) -> Response:  # noqa: N803 - the contract's name
    """Delete a configuration with its sealed bytes; the index at Cloudflare stays."""
    config = await hub_of(request).vector_configs.delete(caller_of(request), KIND, configId)
    message = f"The configuration {config.name} is deleted; the index at Cloudflare is untouched."
    return answer(ConfigDeleted(success=True, id=config.id, message=message))


@router.post(
    "/{configId}/test",
    Operation(
        id="testSavedVectorizeConfiguration",
        summary="Test saved Vectorize configuration",
        answer=CheckOut,
        errors=(400, 401, 403, 404, 409, 413, 500),
    ),
)
async def test_saved(request: Request, configId: VectorizeConfigId) -> Response:  # noqa: N803 - the contract's name
    """Whether a stored configuration still works; the result is kept as its status."""
    return answer(CheckOut.of(await hub_of(request).vector_configs.test_saved(caller_of(request), KIND, configId)))
