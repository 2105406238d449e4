"""The protocol's official Python client lists and calls tools, over HTTP and over standard input and output."""

import asyncio
import json
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from tests.http.provider import provider
from tests.http.world import CATALOGUE
from tests.properties.live import Live, serving

pytestmark = pytest.mark.anyio

ADMIN = "administrator-of-the-protocol-tests-0123456789"
SECRET = "hb_good-canary-of-the-protocol-7f3a"
TOOLS = ["harbour_list_ships", "harbour_moor_ship", "harbour_sink_ship"]
ACCOUNT = {"id": "acct_7", "name": "Harbour Ltd"}


class House:
    """A served hub and its callers."""

    def __init__(self, live: Live) -> None:
        self.live = live

    def api(self, key: str = ADMIN) -> httpx2.AsyncClient:
        headers = {"Authorization": f"Bearer {key}"}
        return httpx2.AsyncClient(base_url=self.live.url, headers=headers, trust_env=False, timeout=20)

    async def save(self, key: str = SECRET, environment: str | None = None) -> None:
        async with self.api() as api:
            body = {"credentials": {"apiKey": key}, "environment": environment, "verify": False}
            (await api.post("/v1/integrations/harbour/credentials", json=body)).raise_for_status()

    async def forget(self, environment: str | None = None) -> None:
        async with self.api() as api:
            query = {"environment": environment} if environment else {}
            await api.delete("/v1/integrations/harbour/credentials", params=query)

    async def new_key(self, *scopes: str, **bound: Any) -> dict[str, Any]:
        async with self.api() as api:
            made = await api.post("/v1/api-keys", json={"name": "a key", "scopes": scopes, **bound})
            found: dict[str, Any] = made.json()
            return found

    @asynccontextmanager
    async def client(self, path: str = "/mcp", key: str = ADMIN, **more: Any) -> AsyncIterator[Client]:
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx2.AsyncClient(headers=headers, trust_env=False, timeout=20) as http:
            transport = streamable_http_client(f"{self.live.url}{path}", http_client=http)
            async with Client(transport, **more) as client:
                yield client


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with provider() as stand_in:
        folder = tmp_path_factory.mktemp("mcp")
        upstreams = json.dumps({"harbour": stand_in.url})
        with serving(folder, admin_key=ADMIN, upstreams=upstreams, tool_timeout=2, log_level="debug") as live:
            yield House(live)


@pytest.fixture(autouse=True)
async def _nothing_saved(house: House) -> AsyncIterator[None]:
    yield
    for environment in (None, "production", "staging"):
        await house.forget(environment)


def names(listed: Any) -> list[str]:
    return sorted(tool.name for tool in listed.tools)


def text(result: Any) -> str:
    return "\n".join(block.text for block in result.content if block.type == "text")


async def test_the_tools_whose_credentials_resolve_are_listed(house: House) -> None:
    async with house.client() as client:
        assert names(await client.list_tools()) == []
    await house.save(environment="production")
    async with house.client("/mcp/production") as client:
        listed = await client.list_tools()
        assert names(listed) == TOOLS
    async with house.client("/mcp/staging") as client:
        assert names(await client.list_tools()) == []


async def test_a_tool_says_what_it_does_and_takes_and_gives(house: House) -> None:
    await house.save()
    async with house.client() as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    sink, ships = tools["harbour_sink_ship"], tools["harbour_list_ships"]
    assert sink.annotations is not None
    assert ships.annotations is not None
    assert (sink.annotations.read_only_hint, sink.annotations.destructive_hint) == (False, True)
    assert (ships.annotations.read_only_hint, ships.annotations.destructive_hint) == (True, False)
    assert sink.input_schema["required"] == ["ship", "depth"]
    assert sink.output_schema is not None
    assert "result" in sink.output_schema["properties"]


async def test_a_call_gives_a_structured_result(house: House) -> None:
    await house.save()
    async with house.client("/mcp/production") as client:
        result = await client.call_tool("harbour_moor_ship", {"ship": "Anna"})
    assert not result.is_error
    assert result.structured_content is not None
    assert result.structured_content["result"] == ACCOUNT
    assert (result.structured_content["environment"], result.structured_content["source"]) == ("production", "all")
    assert json.loads(text(result)) == ACCOUNT


async def test_a_method_that_cannot_be_one_is_not_said_again(house: House) -> None:
    for version in ("2025-11-25", "2026-07-28"):
        accepted = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": version}
        for method, known in (("sk-1234-secret", False), ("resources/nothing", True)):
            message = {"jsonrpc": "2.0", "id": 7, "method": method, "params": {}}
            async with house.api() as api:
                answer = await api.post("/mcp", json=message, headers=accepted)
            assert known or method not in answer.text
            assert "error" in answer.text


