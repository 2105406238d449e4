"""Where providers call: outside of the API, without a key, proven by what each of them puts on its calls."""

from starlette.requests import Request
from starlette.responses import Response

from moorings.domain.caller import Origin
from moorings.http.calls import hub_of
from moorings.http.routing import Router

router = Router(prefix="/hooks")


@router.post("/{integrationId}/{installationId}")
async def receive(request: Request, integrationId: str, installationId: str) -> Response:  # noqa: N803 - as in all paths
    """Take in what a provider sends; what it wants to hear back is plain text, and mostly nothing."""
    origin = Origin(request.scope["address"], request.scope["request_id"])
    reply = await hub_of(request).inbox.receive(
        integrationId, installationId, request.headers, await request.body(), origin
    )
    return Response(reply, media_type="text/plain" if reply else None)
