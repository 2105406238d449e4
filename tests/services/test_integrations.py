"""What a caller sees of the catalogue: only its own environments, and the one rule of look-up."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorings.catalog.catalog import Catalog, load_catalog
from moorings.domain.caller import Caller, Scope
from moorings.domain.credential import CredentialState, Status
from moorings.domain.environment import Source
from moorings.domain.installation import Installation, InstallationStatus
from moorings.errors import (
    EnvironmentForbidden,
    IntegrationNotFound,
    InvalidEnvironment,
    InvalidRequest,
    MissingScope,
)
from moorings.providers.registry import FOLDER
from moorings.services.connections import Connections
from moorings.services.integrations import Integrations, Standing, Visible, matches
from moorings.services.states import OwnerState
from moorings.services.tools import Tools
from tests.services.house import ENVIRONMENTS, START, Process

CATALOG = load_catalog([FOLDER])
FIRECRAWL = CATALOG.get("firecrawl")
INSTALLED = "intg_00000000000000000000000001"
BROKEN = {Status.INVALID, Status.EXPIRED, Status.UNREADABLE}

quick = settings(max_examples=60, deadline=None)
places = st.none() | st.sampled_from(ENVIRONMENTS.names)
bounds = st.none() | st.frozensets(st.sampled_from(ENVIRONMENTS.names), min_size=1)


@st.composite
def entries(draw: st.DrawFn) -> tuple[CredentialState, ...]:
    """Credentials of firecrawl, of an installation of it, and of something else."""
    keys = draw(st.sets(st.tuples(st.sampled_from(["firecrawl", INSTALLED, "exa"]), places), max_size=8))
    return tuple(
        CredentialState(name, place, {}, draw(st.sampled_from(Status)), None, None, None, None, _moment(draw))
        for name, place in sorted(keys, key=str)
    )


def _moment(draw: st.DrawFn) -> datetime:
    return START + timedelta(seconds=draw(st.integers(0, 5)))


@st.composite
def visibles(draw: st.DrawFn) -> Visible:
    """What somebody, bound to some environments or to none, may see of an owner's state."""
    held = draw(entries())
    status, place = draw(st.sampled_from(InstallationStatus)), draw(places)
    installed = Installation(INSTALLED, "org", "firecrawl", "F", place, status, None, START, START)
    state = OwnerState(held, (installed,) if draw(st.booleans()) else (), None)
    return Visible(state, Caller("key", "org", frozenset({Scope.READ}), draw(bounds)), ENVIRONMENTS)


@quick
@given(visibles(), places)
def test_no_entry_of_a_forbidden_environment_is_ever_seen(visible: Visible, asked: str | None) -> None:
    bound = visible.caller.environments
    view, status = visible.view(FIRECRAWL, asked), visible.status("firecrawl", asked)
    seen = {*view.environments, *status.environments, *(item.environment for item in view.installations)}
    assert bound is None or seen - {None} <= bound
    assert status.entry is None or bound is None or status.entry.environment in {None, *bound}


@quick
@given(visibles(), places)
def test_the_exact_environment_answers_then_the_entry_for_all_and_nothing_else(
    visible: Visible, asked: str | None
) -> None:
    held = {entry.environment: entry for entry in visible.entries("firecrawl")}
    status = visible.status("firecrawl", asked)
    if asked is not None and asked in held:
        assert (status.source, status.entry) == (Source.ENVIRONMENT, held[asked])
    elif None in held:
        assert (status.source, status.entry) == (Source.ALL, held[None])
    else:
        assert status.source is None
        assert asked is None or status.entry is None


@quick
@given(visibles(), st.sampled_from(ENVIRONMENTS.names))
def test_configured_means_that_something_answers_there(visible: Visible, asked: str) -> None:
    status = visible.status("firecrawl", asked)
    assert status.configured is (status.source is not None)


@quick
@given(visibles())
def test_asked_for_no_environment_configured_means_that_anything_is_held(visible: Visible) -> None:
    status = visible.status("firecrawl", None)
    assert status.configured is bool(visible.entries("firecrawl"))
    if status.configured and None not in status.environments:
        assert status.entry is not None
        newest = max(entry.updated_at for entry in visible.entries("firecrawl"))
        assert status.entry.updated_at == newest


@quick
@given(visibles(), places)
def test_another_integrations_credentials_change_nothing(visible: Visible, asked: str | None) -> None:
    without = tuple(entry for entry in visible.state.credentials if entry.integration_id != "exa")
    alone = Visible(OwnerState(without, visible.state.installations, None), visible.caller, ENVIRONMENTS)
    assert alone.view(FIRECRAWL, asked) == visible.view(FIRECRAWL, asked)
    assert alone.status("firecrawl", asked) == visible.status("firecrawl", asked)


@quick
@given(visibles(), places)
def test_environments_stand_in_their_configured_order_the_one_for_all_first(
    visible: Visible, asked: str | None
) -> None:
    view = visible.view(FIRECRAWL, asked)
    order = [None, *ENVIRONMENTS.names]
    assert list(view.environments) == [place for place in order if place in view.environments]


@quick
@given(visibles())
def test_an_integration_stands_as_its_worst_part_does(visible: Visible) -> None:
    view = visible.view(FIRECRAWL)
    installed = {item.status for item in view.installations}
    held = visible.entries("firecrawl") + (visible.entries(INSTALLED) if view.installations else [])
    statuses = {entry.status for entry in held}
    if statuses & BROKEN or InstallationStatus.FAILING in installed:
        expected = Standing.FAILING
    elif statuses or InstallationStatus.CONNECTED in installed:
        expected = Standing.CONNECTED
    else:
        expected = Standing.PENDING if installed else Standing.AVAILABLE
    assert view.standing is expected
    assert view.configured is bool(statuses)


