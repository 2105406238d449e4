"""A hub with installations of Slack and Telegram, and a worker that passes on what they receive."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.credential import Account, Credential, CredentialRef, Verification
from moorings.domain.secret import Secret
from moorings.services.job_loop import JobLoop
from moorings.store import connections as rows
from tests.events.program import Program, program
from tests.events.providers import SIGNING, WEBHOOK, Sent
from tests.http.judge import Judge
from tests.http.world import Client, World, living, reserve

LOOK = 0.02
FIELDS = {
    "slack": {"botToken": "xoxb-not-a-real-token", "signingSecret": SIGNING},
    "telegram": {"botToken": "1234567890:EXAMPLE-not-a-real-bot-token-000000", "webhookSecret": WEBHOOK},
}


@dataclass(frozen=True, slots=True)
class Harbour:
    """One server with the program that its events go to."""

    world: World
    program: Program
    hooks: httpx2.AsyncClient

    async def install(self, client: Client, type_id: str = "slack", forward_url: str | None = "", **more: Any) -> str:
        """A connected installation, forwarding to the program unless something else is said."""
        url = self.program.url if forward_url == "" else forward_url
        found = await reserve(client, type_id, forwardUrl=url, **more)
        await self.seal(client, found["id"], FIELDS[type_id])
        installation: str = found["id"]
        return installation

    async def seal(self, client: Client, installation_id: str, fields: dict[str, str]) -> None:
        """Give an installation credentials, as installing does once its provider has agreed."""
        inbox = self.world.hub.inbox
        caller = await self.world.hub.access.caller(client.headers["authorization"])
        [row] = self.world.rows("SELECT type, environment FROM installations WHERE id = ?", installation_id)
        place = CredentialRef(caller.owner, installation_id, None if row[1] == "*" else row[1])

        async def write(credential: Credential) -> None:
            entry = AuditEntry(caller.owner, inbox.now(), Kind.CREDENTIALS_SAVED, caller.id, installation_id)
            await inbox.database.write(rows.save, credential, entry, installed=True)

        integration = self.world.hub.catalog.get(row[0])
        secrets = {name: Secret(value) for name, value in fields.items()}
        verification = Verification(Account("T1/B1", "a bot"))
        await inbox.sealing.keep(integration, place, secrets, verification, write)

    async def send(self, installation_id: str, sent: Sent, type_id: str = "slack") -> httpx2.Response:
        """A provider calls."""
        return await self.hooks.post(f"/hooks/{type_id}/{installation_id}", content=sent.body, headers=sent.headers)

    async def events(self, client: Client, integration: str, **query: Any) -> Any:
        """What the call lists."""
        answer = await client.get(f"/v1/integrations/{integration}/events", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def tried(self, client: Client, integration: str) -> Any:
        """The tries of the newest event, once there are any."""
        async with asyncio.timeout(10):
            while True:
                [event, *_] = (await self.events(client, integration))["data"]
                if event["delivery"]["tries"]:
                    return event["delivery"]["tries"]
                await asyncio.sleep(0.01)

    async def settled(self, client: Client, integration: str) -> Any:
        """The same, once nothing waits any more."""
        async with asyncio.timeout(10):
            while True:
                found = (await self.events(client, integration))["data"]
                if all(event["delivery"]["state"] != "waiting" for event in found):
                    return found
                await asyncio.sleep(0.01)


@asynccontextmanager
async def harbour(data_dir: Path, judge: Judge, *, working: bool = True, **given: object) -> AsyncIterator[Harbour]:
    """A harbour of a test's own; `working` is whether jobs are run."""
    async with program() as receiver, living(data_dir, judge, **{"egress_allow": ("127.0.0.1",), **given}) as world:
        transport = httpx2.ASGITransport(world.application, raise_app_exceptions=False)
        loop = JobLoop(world.hub.jobs, LOOK)
        task = asyncio.create_task(loop.serve()) if working else None
        try:
            async with httpx2.AsyncClient(transport=transport, base_url="http://test") as hooks:
                yield Harbour(world, receiver, hooks)
        finally:
            loop.end()
            if task:
                await task
