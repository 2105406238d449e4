"""A running hub with a stand-in provider, and judged clients for its callers."""

import itertools
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from moorings import app, settings
from moorings.domain.caller import Scope
from moorings.domain.span import SILENCE
from moorings.http import application
from moorings.services.api_keys import KeyWish
from moorings.services.attestations import Attestations
from moorings.services.hub import Hub
from moorings.services.owners import administrator
from tests.http.judge import CANARY, Judge, JudgedTransport
from tests.http.provider import Provider, provider

CATALOGUE = Path(__file__).parent / "catalogue"
ADMIN_KEY = f"admin-{CANARY}-{'a' * 40}"
DATABASE = "moorings.db"
TIMEOUT = 1.0
TOOL_TIMEOUT = 2.5
ENVIRONMENTS = ("development", "staging", "production")

Client = httpx2.AsyncClient
Answer = httpx2.Response

_numbers = itertools.count(1)


def harbour_key(word: str = "good", tail: str | None = None) -> str:
    """A new key of the harbour; `word` decides what the stand-in says, `tail` are the last four characters."""
    return f"hb_{word}-{CANARY}-{tail or f'{next(_numbers):04d}'}"


@dataclass(frozen=True, slots=True)
class World:
    """One server of one test."""

    hub: Hub
    application: Any
    data_dir: Path
    provider: Provider
    judge: Judge

    def client(self, key: str | None = ADMIN_KEY, address: str = "127.0.0.1", **headers: str) -> Client:
        """A caller; None for one without a key."""
        authorization = {} if key is None else {"Authorization": f"Bearer {key}"}
        transport = JudgedTransport(self.application, self.judge, address)
        return Client(transport=transport, base_url="http://test", headers={**authorization, **headers})

    async def owner(self) -> Client:
        """An administrator of a new owner."""
        owner = await self.hub.owners.create(f"owner {next(_numbers)}")
        _, token = await self.hub.api_keys.create(
            administrator(owner), KeyWish("administrator", frozenset({Scope.ALL}))
        )
        return self.client(token.reveal())

    def rows(self, statement: str, *values: object) -> list[Any]:
        """What stands in the database file, read past the server."""
        return rows(self.data_dir, statement, *values)

    def change(self, statement: str, *values: object) -> None:
        """Change the database file beneath the server, as another process would."""
        with closing(sqlite3.connect(self.data_dir / DATABASE)) as connection, connection:
            connection.execute(statement, values)

    async def change_as_ours(self, statement: str, *values: object) -> None:
        """The same for what tests put there in our place: it is believed."""
        self.change(statement, *values)
        owners = self.hub.owners
        await Attestations(owners.database, owners, self.hub.now).attest()


def files(data_dir: Path) -> dict[str, bytes]:
    """Every file of a data directory by its name."""
    return {path.name: path.read_bytes() for path in data_dir.iterdir()}


def rows(data_dir: Path, statement: str, *values: object) -> list[Any]:
    """What stands in a database file."""
    with closing(sqlite3.connect(data_dir / DATABASE)) as connection:
        return connection.execute(statement, values).fetchall()


@asynccontextmanager
async def living(data_dir: Path, judge: Judge, tracer: Any = SILENCE, **given: object) -> AsyncIterator[World]:
    """A world over a data directory."""
    async with provider() as stand_in:
        chosen = {
            "admin_key": ADMIN_KEY,
            "catalogue_dir": CATALOGUE,
            "provider_timeout": TIMEOUT,
            "tool_timeout": TOOL_TIMEOUT,
            "rate_limit_guesses": 0,
            "upstreams": dict.fromkeys(("harbour", "firecrawl"), stand_in.url),
        }
        found = settings.load(data_dir=data_dir, **{**chosen, **given})
        async with app.running(found, tracer=tracer) as running:
            yield World(running.hub, application.create(running.hub), data_dir, stand_in, judge)


async def first_start(folder: Path) -> Any:
    """Start once on an empty directory; the OpenAPI document."""
    chosen = settings.load(data_dir=folder, admin_key=ADMIN_KEY, catalogue_dir=CATALOGUE)
    async with app.running(chosen) as running:
        transport = httpx2.ASGITransport(application.create(running.hub))
        async with Client(transport=transport, base_url="http://test") as client:
            return (await client.get("/openapi.json")).json()


async def save(client: Client, integration_id: str = "harbour", key: str | None = None, **more: object) -> Answer:
    """Save a key of the harbour without asking the provider, unless `verify` says otherwise."""
    body = {"credentials": {"apiKey": key or harbour_key()}, "verify": False, **more}
    return await client.post(f"/v1/integrations/{integration_id}/credentials", json=body)


async def saved(client: Client, integration_id: str = "harbour", key: str | None = None, **more: object) -> Any:
    """The answer of a save that must succeed."""
    answer = await save(client, integration_id, key, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def status(client: Client, integration_id: str = "harbour", environment: str | None = None) -> Any:
    """What the status call says about one integration."""
    asked = {"integrationId": integration_id} | ({"environment": environment} if environment else {})
    answer = await client.get("/v1/integrations/credentials/status", params=asked)
    assert answer.status_code == 200, answer.text
    [entry] = answer.json()["data"]
    return entry


async def reserve(client: Client, type_id: str = "harbour", **more: object) -> Any:
    """A new pending installation."""
    answer = await client.post("/v1/integrations", json={"type": type_id, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def new_key(client: Client, *scopes: str, **bound: object) -> Any:
    """A new API key of the caller's owner, made by the call."""
    answer = await client.post("/v1/api-keys", json={"name": "a key", "scopes": scopes, **bound})
    assert answer.status_code == 201, answer.text
    return answer.json()
