"""Jobs: what falls due at some time, is done by a worker, and is tried again when that fails."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class JobKind(StrEnum):
    """What is to be done; the job's id says for what, and never holds a secret."""

    DELIVER = "deliver"
    POLL = "poll"
    CHECK = "check"
    REFRESH = "refresh"
    REVOKE = "revoke"
    REPAIR = "repair"
    BIND = "bind"
    MANAGE = "manage"


@dataclass(frozen=True, slots=True)
class Job:
    """One job in a worker's hands, and the how manieth try this is.

    `holder` stands in the row as long as nobody else has taken the job up.
    """

    kind: JobKind
    id: str
    attempts: int
    holder: str


@dataclass(frozen=True, slots=True)
class Wish:
    """That a job be done at this time or sooner."""

    kind: JobKind
    id: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """How many jobs of a kind one process runs at once, and how many seconds one may take."""

    at_once: int = 8
    seconds: float = 30.0
