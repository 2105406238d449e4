"""API keys are shown once, kept as hashes, and never wider than who made them."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_network

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moorings.domain.api_key import hash_of
from moorings.domain.caller import Caller, Network, Scope
from moorings.errors import (
    EnvironmentForbidden,
    Forbidden,
    InvalidEnvironment,
    InvalidRequest,
    KeyNotFound,
    MissingScope,
)
from moorings.services.api_keys import KeyWish
from tests.services.house import ENVIRONMENTS, START, House, Process, stored_bytes

pytestmark = pytest.mark.anyio

ONE_SCOPE = frozenset({Scope.READ})
scopes = st.frozensets(st.sampled_from(Scope), min_size=1)
bounds = st.none() | st.frozensets(st.sampled_from(ENVIRONMENTS.names), min_size=1)


@pytest.fixture
async def admin(process: Process) -> Caller:
    return await process.admin()


@given(own=scopes, bound=bounds, wished=scopes, wished_bound=bounds)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nobody_hands_out_more_scopes_or_environments_than_they_have(
    process: Process,
    own: frozenset[Scope],
    bound: frozenset[str] | None,
    wished: frozenset[Scope],
    wished_bound: frozenset[str] | None,
) -> None:
    caller = Caller("key", "nobody", own, bound)
    covered = all(Scope.ALL in own or scope in own or (scope is Scope.READ and Scope.WRITE in own) for scope in wished)
    inside = bound is None or (wished_bound is not None and wished_bound <= bound)
    allowed = {Scope.KEYS, Scope.ALL} & own and covered and inside
    assert asyncio.run(_made(process, caller, KeyWish("a key", wished, wished_bound))) is bool(allowed)


async def _made(process: Process, maker: Caller, wish: KeyWish) -> bool:
    owner = (await process.owners.first())[0].id
    try:
        await process.api_keys.create(replace(maker, owner=owner), wish)
    except Forbidden:
        return False
    return True


@pytest.mark.parametrize("wished", [None, "0.0.0.0/0", "10.0.0.0/7", "192.168.0.0/16", "::/0"])
async def test_a_key_bound_to_networks_makes_none_that_may_be_used_elsewhere(
    process: Process, admin: Caller, wished: str | None
) -> None:
    maker = Caller("key", admin.owner, frozenset({Scope.ALL}), networks=(ip_network("10.0.0.0/8"),))
    with pytest.raises(Forbidden):
        await process.key(maker, networks=_networks(wished))


@pytest.mark.parametrize("wished", ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32"])
async def test_a_key_bound_to_networks_makes_keys_within_them(process: Process, admin: Caller, wished: str) -> None:
    maker = Caller("key", admin.owner, frozenset({Scope.ALL}), networks=(ip_network("10.0.0.0/8"),))
    key, _ = await process.key(maker, networks=_networks(wished))
    assert key.networks == _networks(wished)


@pytest.mark.parametrize("end", [None, START + timedelta(hours=2)])
async def test_a_key_that_ends_makes_none_that_outlives_it(
    process: Process, admin: Caller, end: datetime | None
) -> None:
    maker = Caller("key", admin.owner, frozenset({Scope.ALL}), expires_at=START + timedelta(hours=1))
    with pytest.raises((Forbidden, InvalidRequest)):
        await process.key(maker, expires_at=end)


async def test_the_key_is_kept_as_a_hash_and_stands_nowhere_in_the_file(
    sqlite_house: House, process: Process, admin: Caller
) -> None:
    key, token = await process.key(admin)
    assert key.hash == hash_of(token)
    process.database.close()
    stored = stored_bytes(sqlite_house.folder)
    assert token.encode() not in stored
    assert token[4:34].encode() not in stored


async def test_a_made_key_says_what_was_wished(process: Process, admin: Caller) -> None:
    bound, networks, end = frozenset({"production"}), _networks("10.0.0.0/8"), START + timedelta(days=1)
    await process.key(admin, Scope.READ, environments=bound, networks=networks, expires_at=end)
    [key] = (await process.api_keys.page(admin)).keys
    assert (key.scopes, key.environments, key.networks, key.expires_at) == (ONE_SCOPE, bound, networks, end)
    assert key.revoked_at is None


async def test_two_keys_are_never_alike(process: Process, admin: Caller) -> None:
    made = [await process.key(admin) for _ in range(20)]
    assert len({token for _, token in made}) == len({key.id for key, _ in made}) == len(made)


async def test_the_list_holds_the_owners_keys_alone_with_the_revoked_ones(process: Process, admin: Caller) -> None:
    kept, gone = (await process.key(admin))[0], (await process.key(admin))[0]
    await process.key(await process.admin())
    await process.api_keys.revoke(admin, gone.id)
    found = {key.id: key.revoked_at for key in (await process.api_keys.page(admin)).keys}
    assert found == {kept.id: None, gone.id: START}


async def test_a_key_is_revoked_once(process: Process, admin: Caller) -> None:
    key, _ = await process.key(admin)
    await process.api_keys.revoke(admin, key.id)
    with pytest.raises(KeyNotFound):
        await process.api_keys.revoke(admin, key.id)


async def test_another_owners_key_and_an_unknown_one_cannot_be_told_apart(process: Process, admin: Caller) -> None:
    theirs, _ = await process.key(await process.admin())
    said = []
    for key_id in (theirs.id, "key_00000000000000000000000000"):
        with pytest.raises(KeyNotFound) as caught:
            await process.api_keys.revoke(admin, key_id)
        said.append(str(caught.value))
    assert said[0] == said[1]


@pytest.mark.parametrize("scope", [scope for scope in Scope if scope not in (Scope.KEYS, Scope.ALL)])
async def test_without_the_scope_keys_are_neither_made_nor_listed_nor_revoked(
    process: Process, admin: Caller, scope: Scope
) -> None:
    key, _ = await process.key(admin)
    caller = Caller("key", admin.owner, frozenset({scope}))
    with pytest.raises(MissingScope):
        await process.key(caller, scope)
    with pytest.raises(MissingScope):
        await process.api_keys.page(caller)
    with pytest.raises(MissingScope):
        await process.api_keys.revoke(caller, key.id)
    assert len((await process.api_keys.page(admin)).keys) == 1


async def test_a_key_for_an_unknown_environment_is_refused_with_the_known_ones(process: Process, admin: Caller) -> None:
    with pytest.raises(InvalidEnvironment, match="development, staging, production"):
        await process.key(admin, environments=frozenset({"prod"}))


@pytest.mark.parametrize("end", [START, START - timedelta(seconds=1)])
async def test_a_key_that_would_have_ended_already_is_refused(process: Process, admin: Caller, end: datetime) -> None:
    with pytest.raises(InvalidRequest, match="time to come"):
        await process.key(admin, expires_at=end)


async def test_making_and_revoking_stand_in_the_audit(process: Process, admin: Caller) -> None:
    key, token = await process.key(admin)
    await process.api_keys.revoke(admin, key.id)
    entries = await process.sql("SELECT * FROM audit WHERE owner = :owner ORDER BY sequence", owner=admin.owner)
    assert [(entry.kind, entry.subject) for entry in entries[1:]] == [("key.created", key.id), ("key.revoked", key.id)]
    assert token not in str(entries)


async def test_a_refused_wish_leaves_nothing(process: Process, admin: Caller) -> None:
    bound = Caller("key", admin.owner, frozenset({Scope.ALL}), frozenset({"staging"}))
    with pytest.raises(EnvironmentForbidden):
        await process.key(bound)
    assert (await process.api_keys.page(admin)).keys == ()


def _networks(text: str | None) -> tuple[Network, ...] | None:
    return None if text is None else (ip_network(text),)
