"""What callers may do, where and from where."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from moorings.domain.caller import Caller, Origin, Scope
from moorings.errors import AddressForbidden, EnvironmentForbidden, MissingScope

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def holder(*scopes: Scope) -> Caller:
    """Someone with these scopes."""
    return Caller("key_1", "org_1", frozenset(scopes))


def bound(*environments: str) -> Caller:
    """Someone bound to these environments."""
    return Caller("key_1", "org_1", frozenset({Scope.ALL}), environments=frozenset(environments))


def from_networks(*networks: str) -> Caller:
    """Someone bound to these networks."""
    return Caller("key_1", "org_1", frozenset({Scope.ALL}), networks=tuple(ip_network(text) for text in networks))


@pytest.mark.parametrize("held", Scope)
@pytest.mark.parametrize("wanted", Scope)
def test_a_scope_covers_itself_writing_covers_reading_and_the_star_covers_all(held: Scope, wanted: Scope) -> None:
    covered = held in (wanted, Scope.ALL) or (held, wanted) == (Scope.WRITE, Scope.READ)
    assert holder(held).may(wanted) is covered


def test_a_key_without_scopes_may_nothing() -> None:
    assert not any(holder().may(scope) for scope in Scope)


def test_a_missing_scope_is_named() -> None:
    holder(Scope.WRITE).require(Scope.READ)
    with pytest.raises(MissingScope, match="KEYS:ADMIN"):
        holder(Scope.WRITE).require(Scope.KEYS)


def test_an_unbound_caller_sees_and_changes_every_environment() -> None:
    for environment in ("production", "staging", None):
        assert holder(Scope.ALL).sees(environment)
        holder(Scope.ALL).require_read(environment)
        holder(Scope.ALL).require_write(environment)


def test_a_bound_caller_sees_its_environments_and_the_entry_that_answers_in_all() -> None:
    caller = bound("staging")
    assert caller.sees("staging")
    assert caller.sees(None)
    assert not caller.sees("production")


def test_a_bound_caller_asking_elsewhere_is_told_its_environments() -> None:
    with pytest.raises(EnvironmentForbidden, match="development, staging"):
        bound("staging", "development").require_read("production")


@pytest.mark.parametrize("environment", ["production", None])
def test_a_bound_caller_changes_neither_another_environment_nor_the_entry_for_all(environment: str | None) -> None:
    caller = bound("staging")
    caller.require_write("staging")
    with pytest.raises(EnvironmentForbidden, match="staging"):
        caller.require_write(environment)


@pytest.mark.parametrize(
    ("network", "address"),
    [
        ("10.0.0.0/8", "10.1.2.3"),
        ("10.0.0.0/8", "::ffff:10.1.2.3"),
        ("192.0.2.7/32", "192.0.2.7"),
        ("2001:db8::/32", "2001:db8::1"),
        ("::1/128", "::1"),
    ],
)
def test_an_address_inside_the_networks_is_let_in(network: str, address: str) -> None:
    from_networks("198.51.100.0/24", network).require_address(address)


@pytest.mark.parametrize(
    "address",
    ["11.0.0.1", "::ffff:11.0.0.1", "2001:db8::1", "::10.1.2.3", "", "10.1.2.3.4", "10.1.2.3/8", "localhost", None],
)
def test_an_address_outside_the_networks_or_none_at_all_is_refused(address: str | None) -> None:
    with pytest.raises(AddressForbidden):
        from_networks("10.0.0.0/8").require_address(address)


def test_a_range_for_all_of_ipv4_lets_no_ipv6_address_in() -> None:
    with pytest.raises(AddressForbidden):
        from_networks("0.0.0.0/0").require_address("2001:db8::1")


def test_a_caller_without_networks_may_come_from_anywhere() -> None:
    holder(Scope.READ).require_address("203.0.113.9")
    holder(Scope.READ).require_address(None)


def test_a_key_is_over_at_its_very_end_and_not_before() -> None:
    caller = Caller("key_1", "org_1", frozenset(), expires_at=NOW)
    assert not caller.expired(NOW - timedelta(milliseconds=1))
    assert caller.expired(NOW)
    assert not holder().expired(NOW)


def test_a_caller_from_somewhere_is_the_same_caller() -> None:
    every = Caller(
        "key_1", "org_1", frozenset({Scope.READ}), frozenset({"staging"}), (ip_network("10.0.0.0/8"),),
        datetime(2026, 1, 1, tzinfo=UTC), Origin("10.0.0.1", "req_1"), "member",
    )  # fmt: skip
    assert all(getattr(every, field.name) is not None for field in fields(Caller))
    elsewhere = Origin("10.0.0.2", "req_2")
    assert every.calling(elsewhere) == replace(every, origin=elsewhere)