async def test_a_refusal_is_told_in_the_providers_words_without_the_secret(house: House) -> None:
    await house.save("hb_echo-canary-of-the-protocol-7f3a")
    async with house.client() as client:
        result = await client.call_tool("harbour_moor_ship", {"ship": "Anna"})
    assert result.is_error
    assert "the key [secret removed] is wrong" in text(result)
    assert "canary" not in result.model_dump_json()


async def test_a_missing_credential_is_a_hint_with_a_link(house: House) -> None:
    async with house.client("/mcp/production") as client:
        result = await client.call_tool("harbour_moor_ship", {"ship": "Anna"})
    assert result.is_error
    assert f"{house.live.url}/connect/harbour?environment=production" in text(result)


async def test_wrong_parameters_are_an_error_that_the_model_can_read(house: House) -> None:
    await house.save()
    async with house.client() as client:
        result = await client.call_tool("harbour_sink_ship", {"ship": "A", "depth": "canary"})
    assert result.is_error
    assert "parameters.depth" in text(result)
    assert "parameters.ship" in text(result)
    assert "canary" not in text(result)


async def test_an_unknown_tool_is_an_error_of_the_protocol(house: House) -> None:
    async with house.client() as client:
        with pytest.raises(MCPError):
            await client.call_tool("harbour_raise_ship", {})


async def test_a_provider_that_does_not_answer_is_told(house: House) -> None:
    await house.save("hb_slow-canary-of-the-protocol-7f3a")
    async with house.client() as client:
        result = await client.call_tool("harbour_moor_ship", {"ship": "Anna"})
    assert result.is_error
    assert "did not answer within 2 seconds" in text(result)


async def test_an_owner_s_share_of_the_providers_counts_here_too(tmp_path: Path) -> None:
    async with provider() as stand_in:
        narrow = {"upstreams": json.dumps({"harbour": stand_in.url}), "tool_timeout": 2, "provider_calls_owner": 1}
        with serving(tmp_path, admin_key=ADMIN, **narrow) as live:
            house = House(live)
            await house.save(SECRET.replace("good", "slow"))
            async with house.client() as client:
                met = await asyncio.gather(*(client.call_tool(TOOLS[0], {}) for _ in range(2)))
    assert sum("1 calls to providers under way" in text(each) for each in met) == 1


async def test_the_list_changes_when_credentials_come_and_go(house: House) -> None:
    changed = anyio.Event()

    async def heard(message: Any) -> None:
        if "list_changed" in str(getattr(message, "method", "")) or "ToolListChanged" in type(message).__name__:
            changed.set()

    async with house.client("/mcp/staging", message_handler=heard, mode="legacy") as client:
        assert names(await client.list_tools()) == []
        await house.save(environment="staging")
        with anyio.fail_after(10):
            await changed.wait()
        assert names(await client.list_tools()) == TOOLS


async def test_a_key_needs_the_scope_and_its_own_environment(house: House) -> None:
    await house.save()
    reader = (await house.new_key("INTEGRATIONS:READ"))["key"]
    bound = (await house.new_key("INTEGRATIONS:EXECUTE", environments=["staging"]))["key"]
    for path, key in (("/mcp", "wrong-key"), ("/mcp", reader), ("/mcp/production", bound), ("/mcp/moon", ADMIN)):
        async with house.api(key) as api:
            answer = await api.post(path, json={"jsonrpc": "2.0", "id": 1, "method": "ping"})
            assert 400 <= answer.status_code < 405, (path, answer.text)
    async with house.client("/mcp/staging", bound) as client:
        assert names(await client.list_tools()) == TOOLS


async def test_every_use_leaves_the_same_entry_as_over_http(house: House) -> None:
    await house.save()
    async with house.client() as client:
        await client.call_tool("harbour_moor_ship", {"ship": "Anna"})
    with closing(sqlite3.connect(house.live.data / "moorings.db")) as database:
        rows = database.execute("SELECT subject, outcome FROM audit WHERE kind = 'tool.executed'").fetchall()
    assert rows[-1] == ("harbour/moor_ship", "ok")


async def test_a_page_of_another_origin_gets_nothing(house: House) -> None:
    async with house.api() as api:
        ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        answer = await api.post("/mcp", json=ping, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403


async def test_over_standard_input_and_output(house: House, tmp_path: Path) -> None:
    await house.save()
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "moorings", "mcp", "--stdio", "--environment", "production", "--data-dir", str(house.live.data)],
        env={"MOORINGS_CATALOGUE_DIR": str(CATALOGUE), "MOORINGS_UPSTREAMS": "{}"},
        cwd=tmp_path,
    )
    async with Client(server) as client:
        assert names(await client.list_tools()) == TOOLS
        result = await client.call_tool("harbour_sink_ship", {"ship": "Anna"})
        assert result.is_error
        assert "depth" in text(result)


async def test_nothing_of_the_secret_was_printed(house: House) -> None:
    assert b"canary" not in house.live.printed()
