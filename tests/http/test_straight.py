"""The way to a route without the framework leads where the framework's own way does."""

import pkgutil
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import pytest
from fastapi import APIRouter, Path, Query, Request
from fastapi.routing import APIRoute
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response
from starlette.routing import Match

from moorings.http import routes
from moorings.http.straight import Straight

Name = Annotated[str, Path()]
router = APIRouter(prefix="/v1/things")


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


@router.get("/{name}/numbered/{number}")
async def numbered(request: Request, name: Name, number: int) -> Response:
    return Response(f"{name}{number}")


@router.get("/{name}/asked")
async def asked(request: Request, name: Name, q: Annotated[str, Query()] = "") -> Response:
    return Response(name + q)


ROUTES: Sequence[APIRoute] = [route for route in router.routes if isinstance(route, APIRoute)]
PLAIN = {static, one, part, change}


def framework(method: str, path: str) -> tuple[object, dict[str, str]] | None:
    scope = {"type": "http", "method": method, "path": path, "root_path": ""}
    for route in ROUTES:
        match, found = route.matches(scope)
        if match is Match.FULL:
            return route.endpoint, found["path_params"]
    return None


def straight(method: str, path: str) -> tuple[object, dict[str, str]] | None:
    found = Straight(ROUTES).find(method, path)
    return None if found is None else (found.route.endpoint, found.parameters)


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


@pytest.mark.parametrize("path", ["/v1/things/a/numbered/1", "/v1/things/a/asked"])
def test_what_the_framework_has_to_read_is_left_to_it(path: str) -> None:
    assert straight("GET", path) is None
    assert framework("GET", path) is not None


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(routes.__path__)])
def test_every_call_of_ours_goes_straight(name: str) -> None:
    found = [each for each in import_module(f"{routes.__name__}.{name}").router.routes if isinstance(each, APIRoute)]
    ways = Straight(found)
    for each in found:
        for method in each.methods or ():
            way = ways.find(method, each.path)
            assert way is not None, f"{each.path} takes what only the framework can read: use query_of or body_of"
            assert way.route is each
