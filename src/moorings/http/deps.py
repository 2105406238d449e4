"""What routes take from a call: the caller, and the hub of services."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from moorings.domain.caller import Caller
from moorings.http.render import Renderer
from moorings.http.schemas.part import Answer
from moorings.services.hub import Hub

JSON = "application/json"


async def _caller(request: Request) -> Caller:
    caller: Caller = request.scope["caller"]
    return caller


async def _hub(request: Request) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


async def _renderer(request: Request) -> Renderer:
    renderer: Renderer = request.app.state.renderer
    return renderer


Asking = Annotated[Caller, Depends(_caller)]
Services = Annotated[Hub, Depends(_hub)]
Renders = Annotated[Renderer, Depends(_renderer)]


def json_answer(content: bytes, status: int = 200) -> Response:
    """Bytes that are JSON already."""
    return Response(content, status, media_type=JSON)


def answer(model: Answer, status: int = 200) -> Response:
    """A model as JSON, without the framework validating once more what is typed already."""
    return Response(model.model_dump_json(), status, media_type=JSON)
