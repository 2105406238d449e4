"""Carries what the stand-ins send of their own accord, such as webhooks: to listeners on this machine alone."""

import asyncio
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse
from io import BytesIO
from ipaddress import ip_address
from typing import Annotated, Any, cast
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from moorings.emulators.contract import Heard

PATIENCE_SECONDS = 10.0
MAX_HEARD = 1024 * 1024


class Delivery(BaseModel):
    """How the stand-ins deliver.

    `routes` leads an address of the outside world to a listener on this machine, as a tunnel would: origin to origin.
    `pace` shortens the waits between tries: 0.01 makes a second of a hundred.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    routes: dict[str, str] = {}
    pace: Annotated[float, Field(ge=0, le=1)] = 1.0

    @field_validator("routes")
    @classmethod
    def _end_here(cls, routes: dict[str, str]) -> dict[str, str]:
        if not all(_is_here(urlsplit(target)) for target in routes.values()):
            raise ValueError("a route leads to http on this machine, such as http://127.0.0.1:8700")
        return {origin.rstrip("/"): target.rstrip("/") for origin, target in routes.items()}


class Courier:
    """The way out of all stand-ins; see `Outbound`."""

    def __init__(self, delivery: Delivery | None = None) -> None:
        self.usual = self.delivery = delivery or Delivery()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Heard:
        """See `Outbound.post`; an address beyond this machine to which no route leads is as good as dead."""
        try:
            parts = urlsplit(self._led(url))
            written = _written(parts, headers, body)
        except ValueError:
            raise ConnectionRefusedError("This is no address.") from None
        if not _is_here(parts):
            raise ConnectionRefusedError("The stand-ins deliver on this machine alone.")
        async with asyncio.timeout(PATIENCE_SECONDS):
            return _read(await _exchanged(parts, written))

    async def rest(self, seconds: float) -> None:
        """See `Outbound.rest`."""
        await asyncio.sleep(seconds * self.delivery.pace)

    def _led(self, url: str) -> str:
        parts = urlsplit(url)
        target = self.delivery.routes.get(f"{parts.scheme}://{parts.netloc}")
        return url if target is None else target + parts._replace(scheme="", netloc="").geturl()


def _is_here(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        reachable = parts.scheme == "http" and parts.port != 0
        return reachable and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False


def _written(parts: SplitResult, headers: Mapping[str, str], body: bytes) -> bytes:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    own = {"Host": parts.netloc, "Connection": "close", "Content-Length": str(len(body))}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in {**headers, **own}.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


async def _exchanged(parts: SplitResult, written: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
    try:
        writer.write(written)
        await writer.drain()
        return await _whole(reader)
    finally:
        writer.close()


async def _whole(reader: asyncio.StreamReader) -> bytes:
    received = bytearray()
    while len(received) < MAX_HEARD and (chunk := await reader.read(65_536)):
        received += chunk
    return bytes(received)


class _Received:
    """Bytes in the place of a socket, which is all that the standard library's reader of answers wants."""

    def __init__(self, received: bytes) -> None:
        self._received = received

    def makefile(self, *_: Any) -> BytesIO:
        return BytesIO(self._received)


def _read(received: bytes) -> Heard:
    answer = HTTPResponse(cast("Any", _Received(received)), method="POST")
    try:
        answer.begin()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Heard(answer.status, headers, answer.read())
    except HTTPException:
        raise ConnectionResetError("The listener broke off its answer.") from None
