"""What is to be reached, as docs/performance.md has it, and what a measurement says to that."""

from collections.abc import Mapping
from dataclasses import dataclass, field

REACHED, BY_RATIO, BELOW = "reached", "reached by ratio", "below"

COMMITS, ANSWERS, INTERPRETER = "floor: durable commit", "floor: bare answer", "floor: interpreter start"
REFERENCE = {COMMITS: 5_370.0, ANSWERS: 32_990.0}
"""The floors of the machine on which the goals were set."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A number to reach and one to aim at; more is better for rates, less for everything else."""

    to_reach: float
    to_aim_at: float | None = None
    p99_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One measured operation. `floor` names the floor row that it is held against; `unit` is what it is counted in."""

    title: str
    measured: float
    unit: str
    p50_ms: float | None = None
    p99_ms: float | None = None
    errors: int = 0
    failures: list[str] = field(default_factory=list)
    floor: str | None = None
    note: str | None = None


RATE, SECONDS, MIB, ERRORS, TIMES, MILLISECONDS = "/s", "s", "MiB", "errors", "x", "ms"

GOALS = {
    "save": Goal(1_500, 3_000, p99_ms=30),
    "status": Goal(4_000, 8_000, p99_ms=12),
    "catalogue": Goal(3_000, 8_000),
    "catalogue, 304 by ETag": Goal(8_000, 8_000),
    "delete": Goal(1_500, 3_000),
    "start to first good answer": Goal(1.5, 0.7),
    "memory, idle": Goal(100, 70),
    "memory, after 10,000 saves": Goal(130, 70),
    "16 writers, 10,000 saves": Goal(0, 0),
    "tools of 50 integrations": Goal(800, p99_ms=20),
    "tool call, what Moorings adds": Goal(5, p99_ms=15),
    "events, 200 a second": Goal(50, p99_ms=100),
    "growth of save": Goal(1.3, 1.1),
    "growth of status": Goal(1.3, 1.1),
    "growth of delete": Goal(1.3, 1.1),
    "re-key 100,000 records while serving": Goal(60),
    "the same, killed three times": Goal(120),
}


def verdict(row: Row, floors: Mapping[str, Row]) -> str | None:
    """Reached or below; None for a row that has no goal.

    Machines differ, and the ratio to the floor of the same run is what counts: a rate that is too low for the goal
    still reaches it when its share of the floor is what the goal was of the floor it was set beside.
    """
    goal = GOALS.get(row.title)
    if goal is None:
        return None
    if row.errors or (goal.p99_ms is not None and row.p99_ms is not None and row.p99_ms > goal.p99_ms):
        return BELOW
    if row.unit != RATE:
        return REACHED if row.measured <= goal.to_reach else BELOW
    if row.measured >= goal.to_reach:
        return REACHED
    share = ratio(row, floors)
    if row.floor in REFERENCE and share is not None and share >= goal.to_reach / REFERENCE[row.floor]:
        return BY_RATIO
    return BELOW


def ratio(row: Row, floors: Mapping[str, Row]) -> float | None:
    """The measured number as a multiple of its floor."""
    if row.floor is None or row.floor not in floors:
        return None
    return row.measured / floors[row.floor].measured
