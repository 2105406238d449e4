"""A hub whose providers are the stand-ins that are shipped, and judged clients for its callers."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import Connection, text

from moorings import app, settings
from moorings.emulators.contract import Emulator
from moorings.emulators.server import EmulatorServer
from moorings.http import application
from moorings.services.hub import Hub
from moorings.store.database import Database
from moorings.store.opening import open_database
from tests.contract.loopback import serving
from tests.http.judge import Judge, JudgedTransport
from tests.http.world import ADMIN_KEY

Client = httpx2.AsyncClient


@dataclass(frozen=True, slots=True)
class Stage:
    """One server, its data, and the address of its stand-ins."""

    hub: Hub
    client: Client
    data_dir: Path
    stand_ins: str
    beside: Database

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What stands in the database, read beside the server."""
        return [tuple(row) for row in await self.beside.read(_selected, statement)]

    async def script(self, integration_id: str, **script: Any) -> None:
        """Let a stand-in say something else from now on."""
        async with Client(trust_env=False) as client:
            (await client.put(f"{self.stand_ins}/__control/{integration_id}", json=script)).raise_for_status()

    async def unscript(self, integration_id: str) -> None:
        """Let it say what it always says; what it remembers it forgets."""
        async with Client(trust_env=False) as client:
            (await client.delete(f"{self.stand_ins}/__control/{integration_id}")).raise_for_status()

    async def ok(self, method: str, path: str, status: int = 200, **request: Any) -> Any:
        """The answer of a call that must succeed."""
        answer = await self.client.request(method, f"/v1/integrations{path}", **request)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def no(self, method: str, path: str, status: int, code: str, **request: Any) -> Any:
        """The problem of a call that must be refused so."""
        answer = await self.client.request(method, f"/v1/integrations{path}", **request)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        return answer.json()

    async def run(
        self, tool: str, parameters: Mapping[str, Any], environment: str | None = None, place: str = ""
    ) -> Any:
        """What a tool answers; `place` is an id in place of the integration's."""
        integration_id, _, tool_id = tool.partition("_")
        body = {"environment": environment, "parameters": dict(parameters)}
        return await self.ok("POST", f"/{place or integration_id}/tools/{tool_id}/execute", json=body)

    def stored(self) -> bytes:
        """Everything that stands in the data directory."""
        return b"".join(file.read_bytes() for file in sorted(self.data_dir.iterdir()))


@asynccontextmanager
async def stage(folder: Path, stand_ins: Mapping[str, Emulator], **given: object) -> AsyncIterator[Stage]:
    """Until the end of the `async with`."""
    with serving(EmulatorServer(stand_ins)) as base:
        upstreams = {name: f"{base}/{name}" for name in stand_ins}
        database_url = given.get("database_url")
        chosen = settings.load(data_dir=folder, admin_key=ADMIN_KEY, upstreams=upstreams, provider_timeout=2.0, **given)
        async with app.running(chosen) as running:
            asgi = application.create(running.hub)
            asked = httpx2.ASGITransport(asgi)
            async with Client(transport=asked, base_url="http://test") as client:
                judge = Judge((await client.get("/openapi.json")).json())
            transport = JudgedTransport(asgi, judge, "127.0.0.1")
            headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
            async with Client(transport=transport, base_url="http://test", headers=headers) as client:
                beside = open_database(str(database_url) if database_url else None, folder)
                yield Stage(running.hub, client, folder, base, beside)
                beside.close()


def _selected(connection: Connection, statement: str) -> list[Any]:
    return list(connection.execute(text(statement)))
