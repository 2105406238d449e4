"""Every tool of the catalogue is run, over HTTP and over MCP, against a provider that echoes the secret.

It is found nowhere afterwards.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from moorings.domain.integration import Integration
from tests.contract import parameters
from tests.contract.catalogue import IDS, accepted, emulators, integration
from tests.contract.loopback import serving as listening
from tests.properties.echo import ACCESS_TOKEN, STATUSES, Echo
from tests.properties.live import Live, serving
from tests.properties.markers import Marker, hits
from tests.properties.test_leaks import files

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

ADMIN = "administrator-of-the-tool-leak-search-0123456789"


def with_tools() -> list[Integration]:
    """Those whose credentials are saved by the usual call; the others are connected by calls of their own."""
    found = [integration(name) for name in IDS if name in emulators()]
    return [entry for entry in found if entry.tools and not entry.installed_by]


def secrets_of(entry: Integration) -> Iterator[Marker]:
    for field in entry.fields:
        if field.secret and field.name in accepted(entry.id):
            value = accepted(entry.id)[field.name].reveal()
            yield Marker(f"{entry.id} {field.name}", value, value)


class Runs:
    """Saves the credentials of an integration and runs its tools, each by the API and by the protocol of agents."""

    def __init__(self, live: Live) -> None:
        headers = {"Authorization": f"Bearer {ADMIN}"}
        self._client = httpx2.AsyncClient(base_url=live.url, timeout=20, trust_env=False, headers=headers)
        self.answers: dict[str, bytes] = {}

    async def all(self, entry: Integration) -> None:
        fields = {name: secret.reveal() for name, secret in accepted(entry.id).items()}
        body = {"credentials": fields, "verify": False}
        saved = await self._client.post(f"/v1/integrations/{entry.id}/credentials", json=body)
        assert saved.status_code == 200, saved.text
        for tool in entry.tools:
            given = parameters.fewest(tool.parameters)
            path = f"/v1/integrations/{entry.id}/tools/{tool.id}/execute"
            self._keep(f"{tool.name} by HTTP", await self._client.post(path, json={"parameters": given}))
            self._keep(f"{tool.name} by MCP", await self._ask("tools/call", name=tool.name, arguments=given))
        self._keep(f"tools/list after {entry.id}", await self._ask("tools/list"))
        await self._client.get("/v1/integrations/credentials/status")

    async def _ask(self, method: str, **params: Any) -> httpx2.Response:
        """One message of MCP, whole as it comes back."""
        message = {"jsonrpc": "2.0", "id": len(self.answers), "method": method, "params": params}
        accepted = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-11-25"}
        return await self._client.post("/mcp", json=message, headers=accepted)

    def _keep(self, name: str, answer: httpx2.Response) -> None:
        head = "".join(f"{name}: {value}\n" for name, value in answer.headers.items()).encode()
        self.answers[f"the answer of {name}"] = head + answer.content
        assert answer.status_code == 200, f"{name}: {answer.text}"

    async def aclose(self) -> None:
        await self._client.aclose()


async def test_no_tool_gives_its_secret_away(tmp_path: Path) -> None:
    entries, echo = with_tools(), Echo()
    markers = [marker for entry in entries for marker in secrets_of(entry)]
    markers.append(Marker("the access token", ACCESS_TOKEN, ACCESS_TOKEN))
    with listening(echo) as address:
        upstreams = json.dumps({entry.id: f"{address}/{entry.id}" for entry in entries})
        with serving(tmp_path, admin_key=ADMIN, log_level="debug", upstreams=upstreams) as live:
            runs = Runs(live)
            for entry in entries:
                await runs.all(entry)
            await runs.aclose()
            during = files(tmp_path, "while it runs")
    tools = sum(len(entry.tools) for entry in entries)
    assert len(runs.answers) == 2 * tools + len(entries)
    assert echo.calls >= 2 * tools
    for way in ("HTTP", "MCP"):
        assert b"[secret removed]" in b"".join(told for name, told in runs.answers.items() if name.endswith(way))
    found = hits(markers, {**runs.answers, **during, **files(tmp_path, "after its end")})
    assert found == [], "\n".join(found[:20])


def test_the_echo_meets_every_kind_of_answer() -> None:
    kinds: dict[str, Any] = {"success": range(200, 300), "refusal": range(400, 500), "fault": range(500, 600)}
    assert all(any(status in kind for status in STATUSES) for kind in kinds.values())
