"""The way to a route without the framework leads where the framework's own way does."""

from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from moorings.errors import NotFound
from moorings.http.application import CALLS
from moorings.http.routing import Router
from moorings.http.straight import Straight

Name = Annotated[str, Field(description="A name.")]
router = Router(prefix="/v1/things")


@router.get("/tools")
async def static(request: Request) -> Response:
    return Response("static")


@router.get("/{name}")
async def one(request: Request, name: Name) -> Response:
    return Response(name)


@router.get("/{name}/parts/{part}")
async def part(request: Request, name: Name, part: Name) -> Response:
    return Response(name + part)


@router.post("/{name}")
async def change(request: Request, name: Name) -> Response:
    return Response(name)


def framework(method: str, path: str) -> tuple[object, dict[str, str]] | None:
    scope = {"type": "http", "method": method, "path": path, "root_path": ""}
    for call in router.calls:
        match, found = call.matches(scope)
        if match is Match.FULL:
            return call.function, found["path_params"]
    return None


def straight(method: str, path: str) -> tuple[object, dict[str, str]] | None:
    found = Straight(router.calls).find(method, path)
    return None if found is None else (found.call.function, found.parameters)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/things/tools"), ("GET", "/v1/things/other"), ("POST", "/v1/things/tools"),
        ("GET", "/v1/things/a/parts/b"), ("GET", "/v1/things/a/parts/"), ("GET", "/v1/things//parts/b"),
        ("GET", "/v1/things/"), ("GET", "/v1/things"), ("DELETE", "/v1/things/a"), ("GET", "/v1/things/a\n"),
        ("GET", ""),
    ],
)  # fmt: skip
def test_it_finds_what_the_framework_finds(method: str, path: str) -> None:
    assert straight(method, path) == framework(method, path)


@given(
    st.sampled_from(["GET", "POST"]), st.lists(st.sampled_from(["", "v1", "things", "tools", "parts", "x", "{name}"]))
)
def test_it_finds_nothing_else(method: str, segments: list[str]) -> None:
    path = "/" + "/".join(segments)
    assert straight(method, path) == framework(method, path)


def test_every_call_of_ours_goes_straight() -> None:
    ways = Straight(CALLS)
    for call in CALLS:
        way = ways.find(call.method, call.path)
        assert way is not None, call.path
        assert way.call is call


def test_an_escaped_slash_parts_no_segments() -> None:
    ways = Straight(router.calls)
    found = ways.find("GET", "/v1/things/a/parts/b", b"/v1/things/a%2Fparts%2fb")
    assert found is not None
    assert (found.call.function, found.parameters) == (one, {"name": "a/parts/b"})
    found = ways.find("GET", "/v1/things/a%/parts/b c", b"/v1/things/a%25/parts/b%20c")
    assert found is not None
    assert found.parameters == {"name": "a%", "part": "b c"}
    with pytest.raises(NotFound):
        ways.find("GET", "/v1/things/tools", b"/v1%2Fthings/tools")
