"""Which entry answers in an environment, and how two environments differ."""

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from moorings.http.calls import answer, caller_of, hub_of
from moorings.http.operation import Operation
from moorings.http.paths import IntegrationId
from moorings.http.query import Query, query_of
from moorings.http.routing import Router
from moorings.http.schemas.environments import DifferenceList, DifferenceOut, ResolutionOut
from moorings.services.explanation import explain

router = Router(prefix="/v1/integrations", tag="Integrations")


class DiffQuery(Query):
    """The two environments."""

    left: str = Field(alias="from", description="The first environment.", examples=["staging"])
    right: str = Field(alias="to", description="The second environment.", examples=["production"])


@router.get(
    "/diff",
    Operation(
        id="compareEnvironments",
        summary="Compare two environments",
        answer=DifferenceList,
        query=DiffQuery,
        errors=(400, 401, 403, 500),
    ),
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
    Operation(
        id="explainIntegrationCredentials",
        summary="Explain which credentials answer",
        answer=ResolutionOut,
        query=ResolveQuery,
        errors=(400, 401, 403, 404, 500),
    ),
)
async def explain_credentials(request: Request, integrationId: IntegrationId) -> Response:  # noqa: N803 - the contract's name
    """Which entry answers and why, why others do not, who used it last, and what would change without it."""
    query = query_of(request, ResolveQuery)
    explained = await explain(hub_of(request).integrations, caller_of(request), integrationId, query.environment)
    return answer(ResolutionOut.of(integrationId, explained))
