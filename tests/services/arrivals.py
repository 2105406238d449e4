"""Installations that receive events, and a program that takes what is passed on as a test has scripted it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moorings.domain.credential import Account
from moorings.domain.environment import Environment
from moorings.domain.event import InboundEvent, job_id
from moorings.domain.ids import INSTALLATION, new_id
from moorings.domain.installation import Installation, InstallationStatus
from moorings.domain.secret import Secret
from moorings.providers.guard import Guard
from moorings.providers.receiver import Receipt, Receiver
from moorings.providers.transport import Transport
from moorings.services.deliveries import Deliveries
from moorings.services.inbox import Inbox
from moorings.services.jobs import Jobs
from moorings.services.sealing import Sealing
from moorings.store import installations
from tests.services.house import Process

URL = "https://hooks.example.com/in"
TAKEN = Receipt(200, None)
REFUSED = Receipt(500, "REFUSED")


@dataclass(frozen=True, slots=True)
class Sent:
    """One message as the program got it."""

    url: str
    message: str
    body: str
    at: datetime
    secrets: tuple[str, ...]


class Scripted(Receiver):
    """Answers with the receipts one by one, then takes everything."""

    def __init__(self, *receipts: Receipt) -> None:
        super().__init__(Transport(), Guard(), 5)
        self.receipts, self.got = list(receipts), list[Sent]()

    async def send(self, url: str, message: str, body: str, sent: datetime, secrets: Sequence[Secret]) -> Receipt:
        self.got.append(Sent(url, message, body, sent, tuple(secret.reveal() for secret in secrets)))
        return self.receipts.pop(0) if self.receipts else TAKEN


@dataclass
class Arrivals:
    """One process with its way in and its way on."""

    process: Process
    receiver: Scripted = field(default_factory=Scripted)
    numbers: int = 0

    @property
    def inbox(self) -> Inbox:
        process = self.process
        sealing = Sealing(process.vault, process.owner_keys(), process.database, process.clock)
        jobs = Jobs(process.database, process.clock)
        return Inbox({}, sealing, process.contents(), process.database, jobs, process.clock)

    @property
    def deliveries(self) -> Deliveries:
        process = self.process
        parts = (self.receiver, process.contents(), process.forward_secrets(), process.database, process.clock)
        return Deliveries(*parts, chance=lambda: 0.0)

    async def installation(
        self, owner: str | None = None, forward_url: str | None = URL, environment: Environment = None
    ) -> Installation:
        """A connected one."""
        now = self.process.clock()
        owner = owner or (await self.process.admin()).owner
        found = Installation(
            new_id(INSTALLATION, now), owner, "slack", "Slack", environment, InstallationStatus.CONNECTED, forward_url,
            now, now, Account("T1", None),
        )  # fmt: skip
        await self.process.database.write(installations.add, found, self.process.entry(owner))
        return found

    async def arrive(self, installation: Installation, *texts: str, channel: str | None = "C1", **more: Any) -> int:
        """Events come in, each in a call of its own; how many were new."""
        new = 0
        for text in texts:
            self.numbers += 1
            name = more.pop("name", f"Ev{self.numbers}")
            event = InboundEvent(name, "message", channel, "U1", text, {"text": text}, **more)
            new += await self.inbox.keep(installation, [event])
        return new

    async def deliver(self, installation: Installation, channel: str = "C1") -> datetime | None:
        """Do the job of a conversation once."""
        return await self.deliveries.deliver(job_id(installation.id, channel))

    async def states(self, installation: Installation) -> list[tuple[str, int]]:
        """The state of every event, and how many tries it saw, the oldest first."""
        rows = await self.process.sql(
            "SELECT state, tries FROM events WHERE installation_id = :id ORDER BY sequence", id=installation.id
        )
        return [(row.state, row.tries.count("],[") + 1 if row.tries != "[]" else 0) for row in rows]

    async def found(self, installation: Installation) -> Installation:
        """The installation as it stands now."""
        found = await self.process.database.read(installations.find, installation.owner, installation.id)
        assert found is not None
        return found
