"""Credentials: nothing is stored unless the provider agrees, and what is removed is gone."""

import pytest

from moorings.catalog.catalog import load_catalog
from moorings.domain.caller import Caller, Scope
from moorings.domain.credential import Account, Status, Verification
from moorings.domain.secret import Secret, SecretFields
from moorings.errors import (
    CredentialsNotFound,
    CredentialsRejected,
    EnvironmentForbidden,
    IntegrationNotFound,
    InvalidCredentials,
    InvalidEnvironment,
    MissingScope,
    MooringsError,
    OwnInstallCall,
    ProviderTimeout,
    StoreFull,
)
from moorings.providers.registry import FOLDER
from moorings.services.connections import Connections
from moorings.services.credentials import Credentials
from moorings.services.integrations import Integrations
from moorings.services.sealing import Sealing
from moorings.services.uninstalling import Uninstalling
from moorings.store import keys as key_rows
from moorings.store.database import Database
from tests.services.fakes import Failing
from tests.services.house import ENVIRONMENTS, House, Process, stored_bytes

pytestmark = pytest.mark.anyio

CATALOG = load_catalog([FOLDER])
FIELDS = {"apiKey": Secret("fc-Zq7Hx2Lm9Vb4Kt8R")}


class Provider:
    """Says yes, or what it was told to raise."""

    def __init__(self) -> None:
        self.error: MooringsError | None = None
        self.asked = 0

    async def verify(self, fields: SecretFields) -> Verification:
        self.asked += 1
        if self.error:
            raise self.error
        return Verification(Account("acct_1", "Acme"), "It is limited.")


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def credentials(process: Process, provider: Provider) -> Credentials:
    return _credentials(process, provider)


@pytest.fixture
async def admin(process: Process) -> Caller:
    return await process.admin()


async def test_what_the_provider_accepts_is_stored_with_what_it_said(
    process: Process, credentials: Credentials, admin: Caller
) -> None:
    saved = await credentials.save(admin, "firecrawl", "production", FIELDS)
    assert (saved.account, saved.note, saved.verified_at) == (
        Account("acct_1", "Acme"),
        "It is limited.",
        process.clock(),
    )
    [entry] = (await process.states().of(admin.owner)).credentials
    assert (entry.environment, entry.status, entry.account) == ("production", Status.VALID, saved.account)
    assert entry.previews == {"apiKey": "fc-…Kt8R"}


@pytest.mark.parametrize("error", [CredentialsRejected("No."), ProviderTimeout("It did not answer.")])
async def test_what_the_provider_does_not_accept_is_not_stored(
    process: Process, credentials: Credentials, admin: Caller, provider: Provider, error: MooringsError
) -> None:
    provider.error = error
    with pytest.raises(type(error)):
        await credentials.save(admin, "firecrawl", None, FIELDS)
    assert (await process.states().of(admin.owner)).credentials == ()


async def test_a_refused_new_value_leaves_the_old_one(
    process: Process, credentials: Credentials, admin: Caller, provider: Provider
) -> None:
    await credentials.save(admin, "firecrawl", None, FIELDS)
    before = (await process.states().of(admin.owner)).credentials
    provider.error = CredentialsRejected("No.")
    with pytest.raises(CredentialsRejected):
        await credentials.save(admin, "firecrawl", None, {"apiKey": Secret("fc-another-value")})
    assert (await process.states().of(admin.owner)).credentials == before


async def test_without_verifying_the_provider_is_not_asked(
    process: Process, credentials: Credentials, admin: Caller, provider: Provider
) -> None:
    await credentials.save(admin, "firecrawl", None, FIELDS, verify=False)
    assert provider.asked == 0
    assert [entry.status for entry in (await process.states().of(admin.owner)).credentials] == [Status.UNVERIFIED]


async def test_what_is_wrong_of_itself_is_refused_before_the_provider_is_asked(
    credentials: Credentials, admin: Caller, provider: Provider
) -> None:
    bound = Caller("key", admin.owner, frozenset({Scope.WRITE}), frozenset({"staging"}))
    reader = Caller("key", admin.owner, frozenset({Scope.READ}))
    for caller, name, environment, fields, error in (
        (admin, "firecrawl", "prod", FIELDS, InvalidEnvironment),
        (admin, "nonsense", None, FIELDS, IntegrationNotFound),
        (admin, "firecrawl", None, {}, InvalidCredentials),
        (admin, "slack", None, FIELDS, OwnInstallCall),
        (bound, "firecrawl", None, FIELDS, EnvironmentForbidden),
        (bound, "firecrawl", "production", FIELDS, EnvironmentForbidden),
        (reader, "firecrawl", None, FIELDS, MissingScope),
    ):
        with pytest.raises(error):
            await credentials.save(caller, name, environment, fields)
    assert provider.asked == 0


async def test_a_save_under_an_owner_key_that_a_rekey_has_destroyed_is_repeated_under_the_new_one(house: House) -> None:
    ours, other = house.process(), house.process()
    credentials, admin = _credentials(ours, Provider()), await ours.admin()
    old = await credentials.sealing.owner_keys.current(admin.owner)
    _, fresh = other.vault.new_owner_key(admin.owner, 2, house.clock())
    await other.database.write(key_rows.add, fresh)
    assert await other.database.write(key_rows.delete_unused, old.id)
    await credentials.save(admin, "firecrawl", None, FIELDS)
    assert [row.owner_key_id for row in await ours.sql("SELECT owner_key_id FROM credentials")] == [fresh.id]


