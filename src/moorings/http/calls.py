"""What routes take from a call, and how they answer.

Plain functions instead of dependencies that a framework resolves: that costs more than most calls' own work.
"""

from starlette.requests import Request
from starlette.responses import Response

from moorings.domain.caller import Caller
from moorings.domain.ids import EVENT, INSTALLATION, KEY, MANAGED, VECTORIZE_CONFIG, WEAVIATE_CONFIG, is_id
from moorings.http.render import Renderer
from moorings.http.schemas.part import Answer
from moorings.services.hub import Hub

JSON = "application/json"
SHOWN_IDS = (INSTALLATION, KEY, EVENT, MANAGED, VECTORIZE_CONFIG, WEAVIATE_CONFIG)
UNREPEATED = "moorings.unrepeated"
"""Where a route marks, in a call's scope, that its answer is not kept for the same idempotency key."""
DONE = "moorings.done"
"""Where a failed call is marked, in its scope, that what it asked for may have been done all the same."""


def caller_of(request: Request) -> Caller:
    """Who asks; the gate has found out."""
    caller: Caller = request.scope["caller"]
    return caller


def hub_of(request: Request) -> Hub:
    """The services."""
    hub: Hub = request.app.state.hub
    return hub


def renderer_of(request: Request) -> Renderer:
    """What writes the catalogue's JSON."""
    renderer: Renderer = request.app.state.renderer
    return renderer


def name_of(request: Request) -> str:
    """What a call is called in audit and log: method and path, with only those ids in it that are surely ids.

    Anything else in a path is the caller's text, and may be a secret put in the wrong place.
    """
    path: str = getattr(request.scope.get("route"), "path", "/…")
    catalog = hub_of(request).catalog
    for name, value in request.scope.get("path_params", {}).items():
        if value in catalog or any(is_id(value, prefix) for prefix in SHOWN_IDS):
            path = path.replace(f"{{{name}}}", value)
    return f"{request.method} {path}"


def not_to_be_repeated(request: Request) -> None:
    """Let the same idempotency key run the call again: it did nothing yet."""
    request.scope[UNREPEATED] = True


def json_answer(content: bytes, status: int = 200) -> Response:
    """Bytes that are JSON already."""
    return Response(content, status, media_type=JSON)


def answer(model: Answer, status: int = 200) -> Response:
    """A model as JSON, which is typed already and validated no more."""
    return Response(model.model_dump_json(), status, media_type=JSON)
