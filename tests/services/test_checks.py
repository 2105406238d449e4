"""Stored credentials are asked for now and then, by themselves, whoever their provider is."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from moorings.catalog.catalog import Catalog
from moorings.catalog.manifest import load
from moorings.domain.check import Failing
from moorings.domain.credential import CredentialRef, CredentialState, Status, Verification
from moorings.domain.finding import Level
from moorings.domain.secret import SecretFields
from moorings.errors import CredentialsRejected, MooringsError, ProviderTimeout
from moorings.providers.contract import Provider
from moorings.providers.registry import FOLDER
from moorings.services.check_plan import SOON, CheckPlan
from moorings.services.checks import Checks
from moorings.services.connections import Connections
from moorings.services.doctor import check_findings
from moorings.services.outages import PAUSE, TAKEN_FOR_ONE, Outages
from moorings.services.sealing import Sealing
from moorings.store import credentials as rows
from tests.services.house import House, Process

pytestmark = pytest.mark.anyio


@dataclass
class Provided:
    """A provider that says what it is told."""

    says: MooringsError | None = None
    shown: list[str] = field(default_factory=list)

    async def verify(self, fields: SecretFields) -> Verification:
        self.shown.append(fields["apiKey"].reveal())
        if self.says:
            raise self.says
        return Verification()


def checks(process: Process, provider: Provided | None) -> Checks:
    plan = CheckPlan(process.clock, timedelta(hours=12), chance=lambda: 0.5)
    sealing = Sealing(process.vault, process.owner_keys(), process.database, process.clock, plan)
    connections = Connections(Catalog([load(FOLDER / "firecrawl")]), process.database, process.clock)
    found = {"firecrawl": Provider(provider, None)}
    return Checks(connections, found, sealing, process.database, process.clock, Outages(process.clock, lambda: 0.5))


async def state(process: Process, owner: str) -> CredentialState:
    found = (await process.states().of(owner)).credential(CredentialRef(owner, "firecrawl", None))
    assert found is not None
    return found


async def test_a_credential_that_dies_is_noticed_by_itself(house: House) -> None:
    process, provider = house.process(), Provided()
    owner = (await process.admin()).owner
    await process.save(owner, "firecrawl")
    known, job = checks(process, provider), rows.job_of(CredentialRef(owner, "firecrawl", None))
    process.clock.advance(hours=12)
    assert await known.due(job) == process.clock() + timedelta(hours=12)
    assert (await state(process, owner)).verified_at == process.clock()
    provider.says = CredentialsRejected("The key was deleted.")
    assert await known.due(job) == process.clock() + SOON
    assert (await state(process, owner)).status is Status.VALID
    await known.due(job)
    dead = await state(process, owner)
    assert (dead.status, dead.reason, dead.failing) == (Status.INVALID, "The key was deleted.", True)
    assert await known.failing() == [Failing(owner, "firecrawl", None, "The key was deleted.")]
    provider.says = None
    await known.due(job)
    assert (await state(process, owner)).status is Status.VALID
    assert await known.failing() == []


async def test_a_provider_that_is_away_does_not_hold_up_the_checks_of_others(house: House) -> None:
    process, provider = house.process(), Provided(ProviderTimeout("It did not answer."))
    owner = (await process.admin()).owner
    places = [f"e{number}" for number in range(6)]
    for place in places:
        await process.save(owner, "firecrawl", place)
    known = checks(process, provider)
    due = [await known.due(rows.job_of(CredentialRef(owner, "firecrawl", place))) for place in places]
    assert len(provider.shown) == TAKEN_FOR_ONE, "the others are put off without a word"
    assert due[TAKEN_FOR_ONE:] == [process.clock() + PAUSE * 1.5] * (len(places) - TAKEN_FOR_ONE)
    process.clock.advance(minutes=16)
    await known.due(rows.job_of(CredentialRef(owner, "firecrawl", "e5")))
    assert await known.due(rows.job_of(CredentialRef(owner, "firecrawl", "e4"))) == process.clock() + PAUSE * 1.5
    assert len(provider.shown) == TAKEN_FOR_ONE + 1, "one more try is enough to see that it is away still"
    process.clock.advance(minutes=16)
    provider.says = CredentialsRejected("The key was deleted.")
    for place in places:
        await known.due(rows.job_of(CredentialRef(owner, "firecrawl", place)))
    assert len(provider.shown) == TAKEN_FOR_ONE + 1 + len(places), "a refusal is an answer"


async def test_what_nobody_can_be_asked_about_is_left_alone(process: Process) -> None:
    owner = (await process.admin()).owner
    await process.save(owner, "firecrawl")
    job = rows.job_of(CredentialRef(owner, "firecrawl", None))
    assert await checks(process, None).due(job) is None
    assert (await state(process, owner)).status is Status.VALID


def test_the_doctor_tells_what_fails_and_why() -> None:
    failing = [Failing("org_a", "firecrawl", "production", "The key was deleted."), Failing("org_a", "exa", None, None)]
    found = list(check_findings(failing))
    assert [finding.level for finding in found] == [Level.WARNING, Level.WARNING]
    assert "firecrawl (production)" in found[0].message
    assert "The key was deleted." in found[0].message
    assert all(finding.next_step for finding in found)
    [good] = check_findings([])
    assert good.level is Level.OK
