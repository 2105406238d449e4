"""An integration made for tests, and a provider on a raw socket that says whatever bytes it is told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from moorings.domain.integration import Auth, AuthType, Field, Integration
from moorings.domain.request_form import Pages, RequestForm, Revocation, TokenForm, VerifyForm
from moorings.domain.secret import Secret
from moorings.domain.tool import Tool
from moorings.providers.contract import Provider
from moorings.providers.registry import providers
from moorings.providers.running import Limits
from moorings.providers.transport import Transport

KEY = "sk-canary/0123+456789=abcdef"
FIELDS = {"apiKey": Secret(KEY), "account": Secret("acct-7")}

Answering = Callable[[str, asyncio.StreamWriter], Awaitable[None]]


def tool(form: RequestForm, *, result: str | None = None, pages: Pages | None = None, **more: Any) -> Tool:
    return Tool(
        id="find", integration_id="harbour", title="Find", description="Finds what lies in the harbour.",
        read_only=True, destructive=False, parameters={"type": "object"}, output=None, request=form, result=result,
        source="https://example.com", source_date="2026-11-23", pages=pages, **more,
    )  # fmt: skip


def integration(
    *, headers: Mapping[str, str] | None = None, token: TokenForm | None = None, verify: VerifyForm | None = None,
    failed: str | None = None, **more: Any,
) -> Integration:  # fmt: skip
    fields = (
        Field("apiKey", "API key", "The key.", secret=True, required=True, order=0),
        Field("account", "Account", "The account.", secret=False, required=False, order=1),
    )
    auth = Auth(AuthType.BEARER, {"Authorization": "Bearer {fields.apiKey}"} if headers is None else headers, None)
    given: dict[str, Any] = {
        "id": "harbour", "name": "Harbour", "description": "Ships.", "category": "data",
        "documentation_url": "https://example.com", "logo_url": None, "base_url": "https://api.harbour.example/v1",
        "hosts": frozenset({"api.harbour.example", "*.berths.example"}), "headers": {},
        "auth": Auth(auth.type, auth.headers, None, token=token), "fields": fields, "verify": verify,
        "revoke": Revocation(supported=False, how="By hand."), "limits": None, "tools": (), "failed": failed,
    }  # fmt: skip
    return Integration(**{**given, **more})


def connected(
    transport: Transport, upstream: str, limits: Limits | None = None, entry: Integration | None = None
) -> Provider:
    entry = entry or integration()
    return providers([entry], transport, {entry.id: upstream}, limits or Limits(2, 4096))[entry.id]


@dataclass
class Wire:
    """A provider: `heads` came in, `answer` decides what goes out."""

    answer: Answering
    url: str = ""
    heads: list[str] = field(default_factory=list)

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.heads.append(head)
            await self.answer(head, writer)
            await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def wire(answer: Answering) -> AsyncIterator[Wire]:
    """A provider on loopback."""
    found = Wire(answer)
    server = await asyncio.start_server(found.connected, "127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield found
    finally:
        server.close()


def said(body: bytes | str, status: str = "200 OK", kind: str = "application/json", *headers: str) -> bytes:
    """An answer as it goes over the wire."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(data)}", f"content-type: {kind}", *headers]
    return "\r\n".join([*lines, "connection: close", "", ""]).encode() + data


def saying(*answers: bytes) -> Answering:
    """One answer after the other; the last one again and again."""
    left = list(answers)

    async def answer(_: str, writer: asyncio.StreamWriter) -> None:
        writer.write(left.pop(0) if len(left) > 1 else left[0])

    return answer
