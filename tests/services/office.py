"""One process whose providers can be told to revoke: GitHub takes a token, Slack a bot's."""

from collections.abc import Awaitable, Callable

from moorings.catalog.catalog import load_catalog
from moorings.domain.bot import InstalledBot
from moorings.domain.caller import Caller
from moorings.domain.credential import Credential, CredentialRef
from moorings.domain.ids import INSTALLATION, new_id
from moorings.domain.installation import Installation, InstallationStatus
from moorings.domain.job import JobKind
from moorings.domain.secret import Secret, SecretFields
from moorings.providers.registry import FOLDER
from moorings.services.connections import Connections
from moorings.services.credentials import Credentials, Removed
from moorings.services.jobs import Jobs
from moorings.services.revocations import Revocations
from moorings.services.sealing import Sealing
from moorings.services.uninstalling import Uninstalling
from moorings.store import bots, credentials, installations
from tests.services.house import ENVIRONMENTS, Process

CATALOG = load_catalog([FOLDER])
TOKEN = "ghp_" + "a" * 36


class Provider:
    """Takes the word, or does what `mood` raises; `told` are the tokens it was shown, `meanwhile` comes between."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.mood: BaseException | None = None
        self.moods: dict[str, BaseException] = {}
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    async def revoke(self, fields: SecretFields) -> None:
        token = next(fields[name] for name in ("accessToken", "botToken") if name in fields).reveal()
        self.told.append(token)
        if (happens := self.meanwhile) is not None:
            self.meanwhile = None
            await happens()
        if mood := self.moods.get(token, self.mood):
            raise mood


class Office:
    """One process with a provider that can be told."""

    def __init__(self, process: Process) -> None:
        self.process, self.provider = process, Provider()
        self.sealing = Sealing(process.vault, process.owner_keys(), process.database, process.clock)
        self.revocations = Revocations({"github": self.provider, "slack": self.provider}, self.sealing, CATALOG)
        connections = Connections(CATALOG, process.database, process.clock)
        uninstalling = Uninstalling(self.sealing, ENVIRONMENTS, self.revocations)
        self.credentials = Credentials(
            connections, {}, self.sealing, process.database, ENVIRONMENTS, process.clock, uninstalling,
            self.revocations,
        )  # fmt: skip
        self.jobs = Jobs(process.database, process.clock, chance=lambda: 0.0)
        self.jobs.on(JobKind.REVOKE, self.revocations.due)

    async def save(
        self, caller: Caller, environment: str | None = None, token: str = TOKEN, place: str = "github"
    ) -> None:
        fields = {"accessToken": Secret(token)}
        await self.credentials.save(caller, place, environment, fields, verify=False)

    async def installed(self, caller: Caller, kind: str = "github", environment: str | None = None) -> str:
        """An installation that is connected, and holds nothing yet."""
        now = self.process.clock()
        made = Installation(
            new_id(INSTALLATION, now), caller.owner, kind, kind, environment, InstallationStatus.CONNECTED, None, now,
            now,
        )  # fmt: skip
        await self.process.database.write(installations.add, made, self.process.entry(caller.owner))
        return made.id

    async def slack(self, caller: Caller, environment: str | None, token: str, bot: str = "T1/B1") -> str:
        """An installation of a bot of Slack."""
        place = await self.installed(caller, "slack", environment)
        claim = InstalledBot(place, caller.owner, "slack", f"{bot} {environment or '*'}")
        assert await self.process.database.write(bots.add, claim)
        ref = CredentialRef(caller.owner, place, environment)
        fields = {"botToken": Secret(token), "signingSecret": Secret("the-secret-of-the-app")}

        async def write(credential: Credential) -> None:
            await self.process.database.write(credentials.put, credential, self.process.entry(caller.owner))

        await self.sealing.keep(CATALOG.get("slack"), ref, fields, None, write)
        return place

    async def uninstall(self, caller: Caller, place: str, *, revoke: bool = True) -> Removed:
        return await self.credentials.remove(caller, place, None, revoke=revoke)

    async def work(self) -> None:
        for job in await self.jobs.take(JobKind.REVOKE, 10):
            await self.jobs.run(job)

    async def outcomes(self) -> list[str]:
        rows = await self.process.sql(
            "SELECT outcome FROM audit WHERE kind = 'credentials.revoked' ORDER BY owner, sequence"
        )
        return [row.outcome for row in rows]

    async def bytes_left(self) -> int:
        rows = await self.process.sql("SELECT (SELECT count(*) FROM credentials) + (SELECT count(*) FROM revocations)")
        return int(rows[0][0])
