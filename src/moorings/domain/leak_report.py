"""What a search for leaked secrets looked through, and what it found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One place that was searched, and how many bytes it holds; None where it was not searched."""

    name: str
    size: int | None


@dataclass(frozen=True, slots=True)
class LeakReport:
    """How many secrets were sent, where they were looked for, and where they stood in plain sight; never a secret."""

    secrets: int
    places: tuple[Place, ...]
    found: tuple[str, ...]
