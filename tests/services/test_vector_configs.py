"""Configurations of vector stores on both databases: one default in each environment, and secrets that stay put."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from moorings.catalog.catalog import Catalog
from moorings.catalog.manifest import load
from moorings.domain.caller import Caller, Scope
from moorings.domain.check import FAILING_AFTER
from moorings.domain.credential import CredentialRef, Status
from moorings.domain.run import Run
from moorings.domain.secret import Secret, SecretFields
from moorings.domain.tool import Tool
from moorings.domain.vector import ConfigStatus, Examination, StoreType
from moorings.errors import (
    ConfigurationNotFound,
    Conflict,
    CredentialsRejected,
    EnvironmentForbidden,
    IndexNotFound,
    InvalidCredentials,
    MissingScope,
    MooringsError,
    NameTaken,
    ProviderFailed,
    SealBroken,
    SecretWantedAgain,
)
from moorings.providers.contract import Provider
from moorings.providers.registry import FOLDER
from moorings.services.check_plan import SOON, CheckPlan
from moorings.services.checks import Checks
from moorings.services.connections import Connections
from moorings.services.outages import Outages
from moorings.services.rekey import Rekey
from moorings.services.sealing import Sealing
from moorings.services.vector_configs import ConfigChange, ConfigView, ConfigWish, VectorConfigs
from moorings.store import credentials as credential_rows
from tests.services.house import ENVIRONMENTS, House, Process, stored_bytes

pytestmark = pytest.mark.anyio

ACCOUNT = "0" * 32
TOKEN = "made-up-cloudflare-token-0000000000000000000"
TARGET = {"accountId": ACCOUNT, "apiToken": TOKEN, "indexName": "articles"}
VECTORIZE, WEAVIATE = StoreType.VECTORIZE, StoreType.WEAVIATE
HOUR = timedelta(hours=1)
on_one = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
"""Where the database makes no difference."""


@dataclass
class Store:
    """A store that says what it is told, and remembers what it was shown."""

    says: Any = field(default_factory=lambda: Examination({"dimensions": 3}))
    shown: list[dict[str, str]] = field(default_factory=list)
    waits: asyncio.Event | None = None
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def checked(self, fields: SecretFields) -> SecretFields:
        return fields

    def same_place(self, before: SecretFields, after: SecretFields) -> bool:
        return "url" not in before or before["url"] == after["url"]

    async def examine(self, fields: SecretFields) -> Examination:
        self.shown.append({name: value.reveal() for name, value in fields.items()})
        if self.waits:
            self.asked.set()
            await self.waits.wait()
        if isinstance(self.says, MooringsError):
            raise self.says
        found: Examination = self.says
        return found

    def knowing(self, facts: Mapping[str, Any]) -> "Store":
        return self

    async def run(self, tool: Tool, fields: SecretFields, parameters: Mapping[str, Any]) -> Run:
        return Run(None)


@dataclass
class Shop:
    """The service over one process, with a store that is a fake."""

    process: Process
    store: Store
    configs: VectorConfigs
    checks: Checks
    caller: Caller

    async def made(self, name: str = "articles", **more: Any) -> ConfigView:
        fields = {key: Secret(value) for key, value in {**TARGET, **more.pop("target", {})}.items()}
        return await self.configs.create(self.caller, VECTORIZE, ConfigWish(name, fields, **more))

    async def changed(self, view: ConfigView, fields: Mapping[str, Any] | None = None, **own: Any) -> ConfigView:
        given = {name: None if value is None else Secret(value) for name, value in (fields or {}).items()}
        return await self.configs.update(self.caller, VECTORIZE, view.config.id, ConfigChange(own, given))

    async def defaults(self) -> dict[str | None, str]:
        every = await self.configs.every(self.caller, VECTORIZE)
        return {view.config.environment: view.config.name for view in every if view.config.is_default}

    async def now(self, view: ConfigView) -> ConfigView:
        return await self.configs.get(self.caller, VECTORIZE, view.config.id)

    def job(self, view: ConfigView) -> str:
        return credential_rows.job_of(view.config.ref)


async def opened(process: Process, caller: Caller | None = None) -> Shop:
    store = Store()
    catalog = Catalog([load(FOLDER / "vectorize"), load(FOLDER / "weaviate")])
    plan = CheckPlan(process.clock, 12 * HOUR, chance=lambda: 0.5)
    sealing = Sealing(process.vault, process.owner_keys(), process.database, process.clock, plan)
    connections = Connections(catalog, process.database, process.clock)
    found = {kind.value: Provider(None, None, store=store) for kind in StoreType}
    checks = Checks(connections, found, sealing, process.database, process.clock, Outages(process.clock))
    stores = {kind.value: store for kind in StoreType}
    configs = VectorConfigs(
        catalog, stores, checks, sealing, process.states(), process.database, ENVIRONMENTS, process.clock
    )
    return Shop(process, store, configs, checks, caller or await process.admin())


@pytest.fixture
async def shop(house: House) -> Shop:
    return await opened(house.process())


async def test_what_was_made_is_found_again_without_its_secret(shop: Shop) -> None:
    made = await shop.made(environment="production", description="What the newspaper wrote")
    [found] = await shop.configs.every(shop.caller, VECTORIZE)
    assert found == made == await shop.now(made)
    assert (found.status, found.config.facts) == (ConfigStatus.CONNECTED, {"dimensions": 3})
    assert found.config.shown == {"accountId": ACCOUNT, "indexName": "articles"}
    assert TOKEN not in str(found)
    assert await shop.configs.every(shop.caller, WEAVIATE) == []


async def test_no_secret_stands_in_the_database(shop: Shop, house: House) -> None:
    await shop.made()
    if house.url is None:
        assert TOKEN.encode() not in stored_bytes(house.folder)
    for table in ("credentials", "vector_configs", "audit", "jobs"):
        assert TOKEN not in str(await shop.process.sql(f"SELECT * FROM {table}"))  # noqa: S608 - our own tables


@on_one
@pytest.mark.parametrize(
    "says",
    [CredentialsRejected("No."), ProviderFailed("Down."), Examination({}, IndexNotFound("There is none."))],
    ids=["rejected", "down", "no index"],
)
async def test_nothing_is_stored_unless_it_works(shop: Shop, says: Any) -> None:
    shop.store.says = says
    with pytest.raises(MooringsError):
        await shop.made()
    assert await shop.configs.every(shop.caller, VECTORIZE) == []
    for table in ("credentials", "vector_configs", "jobs"):
        assert await shop.process.sql(f"SELECT 1 FROM {table}") == []  # noqa: S608 - our own tables
    unasked = await shop.made(verify=False)
    assert (unasked.status, unasked.config.facts) == (ConfigStatus.UNVERIFIED, {})


@on_one
async def test_a_field_of_the_wrong_form_is_named_and_nobody_is_asked(shop: Shop) -> None:
    with pytest.raises(InvalidCredentials) as refusal:
        await shop.made(target={"accountId": "short", "indexName": "Articles"})
    assert [detail.field for detail in refusal.value.details] == ["accountId", "indexName"]
    assert shop.store.shown == []


async def test_the_first_of_an_environment_is_its_default_until_another_is(shop: Shop) -> None:
    first = await shop.made("a", environment="production")
    await shop.made("b", environment="production")
    await shop.made("c")
    assert await shop.defaults() == {"production": "a", None: "c"}
    await shop.made("d", environment="production", is_default=True)
    assert await shop.defaults() == {"production": "d", None: "c"}
    await shop.changed(first, is_default=True)
    assert await shop.defaults() == {"production": "a", None: "c"}


async def test_when_the_default_goes_the_oldest_takes_its_place(shop: Shop) -> None:
    made = []
    for name in ("a", "b", "c"):
        made.append(await shop.made(name))
        shop.process.clock.advance(seconds=1)
    await shop.configs.delete(shop.caller, VECTORIZE, made[0].config.id)
    assert await shop.defaults() == {None: "b"}
    await shop.changed(made[1], environment="staging")
    assert await shop.defaults() == {None: "c", "staging": "b"}


async def test_a_name_is_taken_once_and_free_again_after(shop: Shop) -> None:
    first = await shop.made("same")
    with pytest.raises(NameTaken):
        await shop.made("same")
    second = await shop.made("other")
    with pytest.raises(NameTaken):
        await shop.changed(second, name="same")
    await shop.changed(second, name="other")
    await shop.configs.delete(shop.caller, VECTORIZE, first.config.id)
    assert (await shop.made("same")).config.name == "same"


@on_one
async def test_what_is_not_given_stays_the_secret_too(shop: Shop) -> None:
    made = await shop.made(environment="production", description="old")
    await shop.changed(made, name="new", description=None)
    assert len(shop.store.shown) == 1, "a name alone is no reason to ask"
    await shop.changed(made, {"indexName": "ships"})
    assert shop.store.shown[-1] == {**TARGET, "indexName": "ships"}
    found = await shop.now(made)
    assert (found.config.name, found.config.description, found.config.environment) == ("new", None, "production")
    assert found.config.shown["indexName"] == "ships"


@on_one
async def test_a_target_that_does_not_work_does_not_replace_one_that_does(shop: Shop) -> None:
    made = await shop.made()
    shop.store.says = CredentialsRejected("No.")
    with pytest.raises(CredentialsRejected):
        await shop.changed(made, {"apiToken": TOKEN[::-1]})
    assert await shop.now(made) == made
    [[last]] = await shop.process.sql("SELECT outcome FROM audit ORDER BY at DESC, sequence DESC LIMIT 1")
    assert last == "CREDENTIALS_REJECTED", "that the stored fields were used is written down"
    shop.store.says = Examination({})
    await shop.configs.test_saved(shop.caller, VECTORIZE, made.config.id)
    assert shop.store.shown[-1] == TARGET


async def test_another_environment_takes_the_sealed_bytes_along(shop: Shop) -> None:
    made = await shop.made(environment="staging")
    moved = await shop.changed(made, environment="production")
    assert (moved.config.environment, moved.status) == ("production", ConfigStatus.CONNECTED)
    assert [tuple(row) for row in await shop.process.sql("SELECT environment FROM credentials")] == [("production",)]
    opened = await shop.configs.opened(VECTORIZE, moved.config)
    assert opened.fields == {name: Secret(value) for name, value in TARGET.items()}


async def test_of_two_changes_at_once_one_is_told_that_it_was_overtaken(shop: Shop) -> None:
    made = await shop.made()
    shop.store.waits = asyncio.Event()
    slow = asyncio.create_task(shop.changed(made, {"indexName": "slow-one"}))
    await shop.store.asked.wait()
    waits, shop.store.waits = shop.store.waits, None
    await shop.changed(made, {"indexName": "fast-one"})
    waits.set()
    with pytest.raises(Conflict):
        await slow
    assert (await shop.now(made)).config.shown["indexName"] == "fast-one"


async def test_many_made_at_once_leave_one_default(shop: Shop) -> None:
    await asyncio.gather(*(shop.made(f"n{number}", is_default=True) for number in range(8)))
    assert len(await shop.configs.every(shop.caller, VECTORIZE)) == 8
    assert len(await shop.defaults()) == 1
    rows = await shop.process.sql("SELECT count(*) FROM vector_configs WHERE is_default = (1 = 1)")
    assert rows[0][0] == 1


@on_one
async def test_a_kept_secret_is_shown_to_no_other_server(shop: Shop) -> None:
    fields = {"url": "https://a.example", "apiKey": "a-key-of-a-weaviate", "headers.X-A": "a-module-key-0"}
    wish = ConfigWish("w", {name: Secret(value) for name, value in fields.items()})
    made = await shop.configs.create(shop.caller, WEAVIATE, wish)
    url = {"url": Secret("https://evil.example")}
    with pytest.raises(SecretWantedAgain) as refusal:
        await shop.configs.update(shop.caller, WEAVIATE, made.config.id, ConfigChange(fields=url))
    assert sorted(detail.field for detail in refusal.value.details) == ["apiKey", "headers.X-A"]
    assert all(shown["url"] == "https://a.example" for shown in shop.store.shown)
    anew = {**url, "apiKey": Secret("another-key-given-anew")}
    await shop.configs.update(shop.caller, WEAVIATE, made.config.id, ConfigChange(fields=anew, headers={}))
    assert shop.store.shown[-1] == {"url": "https://evil.example", "apiKey": "another-key-given-anew"}


@on_one
async def test_whoever_changes_the_address_in_the_database_leads_no_secret_astray(shop: Shop) -> None:
    made = await shop.made()
    await shop.process.sql(
        "UPDATE vector_configs SET shown = :shown", shown='{"indexName": "evil", "accountId": "evil"}'
    )
    await shop.configs.test_saved(shop.caller, VECTORIZE, made.config.id)
    assert shop.store.shown[-1] == TARGET


@on_one
async def test_sealed_bytes_of_another_configuration_do_not_open(shop: Shop) -> None:
    one, other = await shop.made("a"), await shop.made("b")
    await shop.process.sql(
        "UPDATE credentials SET sealed = (SELECT sealed FROM credentials WHERE integration_id = :other), "
        "revision = (SELECT revision FROM credentials WHERE integration_id = :other) WHERE integration_id = :one",
        one=one.config.id, other=other.config.id,
    )  # fmt: skip
    with pytest.raises(SealBroken):
        await shop.configs.opened(VECTORIZE, one.config)
    await shop.configs.opened(VECTORIZE, other.config)


async def test_a_deleted_one_that_is_put_back_does_not_open(shop: Shop) -> None:
    made = await shop.made()
    [row] = await shop.process.sql("SELECT * FROM credentials")
    kept = dict(row._mapping)
    await shop.configs.delete(shop.caller, VECTORIZE, made.config.id)
    names = ", ".join(kept)
    await shop.process.sql(
        f"INSERT INTO credentials ({names}) VALUES ({', '.join(f':{name}' for name in kept)})",  # noqa: S608 - columns
        **kept,
    )
    with pytest.raises(SealBroken):
        await shop.configs.opened(VECTORIZE, made.config)


async def test_a_rekey_seals_configurations_anew(shop: Shop) -> None:
    made = await shop.made()
    [[before]] = await shop.process.sql("SELECT sealed FROM credentials")
    process = shop.process
    process.clock.advance(hours=1)
    rekey = Rekey(process.vault, process.database, process.owners, process.notary, process.clock)
    outcome = await rekey.run(reseal=True, progress=lambda *_: process.clock.advance(hours=1))
    [[after]] = await shop.process.sql("SELECT sealed FROM credentials")
    assert (outcome.resealed, outcome.unreadable) == (1, [])
    assert bytes(before) != bytes(after)
    shop.configs.sealing.owner_keys.forget(shop.caller.owner)
    assert (await shop.configs.opened(VECTORIZE, made.config)).fields["apiToken"] == Secret(TOKEN)


@on_one
async def test_nothing_is_seen_across_owners(shop: Shop) -> None:
    made = await shop.made()
    stranger = await shop.process.admin()
    assert await shop.configs.every(stranger, VECTORIZE) == []
    for call in (shop.configs.get, shop.configs.delete, shop.configs.test_saved):
        with pytest.raises(ConfigurationNotFound):
            await call(stranger, VECTORIZE, made.config.id)
    with pytest.raises(ConfigurationNotFound):
        await shop.configs.get(shop.caller, WEAVIATE, made.config.id)


@on_one
async def test_a_bound_or_reading_key_does_what_it_may(shop: Shop) -> None:
    production, everywhere = await shop.made("a", environment="production"), await shop.made("b")
    bound = replace(shop.caller, environments=frozenset({"staging"}))
    assert [view.config.name for view in await shop.configs.every(bound, VECTORIZE)] == ["b"]
    with pytest.raises(EnvironmentForbidden):
        await shop.configs.get(bound, VECTORIZE, production.config.id)
    for change in (ConfigChange({"name": "c"}), ConfigChange({"environment": "staging"})):
        with pytest.raises(EnvironmentForbidden):
            await shop.configs.update(bound, VECTORIZE, everywhere.config.id, change)
    with pytest.raises(EnvironmentForbidden):  # the result would be kept as the status of an entry for all
        await shop.configs.test_saved(bound, VECTORIZE, everywhere.config.id)
    reader = replace(shop.caller, scopes=frozenset({Scope.READ}))
    assert len(await shop.configs.every(reader, VECTORIZE)) == 2
    for refused in (
        shop.configs.delete(reader, VECTORIZE, everywhere.config.id),
        shop.configs.test_saved(reader, VECTORIZE, everywhere.config.id),
        shop.configs.test(reader, VECTORIZE, None, {}),
        shop.configs.create(reader, VECTORIZE, ConfigWish("x", {})),
    ):
        with pytest.raises(MissingScope):
            await refused


async def test_one_failed_check_is_not_yet_a_failure_and_the_second_is(shop: Shop) -> None:
    made = await shop.made()
    shop.store.says = ProviderFailed("It cannot be reached.")
    first = await shop.checks.due(shop.job(made))
    seen = await shop.now(made)
    assert (seen.status, seen.state and seen.state.reason) == (ConfigStatus.CONNECTED, "It cannot be reached.")
    assert first == shop.process.clock() + SOON
    second = await shop.checks.due(shop.job(made))
    assert (await shop.now(made)).status is ConfigStatus.FAILING
    assert second == shop.process.clock() + 2 * SOON
    for _ in range(10):
        latest = await shop.checks.due(shop.job(made))
    assert latest == shop.process.clock() + 12 * HOUR
    shop.store.says = Examination({"dimensions": 4})
    assert await shop.checks.due(shop.job(made)) == shop.process.clock() + 12 * HOUR
    mended = await shop.now(made)
    assert (mended.status, mended.state and mended.state.reason) == (ConfigStatus.CONNECTED, None)
    assert mended.config.facts == {"dimensions": 4}


@on_one
async def test_a_dead_secret_is_invalid_after_two_checks_and_an_outage_never_makes_it_so(shop: Shop) -> None:
    made = await shop.made()
    shop.store.says = ProviderFailed("Down.")
    for _ in range(FAILING_AFTER + 1):
        await shop.checks.due(shop.job(made))
    state = (await shop.now(made)).state
    assert state is not None
    assert (state.status, state.failing) == (Status.VALID, True)
    shop.store.says = CredentialsRejected("It is dead.")
    await shop.checks.due(shop.job(made))
    state = (await shop.now(made)).state
    assert state is not None
    assert (state.status, state.reason) == (Status.INVALID, "It is dead.")


@on_one
async def test_what_a_person_asks_for_is_believed_at_once(shop: Shop) -> None:
    made = await shop.made()
    shop.store.says = CredentialsRejected("It is dead.")
    check = await shop.configs.test_saved(shop.caller, VECTORIZE, made.config.id)
    assert (check.valid, check.code, check.error) == (False, "CREDENTIALS_REJECTED", "It is dead.")
    assert (await shop.now(made)).status is ConfigStatus.FAILING
    [failing] = await shop.checks.failing()
    assert (failing.integration_id, failing.reason) == (made.config.id, "It is dead.")


async def test_a_check_that_was_overtaken_by_a_new_secret_changes_nothing(shop: Shop) -> None:
    made = await shop.made()
    shop.store.says, shop.store.waits = CredentialsRejected("It is dead."), asyncio.Event()
    slow = asyncio.create_task(shop.checks.stored(VECTORIZE, made.config.ref, "key_1"))
    await shop.store.asked.wait()
    waits, shop.store.waits, shop.store.says = shop.store.waits, None, Examination({})
    await shop.changed(made, {"indexName": "another"})
    shop.store.says = CredentialsRejected("It is dead.")
    waits.set()
    await slow
    assert (await shop.now(made)).status is ConfigStatus.CONNECTED


async def test_what_is_saved_is_due_for_a_check_and_what_is_gone_no_more(shop: Shop) -> None:
    made = await shop.made()
    [[kind, job, due]] = await shop.process.sql("SELECT kind, id, due_at FROM jobs")
    assert (kind, job) == ("check", shop.job(made))
    assert due == int((shop.process.clock() + 12 * HOUR).timestamp() * 1000)
    await shop.configs.delete(shop.caller, VECTORIZE, made.config.id)
    shown = len(shop.store.shown)
    assert await shop.checks.due(job) is None
    assert await shop.checks.due(credential_rows.job_of(CredentialRef("org_x", "nothing", None))) is None
    assert len(shop.store.shown) == shown


@on_one
async def test_every_use_of_a_secret_is_written_down(shop: Shop) -> None:
    made = await shop.made()
    await shop.configs.test_saved(shop.caller, VECTORIZE, made.config.id)
    await shop.configs.used(shop.caller, VECTORIZE, made.config.id, "list_indexes")
    await shop.checks.due(shop.job(made))
    await shop.changed(made, name="b")
    await shop.configs.delete(shop.caller, VECTORIZE, made.config.id)
    owner = shop.caller.owner
    rows = await shop.process.sql("SELECT kind, actor, subject FROM audit WHERE owner = :o ORDER BY sequence", o=owner)
    me, it = shop.caller.id, made.config.id
    assert [tuple(row) for row in rows][-6:] == [
        ("configuration.created", me, it), ("credentials.checked", me, it),
        ("configuration.used", me, f"{it}/list_indexes"), ("credentials.checked", "moorings", it),
        ("configuration.updated", me, it), ("configuration.deleted", me, it),
    ]  # fmt: skip


def test_checks_are_spread_and_switched_off_by_zero(process: Process) -> None:
    clock = process.clock
    spread = {CheckPlan(clock, 10 * HOUR, chance=lambda c=c: c).after() for c in (0.0, 0.25, 0.999)}  # type: ignore[misc]
    assert len(spread) == 3
    assert all(moment and clock() + 9 * HOUR <= moment <= clock() + 11 * HOUR for moment in spread)
    assert CheckPlan(clock, timedelta()).after() is None
    assert CheckPlan(clock, timedelta()).after(3) is None


async def test_where_checks_are_off_a_job_ends_and_asks_nobody(sqlite_house: House) -> None:
    shop = await opened(sqlite_house.process())
    made = await shop.made()
    off = replace(shop.checks, sealing=replace(shop.checks.sealing, plan=CheckPlan(shop.process.clock, timedelta())))
    shown = len(shop.store.shown)
    assert await off.due(shop.job(made)) is None
    assert len(shop.store.shown) == shown
