"""Speaks to a Moorings server over HTTP; knows nothing of its inside."""

import re
from collections.abc import Mapping
from typing import Any, Self

import httpx2

TIMEOUT_SECONDS = 30.0
_KEY = re.compile(r"[!-~]+")


class ApiProblem(Exception):
    """The server's refusal: its sentence, code, status and details."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(body.get("error", "The server answered without a reason."))
        self.status, self.code = status, str(body.get("code", "UNKNOWN"))
        self.details: list[Mapping[str, str]] = body.get("details", [])
        self.request_id: str | None = body.get("requestId")


class ServerUnreachable(Exception):
    """No server answered at the address."""


class UnusableKey(Exception):
    """The API key cannot be one: no header could carry it."""


class Api:
    """One connection to a server, or to an application inside this process."""

    def __init__(self, url: str, key: str, application: Any = None) -> None:
        if not _KEY.fullmatch(key):
            raise UnusableKey("The API key holds characters that no key has; was it copied whole?")
        transport = httpx2.ASGITransport(application) if application else None
        headers, self._url = {"Authorization": f"Bearer {key}"}, url
        try:
            self._http = httpx2.AsyncClient(
                base_url=url, headers=headers, timeout=TIMEOUT_SECONDS, transport=transport, trust_env=False
            )
        except httpx2.InvalidURL:
            raise ServerUnreachable(f"{url} is no address of a server; one looks like http://127.0.0.1:8700.") from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def get(self, path: str, **query: Any) -> Any:
        """The answer's JSON; raises `ApiProblem`, or `ServerUnreachable`."""
        return await self._call("GET", path, params=_present(query))

    async def post(self, path: str, body: Mapping[str, Any], patience: float = TIMEOUT_SECONDS) -> Any:
        """The answer's JSON within so many seconds; raises `ApiProblem`, or `ServerUnreachable`."""
        return await self._call("POST", path, json=body, timeout=patience)

    async def delete(self, path: str, **query: Any) -> Any:
        """The answer's JSON; raises `ApiProblem`, or `ServerUnreachable`."""
        return await self._call("DELETE", path, params=_present(query))

    async def _call(self, method: str, path: str, **request: Any) -> Any:
        try:
            reply = await self._http.request(method, path, **request)
        except (httpx2.HTTPError, httpx2.InvalidURL):
            raise ServerUnreachable(
                f"No server answers at {self._url}. Is it running, and is the address right?"
            ) from None
        body = _json(reply)
        if reply.is_error:
            raise ApiProblem(reply.status_code, body if isinstance(body, dict) else {})
        return body


def _json(reply: httpx2.Response) -> Any:
    try:
        return reply.json()
    except ValueError:
        raise ServerUnreachable(f"What answers at {reply.url.host} is not a Moorings server.") from None


def _present(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}
