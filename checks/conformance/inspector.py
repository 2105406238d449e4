"""Lists and calls tools with the protocol's official inspector, over HTTP and over standard input and output.

Needs Node's `npx`, and the npm registry once. Server and provider are those of `suite.py`.
"""

import asyncio
import json
import os
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from suite import KEY, NODE, Provider, listening, moorings

INSPECTOR = "@modelcontextprotocol/inspector@2.12.0"
TOOL = "test_simple_text"
SAID = "This is a simple text response for testing."
COMMAND = str(Path(sys.executable).parent / "moorings")


async def inspect(target: list[str], *wish: str) -> Any:
    """What the inspector prints, as JSON; raises when it ends with an error."""
    npx = ["npx", "--yes", "-p", NODE, "-p", INSPECTOR, "mcp-inspector", "--cli"]
    environment = {**os.environ, "MOORINGS_API_KEY": KEY, "npm_config_loglevel": "error"}
    process = await asyncio.create_subprocess_exec(
        *npx, *target, *wish, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    told, complained = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"the inspector ended with {process.returncode}: {(told + complained).decode()[-2000:]}")
    return json.loads(told)


async def judge(way: str, target: list[str]) -> int:
    """Lists the tools and calls one; the number of answers that were not as they must be."""
    listed = await inspect(target, "--method", "tools/list")
    called = await inspect(target, "--method", "tools/call", "--tool-name", TOOL)
    names = [tool["name"] for tool in listed["tools"]]
    text = [part.get("text") for part in called["content"]]
    good = {
        f"{len(names)} tools are listed, {TOOL} among them": TOOL in names,
        "the call succeeds": not called.get("isError"),
        "its text is the provider's": text == [SAID],
        "its structure holds the same": called["structuredContent"]["result"] == SAID,
    }
    for sentence, kept in good.items():
        print(f"{'✓' if kept else '✗'} {way}: {sentence}", flush=True)
    return sum(not kept for kept in good.values())


async def main() -> int:
    """Judge both ways; the number of answers that were not as they must be."""
    async with AsyncExitStack() as stack:
        folder, provider = Path(stack.enter_context(tempfile.TemporaryDirectory())), Provider()
        port = await stack.enter_async_context(
            moorings(folder / "data", await stack.enter_async_context(listening(provider.connected)))
        )
        provider.server = f"http://127.0.0.1:{port}"
        url = f"{provider.server}/mcp"
        wrong = await judge("HTTP", [url, "--transport", "http", "--header", f"Authorization: Bearer {KEY}"])
        stdio = [COMMAND, "mcp", "--stdio", "--url", provider.server, "-e", f"MOORINGS_API_KEY={KEY}"]
        wrong += await judge("standard input and output", stdio)
    print(f"inspector: {wrong} answer(s) were not as they must be")
    return wrong


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
