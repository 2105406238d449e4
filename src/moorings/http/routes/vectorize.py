"""Calls 16-24: configurations and indexes of Cloudflare Vectorize."""

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from moorings.domain.vector import StoreType
from moorings.http import body
from moorings.http.calls import answer, caller_of, hub_of, json_answer, renderer_of
from moorings.http.openapi import errors
from moorings.http.paths import VectorizeConfigId
from moorings.http.query import Query, documented, query_of
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

router = APIRouter(prefix="/v1/integrations/vectorize", tags=["Integrations"])
KIND = StoreType.VECTORIZE


class ConfigQuery(Query):
    """Which configurations are wanted."""

    environment: str | None = Field(
        None, description="Only those that can answer in this environment: its own, and those for all.",
        examples=["production"],
    )  # fmt: skip


@router.get(
    "",
    summary="List Vectorize configurations",
    operation_id="listVectorizeConfigurations",
    response_model=VectorizeConfigurationList,
    responses=errors(400, 401, 403, 500),
    openapi_extra=documented(ConfigQuery),
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
    summary="Create Vectorize configuration",
    operation_id="createVectorizeConfiguration",
    status_code=201,
    response_model=VectorizeConfiguration,
    responses=errors(400, 401, 403, 409, 413, 500, 502, 504),
    openapi_extra=body.documented(CreateVectorizeConfiguration),
)
async def create_configuration(request: Request) -> Response:
    """Look whether token, account and index work together, then store them sealed; nothing is stored unless they do."""
    given = await body.body_of(request, CreateVectorizeConfiguration)
    view = await hub_of(request).vector_configs.create(caller_of(request), KIND, wish(given, given.fields()))
    return answer(VectorizeConfiguration.of(view), 201)


@router.post(
    "/indexes",
    summary="Create Vectorize index",
    operation_id="createVectorizeIndex",
    status_code=201,
    response_model=VectorizeIndexCreated,
    responses=errors(400, 401, 403, 409, 413, 500, 502, 504),
    openapi_extra=body.documented(CreateVectorizeIndex),
)
async def create_index(request: Request) -> Response:
    """Make an index at Cloudflare, with the credentials given or those of a configuration."""
    given = await body.body_of(request, CreateVectorizeIndex)
    index = await hub_of(request).indexes.create(caller_of(request), given.target(), given.wish())
    return answer(VectorizeIndexCreated(success=True, index=VectorizeIndex.of(index)), 201)


@router.post(
    "/indexes/list",
    summary="List Vectorize indexes",
    operation_id="listVectorizeIndexes",
    response_model=VectorizeIndexList,
    responses=errors(400, 401, 403, 409, 413, 500, 502, 504),
    openapi_extra=body.documented(ListVectorizeIndexes),
)
async def list_indexes(request: Request) -> Response:
    """The indexes of an account, with the credentials given or those of a configuration."""
    given = await body.body_of(request, ListVectorizeIndexes)
    found = await hub_of(request).indexes.every(caller_of(request), given.target())
    return answer(VectorizeIndexList(indexes=[VectorizeIndex.of(index) for index in found], total=len(found)))


@router.post(
    "/test",
    summary="Test new Vectorize configuration",
    operation_id="testNewVectorizeConfiguration",
    response_model=CheckOut,
    responses=errors(400, 401, 403, 409, 413, 500),
    openapi_extra=body.documented(TestVectorizeConfiguration),
)
async def test_new(request: Request) -> Response:
    """Whether a configuration would work; nothing is kept. One that would not is an answer, not an error."""
    given = await body.body_of(request, TestVectorizeConfiguration)
    check = await hub_of(request).vector_configs.test(caller_of(request), KIND, given.environment, given.fields())
    return answer(CheckOut.of(check))


@router.get(
    "/{configId}",
    summary="Get Vectorize configuration",
    operation_id="getVectorizeConfiguration",
    response_model=VectorizeConfiguration,
    responses=errors(401, 403, 404, 500),
)
async def get_configuration(request: Request, configId: VectorizeConfigId) -> Response:  # noqa: N803 - the contract's name
    """One configuration; its token is never in it."""
    return answer(
        VectorizeConfiguration.of(await hub_of(request).vector_configs.get(caller_of(request), KIND, configId))
    )


@router.put(
    "/{configId}",
    summary="Update Vectorize configuration",
    operation_id="updateVectorizeConfiguration",
    response_model=VectorizeConfiguration,
    responses=errors(400, 401, 403, 404, 409, 413, 500, 502, 504),
    openapi_extra=body.documented(UpdateVectorizeConfiguration),
)
async def update_configuration(request: Request, configId: VectorizeConfigId) -> Response:  # noqa: N803 - the contract's name
    """Change what is given; another target is looked at before it takes the place of the present one."""
    given = await body.body_of(request, UpdateVectorizeConfiguration)
    wanted = change(given, given.fields())
    view = await hub_of(request).vector_configs.update(caller_of(request), KIND, configId, wanted)
    return answer(VectorizeConfiguration.of(view))


@router.delete(
    "/{configId}",
    summary="Delete Vectorize configuration",
    operation_id="deleteVectorizeConfiguration",
    response_model=ConfigDeleted,
    responses=errors(400, 401, 403, 404, 500),
)
async def delete_configuration(request: Request, configId: VectorizeConfigId) -> Response:  # noqa: N803 - the contract's name
    """Delete a configuration with its sealed bytes; the index at Cloudflare stays."""
    config = await hub_of(request).vector_configs.delete(caller_of(request), KIND, configId)
    message = f"The configuration {config.name} is deleted; the index at Cloudflare is untouched."
    return answer(ConfigDeleted(success=True, id=config.id, message=message))


@router.post(
    "/{configId}/test",
    summary="Test saved Vectorize configuration",
    operation_id="testSavedVectorizeConfiguration",
    response_model=CheckOut,
    responses=errors(400, 401, 403, 404, 409, 413, 500),
)
async def test_saved(request: Request, configId: VectorizeConfigId) -> Response:  # noqa: N803 - the contract's name
    """Whether a stored configuration still works; the result is kept as its status."""
    return answer(CheckOut.of(await hub_of(request).vector_configs.test_saved(caller_of(request), KIND, configId)))
