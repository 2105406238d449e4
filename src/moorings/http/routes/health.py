"""Whether the server is there."""

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from moorings.http.calls import answer, hub_of
from moorings.http.openapi import errors
from moorings.http.schemas.part import Answer

router = APIRouter(tags=["Server"])


class Health(Answer):
    """The server answers and its database reads."""

    status: str = Field(description="`ok`; a server that is not well answers 500.", examples=["ok"])
    integrations: int = Field(description="How many integrations the catalogue holds.", examples=[16])


@router.get("/v1/health", summary="Health", operation_id="health", response_model=Health, responses=errors(500))
async def health(request: Request) -> Response:
    """Answers when the server is up and its database can be read; needs no key."""
    hub = hub_of(request)
    await hub.owners.first()
    return answer(Health(status="ok", integrations=len(hub.catalog)))