async def test_a_store_that_fails_stores_nothing_and_says_so(
    process: Process, credentials: Credentials, admin: Caller
) -> None:
    await credentials.sealing.owner_keys.current(admin.owner)
    failing = Failing(process.database, StoreFull("The disk is full."))
    full = _credentials(process, Provider(), failing, credentials)
    with pytest.raises(StoreFull):
        await full.save(admin, "firecrawl", None, FIELDS)
    assert (await process.states().of(admin.owner)).credentials == ()


async def test_what_is_removed_is_gone_from_the_file(
    sqlite_house: House, process: Process, credentials: Credentials, admin: Caller
) -> None:
    await credentials.save(admin, "firecrawl", None, FIELDS)
    sealed = (await process.sql("SELECT sealed FROM credentials"))[0].sealed
    removed = await credentials.remove(admin, "firecrawl", None)
    assert (removed.environment, removed.uninstalled) == (None, False)
    process.database.close()
    assert sealed not in stored_bytes(sqlite_house.folder)


async def test_removing_takes_one_entry_and_a_second_time_finds_none(
    process: Process, credentials: Credentials, admin: Caller
) -> None:
    for environment in (None, "staging", "production"):
        await credentials.save(admin, "firecrawl", environment, FIELDS)
    await credentials.remove(admin, "firecrawl", "staging")
    held = {entry.environment for entry in (await process.states().of(admin.owner)).credentials}
    assert held == {None, "production"}
    with pytest.raises(CredentialsNotFound, match="staging"):
        await credentials.remove(admin, "firecrawl", "staging")


async def test_saving_connects_a_reserved_installation_and_removing_uninstalls_it(house: House) -> None:
    process = house.process()
    credentials, admin = _credentials(process, Provider()), await process.admin()
    made = await _integrations(process).reserve(admin, "firecrawl", None, "staging", None)
    saved = await credentials.save(admin, made.id, None, FIELDS, given=False)
    assert saved.environment == "staging"
    [installation] = (await process.states().of(admin.owner)).installations
    assert (installation.status, installation.expires_at) == ("connected", None)
    removed = await credentials.remove(admin, made.id, None)
    assert (removed.environment, removed.uninstalled) == ("staging", True)
    state = await process.states().of(admin.owner)
    assert (state.credentials, state.installations) == ((), ())


async def test_an_installation_of_one_environment_takes_no_other(
    process: Process, credentials: Credentials, admin: Caller
) -> None:
    made = await _integrations(process).reserve(admin, "firecrawl", None, "staging", None)
    for environment in ("production", None):
        with pytest.raises(InvalidEnvironment, match="staging"):
            await credentials.save(admin, made.id, environment, FIELDS)
    assert (await credentials.save(admin, made.id, "staging", FIELDS)).environment == "staging"


async def test_an_installation_for_all_environments_keeps_the_entries_of_each_until_it_is_uninstalled(
    process: Process, credentials: Credentials, admin: Caller
) -> None:
    made = await _integrations(process).reserve(admin, "firecrawl", None, None, None)
    for environment in (None, "staging", "production"):
        await credentials.save(admin, made.id, environment, FIELDS)
    assert not (await credentials.remove(admin, made.id, "staging")).uninstalled
    assert len((await process.states().of(admin.owner)).of(made.id)) == 2
    assert (await credentials.remove(admin, made.id, None)).uninstalled
    assert (await process.states().of(admin.owner)).credentials == ()


async def test_a_caller_bound_to_environments_does_not_uninstall_what_serves_all(
    process: Process, credentials: Credentials, admin: Caller
) -> None:
    made = await _integrations(process).reserve(admin, "firecrawl", None, None, None)
    bound = Caller("key", admin.owner, frozenset({Scope.WRITE}), frozenset({"staging"}))
    with pytest.raises(EnvironmentForbidden):
        await credentials.remove(bound, made.id, None)


async def test_each_change_stands_in_the_audit_and_no_value_does(
    process: Process, credentials: Credentials, admin: Caller
) -> None:
    await credentials.save(admin, "firecrawl", "staging", FIELDS)
    await credentials.remove(admin, "firecrawl", "staging")
    entries = await process.sql("SELECT * FROM audit ORDER BY sequence")
    found = [(entry.kind, entry.subject, entry.environment) for entry in entries if entry.kind != "owner.created"]
    assert found == [("credentials.saved", "firecrawl", "staging"), ("credentials.deleted", "firecrawl", "staging")]
    assert FIELDS["apiKey"].reveal() not in str(entries)


async def test_the_next_writing_has_another_revision(process: Process, credentials: Credentials, admin: Caller) -> None:
    seen = set()
    for _ in range(3):
        await credentials.save(admin, "firecrawl", None, FIELDS)
        place = (await process.sql("SELECT revision FROM credentials"))[0].revision
        seen.add(place)
    assert len(seen) == 3


def _credentials(
    process: Process, provider: Provider, database: Database | None = None, beside: Credentials | None = None
) -> Credentials:
    where = database or process.database
    connections = Connections(CATALOG, process.database, process.clock)
    owner_keys = beside.sealing.owner_keys if beside else process.owner_keys()
    sealing = Sealing(process.vault, owner_keys, where, process.clock)
    uninstalling = Uninstalling(sealing, ENVIRONMENTS)
    return Credentials(connections, {"firecrawl": provider}, sealing, where, ENVIRONMENTS, process.clock, uninstalling)


def _integrations(process: Process) -> Integrations:
    connections = Connections(CATALOG, process.database, process.clock)
    parts = (process.states(), process.database, ENVIRONMENTS, process.forwarding(connections), process.clock)
    return Integrations(CATALOG, connections, *parts)
