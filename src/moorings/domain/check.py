"""Checks: whether given or stored secrets work, and what that says about a stored one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moorings.domain.environment import Environment

FAILING_AFTER = 2
"""So many failed checks in a row mean that something fails; one may be an accident of the network."""


@dataclass(frozen=True, slots=True)
class Check:
    """Whether it works, and what was found; `error` is a sentence a person can act on, `code` its kind."""

    valid: bool
    checked_at: datetime
    latency_ms: int
    error: str | None = None
    code: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check says about a stored credential: nothing wrong, or a reason.

    `rejected` means that the provider was asked and said no. `final` means that a person has asked: one failure counts.
    """

    reason: str | None = None
    rejected: bool = False
    final: bool = False

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return self.reason is None


@dataclass(frozen=True, slots=True)
class Failing:
    """A stored credential that does not work, and why."""

    owner: str
    integration_id: str
    environment: Environment
    reason: str | None
