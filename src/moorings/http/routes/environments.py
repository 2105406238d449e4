"""Which entry answers in an environment, and how two environments differ."""

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from moorings.http.calls import answer, caller_of, hub_of
from moorings.http.openapi import errors
from moorings.http.paths import IntegrationId
from moorings.http.query import Query, documented, query_of
from moorings.http.schemas.environments import DifferenceList, DifferenceOut, ResolutionOut
from moorings.services.explanation import explain

router = APIRouter(prefix="/v1/integrations", tags=["Integrations"])


class DiffQuery(Query):
    """The two environments."""

    left: str = Field(alias="from", description="The first environment.", examples=["staging"])
    right: str = Field(alias="to", description="The second environment.", examples=["production"])


@router.get(
    "/diff",
    summary="Compare two environments",
    operation_id="compareEnvironments",
    response_model=DifferenceList,
    responses=errors(400, 401, 403, 500),
    openapi_extra=documented(DiffQuery),
)
async def compare_environments(request: Request) -> Response:
    """What is configured in each, and where both use the same value; never the value. It is written to the audit."""
    query = query_of(request, DiffQuery)
    found = await hub_of(request).comparisons.compare(caller_of(request), query.left, query.right)
    return answer(DifferenceList(data=[DifferenceOut.of(one) for one in found], total=len(found)))


class ResolveQuery(Query):
    """From which environment it is seen."""

    environment: str | None = Field(None, description="See it from this environment.", examples=["production"])


@router.get(
    "/{integrationId}/resolve",
    summary="Explain which credentials answer",
    operation_id="explainIntegrationCredentials",
    response_model=ResolutionOut,
    responses=errors(400, 401, 403, 404, 500),
    openapi_extra=documented(ResolveQuery),
)
async def explain_credentials(request: Request, integrationId: IntegrationId) -> Response:  # noqa: N803 - the contract's name
    """Which entry answers and why, why others do not, who used it last, and what would change without it."""
    query = query_of(request, ResolveQuery)
    explained = await explain(hub_of(request).integrations, caller_of(request), integrationId, query.environment)
    return answer(ResolutionOut.of(integrationId, explained))