@quick
@given(visibles(), st.sampled_from(ENVIRONMENTS.names))
def test_a_tool_is_offered_where_credentials_resolve_and_once(visible: Visible, asked: str) -> None:
    offered = [found.tool.name for found in Tools(CATALOG).configured(visible, asked) if found.source]
    ours = {entry.environment for entry in visible.entries("firecrawl")}
    for item in visible.installations("firecrawl"):
        ours |= {entry.environment for entry in visible.entries(item.id)}
    wanted = {tool.name for tool in FIRECRAWL.tools} if {asked, None} & ours else set()
    assert {name for name in offered if name.startswith("firecrawl_")} == wanted
    assert len(offered) == len(set(offered))


@quick
@given(st.sampled_from([entry.id for entry in CATALOG]), st.integers(0, 60), st.integers(1, 12))
def test_a_search_finds_an_entry_by_any_part_of_its_words(entry_id: str, start: int, length: int) -> None:
    entry = CATALOG.get(entry_id)
    part = entry.description[start : start + length]
    assert matches(entry, None, part.upper())
    assert matches(entry, entry.category, entry.name.lower())
    assert not matches(entry, "no such category", part)
    assert not matches(entry, None, part + "\x00")


@pytest.fixture
def integrations(process: Process) -> Integrations:
    connections = Connections(CATALOG, process.database, process.clock)
    parts = (process.states(), process.database, ENVIRONMENTS, process.forwarding(connections), process.clock)
    return Integrations(CATALOG, connections, *parts)


@pytest.fixture
async def admin(process: Process) -> Caller:
    return await process.admin()


@pytest.mark.anyio
async def test_a_reservation_waits_for_24_hours_and_is_found_by_its_id(
    process: Process, integrations: Integrations, admin: Caller
) -> None:
    made = await integrations.reserve(admin, "firecrawl", None, "staging", None)
    assert (made.name, made.status, made.environment) == ("Firecrawl", InstallationStatus.PENDING, "staging")
    assert made.expires_at == START + timedelta(hours=24)
    process.clock.advance(hours=23, minutes=59)
    assert (await integrations.find(admin, made.id)).installation == made
    process.clock.advance(minutes=1)
    with pytest.raises(IntegrationNotFound):
        await integrations.find(admin, made.id)


@pytest.mark.anyio
async def test_a_reservation_of_another_owner_is_not_found(
    process: Process, integrations: Integrations, admin: Caller
) -> None:
    made = await integrations.reserve(admin, "firecrawl", "Mine", None, None)
    with pytest.raises(IntegrationNotFound):
        await integrations.find(await process.admin(), made.id)


@pytest.mark.anyio
async def test_an_unknown_type_or_environment_reserves_nothing(integrations: Integrations, admin: Caller) -> None:
    with pytest.raises(InvalidRequest, match="no catalogue id"):
        await integrations.reserve(admin, "no-such-thing", None, None, None)
    with pytest.raises(InvalidEnvironment):
        await integrations.reserve(admin, "firecrawl", None, "prod", None)
    assert (await integrations.visible(admin)).state.installations == ()


@pytest.mark.anyio
async def test_a_caller_bound_to_environments_reserves_and_looks_only_there(
    integrations: Integrations, admin: Caller
) -> None:
    bound = Caller("key", admin.owner, frozenset({Scope.WRITE}), frozenset({"staging"}))
    for forbidden in (None, "production"):
        with pytest.raises(EnvironmentForbidden):
            await integrations.reserve(bound, "firecrawl", None, forbidden, None)
    with pytest.raises(EnvironmentForbidden):
        await integrations.visible(bound, "production")
    made = await integrations.reserve(admin, "firecrawl", None, "production", None)
    with pytest.raises(EnvironmentForbidden):
        await integrations.find(bound, made.id)
    assert (await integrations.visible(bound)).installations("firecrawl") == []
    assert (await integrations.reserve(bound, "firecrawl", None, "staging", None)).environment == "staging"


@pytest.mark.anyio
async def test_reading_wants_the_scope_to_read_and_reserving_the_one_to_write(
    integrations: Integrations, admin: Caller
) -> None:
    reader = Caller("key", admin.owner, frozenset({Scope.READ}))
    stranger = Caller("key", admin.owner, frozenset({Scope.EXECUTE}))
    with pytest.raises(MissingScope):
        await integrations.reserve(reader, "firecrawl", None, None, None)
    with pytest.raises(MissingScope):
        await integrations.visible(stranger)
    with pytest.raises(MissingScope):
        await integrations.find(stranger, "firecrawl")
    assert (await integrations.find(reader, "firecrawl")).integration is FIRECRAWL


@pytest.mark.anyio
async def test_an_installation_whose_type_left_the_catalogue_is_not_found(process: Process, admin: Caller) -> None:
    made = await process.reserve(admin.owner, START + timedelta(hours=1))
    connections = Connections(Catalog([CATALOG.get("exa")]), process.database, process.clock)
    with pytest.raises(IntegrationNotFound):
        await connections.find(admin.owner, made.id)


def test_the_manifests_are_where_we_look(tmp_path: Path) -> None:
    assert len(load_catalog([FOLDER, tmp_path])) == len(CATALOG)
