"""What routes take from a call: the caller, and the hub of services."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from moorings.domain.caller import Caller
from moorings.http.render import Renderer
from moorings.http.schemas.part import Answer
from moorings.services.hub import Hub

JSON = "application/json"


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


async def _caller(request: Request) -> Caller:
    return caller_of(request)


async def _hub(request: Request) -> Hub:
    return hub_of(request)


async def _renderer(request: Request) -> Renderer:
    return renderer_of(request)


# The busiest routes ask the functions above; the others let their signature say what they take.
Asking = Annotated[Caller, Depends(_caller)]
Services = Annotated[Hub, Depends(_hub)]
Renders = Annotated[Renderer, Depends(_renderer)]


def json_answer(content: bytes, status: int = 200) -> Response:
    """Bytes that are JSON already."""
    return Response(content, status, media_type=JSON)


def answer(model: Answer, status: int = 200) -> Response:
    """A model as JSON, without the framework validating once more what is typed already."""
    return Response(model.model_dump_json(), status, media_type=JSON)
