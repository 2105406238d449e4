"""Whether the server is there."""

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from moorings.http.calls import answer, hub_of
from moorings.http.operation import Operation
from moorings.http.routing import Router
from moorings.http.schemas.part import Answer

router = Router(tag="Server")


class Health(Answer):
    """The server answers and its database reads."""

    status: str = Field(description="`ok`; a server that is not well answers 500.", examples=["ok"])
    integrations: int = Field(description="How many integrations the catalogue holds.", examples=[16])


class Alive(Answer):
    """The process answers, or may be sent calls."""

    status: str = Field(description="`ok`; a server that is not well answers 500, or not at all.", examples=["ok"])


@router.get(
    "/v1/health/live",
    Operation(
        id="healthLive",
        summary="Liveness",
        answer=Alive,
        errors=(500,),
    ),
)
async def live(request: Request) -> Response:  # noqa: ARG001 - every route has a request
    """The process answers; it looks at nothing else, so that a database's trouble restarts no server. Needs no key."""
    return answer(Alive(status="ok"))


@router.get(
    "/v1/health/ready",
    Operation(
        id="healthReady",
        summary="Readiness",
        answer=Alive,
        errors=(500,),
    ),
)
async def ready(request: Request) -> Response:
    """Calls can be served: the database reads, its disk has room, and every needed root key is here. Needs no key."""
    await hub_of(request).readiness.check()
    return answer(Alive(status="ok"))


@router.get(
    "/v1/health",
    Operation(
        id="health",
        summary="Health",
        answer=Health,
        errors=(500,),
    ),
)
async def health(request: Request) -> Response:
    """Answers when the server is up and its database can be read; needs no key."""
    hub = hub_of(request)
    await hub.owners.first()
    return answer(Health(status="ok", integrations=len(hub.catalog)))
