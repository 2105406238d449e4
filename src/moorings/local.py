"""The server's inside for the command line: the same application, in this process, on the local data directory."""

import os
import secrets
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from moorings import app, logs, settings
from moorings.app import Begin
from moorings.cli.wiring import Target
from moorings.client import AsyncMoorings, ClientError, NotUnderstood, Unreachable
from moorings.client.answer import Answer
from moorings.client.call import Call
from moorings.client.inside import inside
from moorings.domain.audit import ChainReport
from moorings.domain.finding import Finding, Level
from moorings.domain.owner import Owner
from moorings.domain.root_key import Outcome, Progress, RootKeyView
from moorings.domain.secret import Secret
from moorings.domain.session import Identity
from moorings.errors import ConfigurationError, MooringsError, NoDatabase
from moorings.http import application
from moorings.mcp import entry
from moorings.mcp.asking import Asking
from moorings.misspelt import misspelt
from moorings.providers.reachability import reachable
from moorings.services.attestations import Attestations
from moorings.services.doctor import (
    attestation_findings,
    check_findings,
    misspelt_findings,
    reachability_findings,
    room_findings,
    root_key_findings,
    soundness_findings,
)
from moorings.services.hub import Hub

_BEGIN = {
    False: "Name the server's data directory by --data-dir, or begin a new one: moorings serve.",
    True: "Put the database back; the root keys are there.",
}


@asynccontextmanager
async def api(target: Target) -> AsyncIterator[AsyncMoorings]:
    """The server at a URL; or the application in this process, under a key that lives only as long as the command.

    So a command has one way to work, and says the same of a local server as of a remote one.
    """
    if target.url is not None:
        if target.api_key is None:
            raise ConfigurationError("A remote server wants an API key: set MOORINGS_API_KEY, or give --api-key.")
        async with AsyncMoorings(target.url, target.api_key) as remote:
            yield remote
        return
    key = secrets.token_urlsafe(32)
    async with (
        app.running(settings.load(data_dir=target.data_dir), {key: target.owner}, begin=Begin.NEVER) as running,
        AsyncMoorings(
            "http://moorings.local", key, transport=inside(application.create(running.hub)), retries=None
        ) as local,
    ):
        yield local


@dataclass(frozen=True, slots=True)
class LocalOperator:
    """See `moorings.cli.wiring.Operator`."""

    hub: Hub
    issuer: str | None = None

    async def create_owner(self, name: str) -> Owner:
        """See `Operator.create_owner`."""
        return await self.hub.owners.create(name)

    async def owners(self) -> Sequence[Owner]:
        """See `Operator.owners`."""
        return await self.hub.owners.every()

    async def link_owner(self, name: str, subject: str, *, user: bool) -> Owner:
        """See `Operator.link_owner`."""
        if self.issuer is None:
            raise ConfigurationError("No session issuer is set; name it in MOORINGS_CLERK_ISSUER.")
        return await self.hub.owners.link(name, Identity(self.issuer, subject, user))

    async def verify_audit(self, owner: str | None, expected: tuple[int, bytes] | None) -> Sequence[ChainReport]:
        """See `Operator.verify_audit`."""
        return await self.hub.trail.verify(owner, expected)

    async def root_keys(self) -> Sequence[RootKeyView]:
        """See `Operator.root_keys`."""
        return await self.hub.root_keys.every()

    async def rotate(self, *, reseal: bool, progress: Progress) -> Outcome:
        """See `Operator.rotate`."""
        return await self.hub.rekey.run(reseal=reseal, progress=progress)


@asynccontextmanager
async def operator(data_dir: Path | None) -> AsyncIterator[LocalOperator]:
    """What may be done on the machine itself."""
    chosen = settings.load(data_dir=data_dir)
    async with app.running(chosen, begin=Begin.NEVER) as running:
        yield LocalOperator(running.hub, chosen.clerk_issuer)


@asynccontextmanager
async def attester(data_dir: Path | None) -> AsyncIterator[Attestations]:
    """What looks at rows before any of them is believed."""
    async with app.attesting(settings.load(data_dir=data_dir)) as attestations:
        yield attestations


