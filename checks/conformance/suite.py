"""Runs the protocol's public conformance suite against a server of ours; needs Node's `npx`, and the npm registry once.

The suite calls tools of certain names: `catalogue/` declares those that are of the kind Moorings offers, and a small
provider here answers them. The suite sends no API key: what stands between it and the server adds one.
`expected-*.yml` list the scenarios that fail, each with its reason in docs/mcp.md; a change of either side is noticed.
"""

import asyncio
import base64
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from pathlib import Path

import httpx2

HERE = Path(__file__).parent
CATALOGUE = ("test", "json")
NODE = "node@22"  # what the suite needs; the machine's own may be older
RUNS = (
    ("@modelcontextprotocol/conformance@0.1.16", "2025-11-25"),
    ("@modelcontextprotocol/conformance@0.2.0-alpha.12", "2025-11-25"),
    ("@modelcontextprotocol/conformance@0.2.0-alpha.12", "2026-07-28"),
)
KEY = "a-key-for-the-conformance-suite-only-0000"
PATIENCE = 30.0
SLOWLY = 7.0
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
WAV = base64.b64decode("UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=")
REFUSED = "400 Bad Request"
ANSWERS = {
    "simple_text": ("200 OK", "text/plain", b"This is a simple text response for testing."),
    "image_content": ("200 OK", "image/png", PNG),
    "audio_content": ("200 OK", "audio/wav", WAV),
    "error_handling": (
        REFUSED,
        "application/json",
        b'{"error": "This tool intentionally returns an error for testing"}',
    ),
}

Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Provider:
    """Answers the calls of the tools; `server` is the address of the Moorings whose tools it lets come and go."""

    def __init__(self) -> None:
        self.server, self._more = "", False

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one call."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = await reader.readuntil(b"\r\n\r\n")
            name = head.split(b" ", 2)[1].decode().rpartition("/")[2]
            if name == "tool_with_progress":
                await asyncio.sleep(SLOWLY)
            if name == "trigger_tool_change":
                await self._change()
            status, kind, body = ANSWERS.get(name, ANSWERS["simple_text"])
            start = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n"
            writer.write(start.encode() + b"\r\n" + body)
            await writer.drain()
        writer.close()

    async def _change(self) -> None:
        self._more = not self._more
        async with client(self.server) as moorings:
            if self._more:
                body = {"credentials": {"apiKey": "tvly-anything-will-do"}, "verify": False}
                (await moorings.post("/v1/integrations/tavily/credentials", json=body)).raise_for_status()
            else:
                (await moorings.delete("/v1/integrations/tavily/credentials")).raise_for_status()


def client(url: str) -> httpx2.AsyncClient:
    """Speaks to the server as its administrator."""
    return httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {KEY}"}, trust_env=False)


def with_key(port: int) -> Connected:
    """Passes each connection's one request on with the API key in its head, and the answer back."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = await reader.readuntil(b"\r\n\r\n")
            inner_reader, inner = await asyncio.open_connection("127.0.0.1", port)
            start, _, rest = head.partition(b"\r\n")
            kept = [line for line in rest.split(b"\r\n") if not line.lower().startswith(b"connection:")]
            added = f"Authorization: Bearer {KEY}\r\nConnection: close\r\n".encode()
            inner.write(start + b"\r\n" + added + b"\r\n".join(kept))
            ways = {asyncio.create_task(_pump(reader, inner)), asyncio.create_task(_pump(inner_reader, writer))}
            _, open_still = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in open_still:
                way.cancel()
            inner.close()
        writer.close()

    return connected


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(65_536):
            writer.write(chunk)
            await writer.drain()


@asynccontextmanager
async def listening(connected: Connected) -> AsyncIterator[int]:
    """The port on which connections are answered."""
    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def moorings(folder: Path, provider_port: int) -> AsyncIterator[int]:
    """The port of a server with the suite's tools, connected."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port: int = probe.getsockname()[1]
    upstream = f"http://127.0.0.1:{provider_port}"
    settings = {
        "MOORINGS_PORT": str(port), "MOORINGS_DATA_DIR": str(folder), "MOORINGS_ADMIN_KEY": KEY,
        "MOORINGS_CATALOGUE_DIR": str(HERE / "catalogue"),
        "MOORINGS_UPSTREAMS": json.dumps(dict.fromkeys(CATALOGUE, upstream)),
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "moorings", "serve", env={**os.environ, **settings}, stdout=subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(PATIENCE):
            await _connect(f"http://127.0.0.1:{port}")
        yield port
    finally:
        process.terminate()
        await process.wait()


async def _connect(url: str) -> None:
    """Save credentials for every integration of ours, as soon as the server answers."""
    body = {"credentials": {"apiKey": "anything-will-do"}, "verify": False}
    async with client(url) as server:
        for name in CATALOGUE:
            while True:
                with suppress(httpx2.TransportError):
                    (await server.post(f"/v1/integrations/{name}/credentials", json=body)).raise_for_status()
                    break
                await asyncio.sleep(0.1)


async def suite(package: str, version: str, url: str) -> int:
    """The exit code of one run; 0 where nothing fails but what is expected to."""
    expected = HERE / f"expected-{version}.yml"
    print(f"\n== {package}, protocol {version}", flush=True)
    command = ["npx", "--yes", "-p", NODE, "-p", package, "conformance", "server", "--url", url, "--suite", "all"]
    choice = ["--spec-version", version, "--expected-failures", str(expected)]
    process = await asyncio.create_subprocess_exec(*command, *choice)
    return await process.wait()


async def main() -> int:
    """Run everything; the number of runs that were not as expected."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        provider = Provider()
        provider_port = await stack.enter_async_context(listening(provider.connected))
        port = await stack.enter_async_context(moorings(folder / "data", provider_port))
        provider.server = f"http://127.0.0.1:{port}"
        open_port = await stack.enter_async_context(listening(with_key(port)))
        ends = [await suite(package, version, f"http://127.0.0.1:{open_port}/mcp") for package, version in RUNS]
    unexpected = sum(end != 0 for end in ends)
    print(f"conformance: {unexpected} of {len(RUNS)} runs were not as expected")
    return unexpected


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
