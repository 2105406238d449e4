"""What a token's claims come to, in both versions, and which are not accepted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moorings.domain.caller import Scope
from moorings.domain.session import LEEWAY, Policy, session_of
from moorings.errors import Unauthenticated
from tests.sessions.minting import ISSUER, claims, member_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
POLICY = Policy(ISSUER)
FIRST = {"v": None, "org_id": "org_1", "org_slug": "acme"}


@pytest.mark.parametrize(
    ("said", "organisation", "scopes"),
    [
        ({}, None, {Scope.ALL}),
        ({"o": None}, None, {Scope.ALL}),
        (member_of("org_1", "admin"), "org_1", {Scope.ALL}),
        (member_of("org_1", "member"), "org_1", {Scope.READ, Scope.EXECUTE}),
        (member_of("org_1", "billing"), "org_1", {Scope.READ}),
        ({"v": None}, None, {Scope.ALL}),
        ({**FIRST, "org_role": "org:admin"}, "org_1", {Scope.ALL}),
        ({**FIRST, "org_role": "admin"}, "org_1", {Scope.ALL}),
        ({**FIRST, "org_role": "org:member"}, "org_1", {Scope.READ, Scope.EXECUTE}),
        ({**FIRST, "org_role": "basic_member"}, "org_1", {Scope.READ}),
    ],
)
def test_an_organisation_is_the_owner_and_the_role_says_what_may_be_done(
    said: dict[str, Any], organisation: str | None, scopes: set[Scope]
) -> None:
    session = session_of(claims(NOW, **said), POLICY)
    assert (session.organisation, session.identity.subject) == (organisation, organisation or "user_ada")
    assert session.scopes == scopes


@pytest.mark.parametrize(
    "said",
    [
        {"iss": None}, {"iss": ISSUER + "/"}, {"iss": "https://clerk.example.com.evil.example"}, {"iss": [ISSUER]},
        {"sub": None}, {"sub": ""}, {"sub": 7}, {"sub": "a b"}, {"sub": "x" * 256}, {"sub": "user\n"},
        {"exp": None}, {"exp": "tomorrow"}, {"exp": True}, {"exp": float("inf")}, {"exp": -1}, {"exp": 1e300},
        {"iat": None}, {"nbf": "now"},
        {"sts": "pending"}, {"sts": "odd"}, {"sts": True},
        {"o": []}, {"o": {}}, {"o": {"id": "org_1"}}, {"o": {"rol": "admin"}}, {"o": {"id": 7, "rol": "admin"}},
        {"v": None, "org_id": 7, "org_role": "org:admin"}, {"v": None, "org_id": "org_1"},
        {"v": None, "org_id": "", "org_role": "org:admin"},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_missing_odd_or_pending_is_not_accepted(said: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated, match="not accepted"):
        session_of(claims(NOW, **said), POLICY)


def test_the_second_version_is_not_read_as_the_first() -> None:
    said = {**member_of("org_mine", "member"), "org_id": "org_theirs", "org_role": "org:admin"}
    session = session_of(claims(NOW, **said), POLICY)
    assert (session.organisation, session.role) == ("org_mine", "member")


@pytest.mark.parametrize(
    ("party", "good"), [("https://app.example.com", True), ("https://evil.example", False), (None, True)]
)
def test_a_party_must_be_an_allowed_one_where_it_is_named(party: str | None, good: bool) -> None:  # noqa: FBT001
    policy = Policy(ISSUER, parties=frozenset({"https://app.example.com"}))
    _accepted(policy, good, azp=party)


@pytest.mark.parametrize(
    ("wanted", "said", "good"),
    [
        (set(), "another-app", False), (set(), ["another-app"], False), (set(), None, True),
        ({"us"}, "us", True), ({"us"}, ["them", "us"], True), ({"us"}, "them", False), ({"us"}, None, False),
        ({"us"}, [["us"]], False), ({"us"}, 7, False),
    ],
)  # fmt: skip
def test_a_token_for_another_audience_is_not_accepted(wanted: set[str], said: object, good: bool) -> None:  # noqa: FBT001
    _accepted(Policy(ISSUER, audiences=frozenset(wanted)), good, aud=said)


def _accepted(policy: Policy, good: bool, **said: object) -> None:  # noqa: FBT001
    if good:
        session_of(claims(NOW, **said), policy)
        return
    with pytest.raises(Unauthenticated):
        session_of(claims(NOW, **said), policy)


def test_a_session_counts_from_its_beginning_to_its_end_with_clocks_that_differ_a_little() -> None:
    session = session_of(claims(NOW), POLICY)
    for good in (NOW - LEEWAY, NOW, NOW + timedelta(seconds=64)):
        session.check(good)
    for bad in (NOW - LEEWAY - timedelta(seconds=1), NOW + timedelta(seconds=65)):
        with pytest.raises(Unauthenticated):
            session.check(bad)
