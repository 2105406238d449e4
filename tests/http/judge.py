"""Judges every single answer: is it declared, does it have the declared form, is it free of secrets?"""

import asyncio
import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

CANARY = "c4narY7Qz"
"""Stands in every secret of these tests, so that one search finds any of them."""

DOCUMENT = "urn:openapi"
REQUEST_ID = re.compile(r"req_[0-9a-hjkmnp-tv-z]{26}")
PROBLEM = {"error", "code", "requestId"}


class Judge:
    """Knows the OpenAPI document and the conventions."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        resource = DRAFT202012.create_resource(document)
        self._registry: Registry[Any] = Registry().with_resource(DOCUMENT, resource)
        self._paths = [(_pattern(path), path) for path in sorted(document["paths"], key=_static_first)]
        self._validators: dict[tuple[str, str, int], Draft202012Validator] = {}

    def check(self, request: httpx2.Request, response: httpx2.Response) -> None:
        """Raise `AssertionError` for an answer that breaks a convention or the document."""
        assert CANARY.encode() not in response.content, f"an answer repeats a secret: {response.text}"
        assert CANARY not in str(dict(response.headers)), f"a header repeats a secret: {response.headers}"
        assert REQUEST_ID.fullmatch(response.headers.get("x-request-id", "")), "an answer without a good X-Request-Id"
        if response.status_code >= 400:
            problem(response)
        self._declared(request, response)

    def _declared(self, request: httpx2.Request, response: httpx2.Response) -> None:
        path = self.path_of(request.url.path)
        method = request.method.lower()
        if request.url.path == "/openapi.json" and response.status_code == 200:
            return  # the document does not describe itself
        if path is None or method not in self._document["paths"][path]:
            assert response.status_code in (401, 404, 405, 413), (
                f"{response.status_code} for what is not in the document"
            )
            return
        declared = self._document["paths"][path][method]["responses"]
        status = str(response.status_code)
        assert status in declared, f"{method} {path} answered {status}, which it does not declare: {response.text}"
        if "content" not in declared[status]:
            assert response.content == b""
            return
        assert response.headers["content-type"] == "application/json"
        validator = self._validator(path, method, response.status_code)
        errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(response.json())]
        assert not errors, f"{method} {path} {status} is not as declared: {errors}"

    def path_of(self, path: str) -> str | None:
        """The path of the document that answers; static ones come before those with parameters."""
        return next((declared for pattern, declared in self._paths if pattern.fullmatch(path)), None)

    def _validator(self, path: str, method: str, status: int) -> Draft202012Validator:
        key = (path, method, status)
        if key not in self._validators:
            place = "/".join(
                ("paths", _escaped(path), method, "responses", str(status), "content", "application~1json")
            )
            schema = {"$ref": f"{DOCUMENT}#/{place}/schema"}
            self._validators[key] = Draft202012Validator(
                schema, registry=self._registry, format_checker=Draft202012Validator.FORMAT_CHECKER
            )
        return self._validators[key]


def problem(response: httpx2.Response) -> dict[str, Any]:
    """The body of an error answer, after checking that it has the one shape."""
    assert response.headers["content-type"].partition(";")[0] == "application/json"
    body: dict[str, Any] = response.json()
    assert set(body) in (PROBLEM, PROBLEM | {"details"}), f"not the shape of an error: {body}"
    assert isinstance(body["error"], str)
    assert len(body["error"]) > 10, "not a sentence a person can act on"
    assert re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", body["code"])
    assert body["requestId"] == response.headers["x-request-id"]
    assert list(_wrong_details(body)) == []
    assert response.status_code != 422
    if response.status_code == 401:
        assert response.headers["www-authenticate"].startswith("Bearer")
    if response.status_code == 405:
        assert response.headers["allow"]
    return body


def _wrong_details(body: Mapping[str, Any]) -> Iterator[object]:
    if "details" not in body:
        return
    if not body["details"]:
        yield "details stand only where there is something to list"
    for detail in body["details"]:
        if set(detail) != {"field", "message"} or not all(isinstance(part, str) and part for part in detail.values()):
            yield detail


def _static_first(path: str) -> tuple[tuple[bool, str], ...]:
    """The end counts most: what stands below every integration is no configuration of one."""
    return tuple((part.startswith("{"), part) for part in reversed(path.split("/")))


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("/".join("[^/]+" if part.startswith("{") else re.escape(part) for part in path.split("/")))


def _escaped(path: str) -> str:
    return path.replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


class JudgedTransport(httpx2.AsyncBaseTransport):
    """Hands a request to the application and its answer to the judge."""

    def __init__(self, application: Any, judge: Judge, address: str) -> None:
        self._inner = httpx2.ASGITransport(application, raise_app_exceptions=False, client=(address, 5000))
        self._judge = judge

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(0)  # as over a socket: each call comes in a turn of the event loop of its own
        response = await self._inner.handle_async_request(request)
        response.request = request
        await response.aread()
        self._judge.check(request, response)
        return response
