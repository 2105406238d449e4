"""A session at a company's own sign-in (Clerk, or any OpenID issuer with the same claims), read from its token.

Clerk has two versions of its claims (https://clerk.com/docs/backend-requests/resources/session-tokens): in the first an
active organisation stands in `org_id` and `org_role`, in the second in `o`, whose role lacks the prefix `org:`.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from moorings.domain.caller import Scope
from moorings.errors import Unauthenticated

LEEWAY = timedelta(seconds=5)
"""How far clocks may differ."""

LATEST = 253_402_214_400  # the last day of the year 9999; with it a datetime ends, and clocks may differ
ADMIN, MEMBER = "admin", "member"
USER, NAME_LENGTH = "user", 255
_ID = re.compile(r"[!-~]{1,255}")
_READING = frozenset({Scope.READ})
_ROLES = {ADMIN: frozenset({Scope.ALL}), MEMBER: frozenset({Scope.READ, Scope.EXECUTE})}

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Policy:
    """What an operator demands of a token; empty `parties` or `audiences` demand nothing of `azp` and no `aud`."""

    issuer: str
    parties: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Identity:
    """An organisation as its issuer calls it, or with `user` a person: the two may bear the same id."""

    issuer: str
    subject: str
    user: bool = False

    @property
    def name(self) -> str:
        """Within the issuer; no organisation has a blank in its id, so that no person is taken for one."""
        if not self.user:
            return self.subject
        name = f"{USER} {self.subject}"
        return name if len(name) <= NAME_LENGTH else f"{USER} sha256-{sha256(self.subject.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in, for which organisation and in which role there, and from when until when."""

    issuer: str
    user: str
    organisation: str | None
    role: str | None
    begins_at: datetime
    ends_at: datetime

    @property
    def identity(self) -> Identity:
        """Whose things are meant: the organisation's, else the user's own."""
        if self.organisation is not None:
            return Identity(self.issuer, self.organisation)
        return Identity(self.issuer, self.user, user=True)

    @property
    def scopes(self) -> frozenset[Scope]:
        """Everything in one's own place; in an organisation what the role allows, a role we do not know only reads."""
        if self.organisation is None:
            return _ROLES[ADMIN]
        return _ROLES.get(self.role or MEMBER, _READING)

    def check(self, now: datetime) -> None:
        """Raise `Unauthenticated` before the session begins and from its end on."""
        if now >= self.ends_at + LEEWAY:
            raise _refused("it has expired; get a fresh one")
        if now < self.begins_at - LEEWAY:
            raise _refused("it is not valid yet; compare the clocks")


def session_of(claims: Claims, policy: Policy) -> Session:
    """The session of a token whose signature is proven; raises `Unauthenticated` with the reason."""
    if claims.get("iss") != policy.issuer:
        raise _refused("another issuer has made it")
    if claims.get("sts") not in (None, "active"):
        raise _refused("the sign-in is not complete")
    _check_party(claims.get("azp"), policy.parties)
    _check_audience(claims.get("aud"), policy.audiences)
    organisation, role = _second(claims) if claims.get("v") == 2 or "o" in claims else _first(claims)  # noqa: PLR2004 - the version itself
    begins_at = max(_moment(claims, "iat"), _moment(claims, "nbf") if "nbf" in claims else _moment(claims, "iat"))
    user = _id(claims.get("sub"), "it names no user (`sub`)")
    return Session(policy.issuer, user, organisation, role, begins_at, _moment(claims, "exp"))


def _first(claims: Claims) -> tuple[str | None, str | None]:
    if claims.get("org_id") is None:
        return None, None
    return _organisation(claims["org_id"], claims.get("org_role"))


def _second(claims: Claims) -> tuple[str | None, str | None]:
    active = claims.get("o")
    if active is None:
        return None, None
    if not isinstance(active, dict):
        raise _refused("its organisation cannot be read")
    return _organisation(active.get("id"), active.get("rol"))


def _organisation(name: object, role: object) -> tuple[str, str]:
    # A token that speaks of an organisation and names none must not fall back to the user's own place.
    if not isinstance(role, str):
        raise _refused("its role cannot be read")
    return _id(name, "its organisation cannot be read"), role.removeprefix("org:")


def _check_party(party: object, allowed: Collection[str]) -> None:
    if allowed and party is not None and party not in allowed:
        raise _refused("it was made for another site (`azp`)")


def _check_audience(audience: object, allowed: Collection[str]) -> None:
    named = audience if isinstance(audience, list) else [] if audience is None else [audience]
    if (named or allowed) and not any(isinstance(name, str) and name in allowed for name in named):
        raise _refused("it was made for another audience (`aud`)")


def _moment(claims: Claims, name: str) -> datetime:
    value = claims.get(name)
    # A boolean is a number to Python, and JSON knows numbers that no calendar does.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LATEST:
        raise _refused(f"its time `{name}` is missing or none")
    return datetime.fromtimestamp(value, UTC)


def _id(value: object, reason: str) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise _refused(reason)
    return value


def _refused(reason: str) -> Unauthenticated:
    return Unauthenticated(f"This session token is not accepted: {reason}.")