async def speak(target: Target, environment: str | None) -> None:
    """MCP over standard input and output, with the tools of the local data directory or of a remote server."""
    if target.url is not None:
        await _relay(target, environment)
        return
    stdio, chosen = entry.load("moorings.mcp.stdio"), settings.load(data_dir=target.data_dir)
    logs.configure(chosen.log_level, chosen.log_format)
    _end_at_once_when_interrupted()
    key = secrets.token_urlsafe(32)
    async with app.running(chosen, {key: target.owner}, begin=Begin.NEVER) as running:
        caller = await running.hub.access.caller(key)
        await stdio.speak(running.hub, Asking(caller, environment, Secret(key)))


async def _relay(target: Target, environment: str | None) -> None:
    """The same for a remote server; it is asked first, for it says better than its client what is wrong."""
    relay = entry.load("moorings.mcp.relay")
    async with api(target) as remote:
        ping = {"jsonrpc": "2.0", "id": 0, "method": "ping"}
        await remote.send(Call("POST", relay.path(environment), Answer, body=ping))
    _end_at_once_when_interrupted()
    await relay.relay(target.url, Secret(target.api_key or ""), environment)


def _end_at_once_when_interrupted() -> None:
    """Waiting for standard input cannot be broken off otherwise."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


async def diagnose(target: Target) -> Sequence[Finding]:
    """Everything `moorings doctor` looks at; a part that fails is a finding and ends the look at what needs it."""
    if target.url is not None:
        return await _remote(target)
    try:
        chosen = settings.load(data_dir=target.data_dir)
        catalog = app.catalogue(chosen)
    except MooringsError as error:
        return [
            Finding(
                "configuration", Level.PROBLEM, error.message, "Correct the setting or manifest and run this again."
            )
        ]
    found = [
        Finding("configuration", Level.OK, f"The settings are right; the catalogue holds {len(catalog)} integrations."),
        *misspelt_findings(misspelt(os.environ)),
    ]
    found += await _inside(chosen)
    addresses = [chosen.upstreams.get(entry.id, entry.base_url) for entry in catalog]
    return [*found, *reachability_findings(await reachable(each for each in addresses if "{" not in each))]


async def _inside(chosen: settings.Settings) -> list[Finding]:
    try:
        async with app.attesting(chosen) as attestations:
            altered = await attestations.altered()
        async with app.running(chosen, begin=Begin.NEVER) as running:
            owners = await running.hub.owners.every()
            views = await running.hub.root_keys.every()
            failing = await running.hub.checks.failing()
            rows = (await running.hub.soundness.odd(), await running.hub.soundness.left())
            room = running.hub.readiness.room
    except NoDatabase as error:
        level = Level.PROBLEM if error.half else Level.WARNING
        return [Finding("database", level, error.message, _BEGIN[error.half])]
    except MooringsError as error:
        return [Finding("database and root keys", Level.PROBLEM, error.message, _step(error))]
    return [
        Finding(
            "database", Level.OK, f"The database opens and is of the newest schema; it holds {len(owners)} owner(s)."
        ),
        *room_findings(room),
        *root_key_findings(views),
        *attestation_findings(altered, views),
        *soundness_findings(*rows),
        *check_findings(failing),
    ]


async def _remote(target: Target) -> Sequence[Finding]:
    try:
        async with api(target) as remote:
            await remote.server.health()
            await remote.credentials.status()
    except ClientError as error:
        return [Finding("server", Level.PROBLEM, error.message, _remedy(error))]
    return [Finding("server", Level.OK, "The server answers, its database reads, and the API key is good.")]


def _remedy(error: ClientError) -> str:
    elsewhere = isinstance(error, Unreachable | NotUnderstood) or error.code == "UNUSABLE_ADDRESS"
    return "Start the server, or correct --url." if elsewhere else "Check the API key and its scopes."


def _step(error: MooringsError) -> str:
    steps = {
        "WRONG_ROOT_KEY": "Put the right key file back, or set MOORINGS_ROOT_KEYS.",
        "STORE_BUSY": "See which program holds the database file, and end it.",
        "STORE_FULL": "Free some room on the disk.",
        "STORE_CORRUPT": "Stop the server and restore the database from a backup: moorings restore.",
        "STORE_FAILED": "Start the database, or correct MOORINGS_DATABASE_URL; `moorings serve` then starts as ever.",
    }
    return steps.get(error.code, "Do what the message says, and run `moorings doctor` again.")
