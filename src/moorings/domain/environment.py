"""Environments and the one rule of look-up: the exact one, then all environments."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from moorings.errors import InvalidEnvironment

ALL = None
"""The environment of an entry that answers wherever no exact one stands."""

Environment = str | None


class Source(StrEnum):
    """Which entry answered: the environment's own or the one for all."""

    ENVIRONMENT = "environment"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Environments:
    """The environments this server knows, in the order people think of them."""

    names: tuple[str, ...]

    def check(self, name: Environment) -> Environment:
        """The same name; raises `InvalidEnvironment`, listing the valid ones."""
        if name is not None and name not in self.names:
            raise InvalidEnvironment(f"This environment is not known here; the valid ones are {self.sentence}.")
        return name

    @property
    def sentence(self) -> str:
        """The valid names as a list for a message."""
        return ", ".join(self.names)

    def sort(self, held: Iterable[Environment]) -> list[Environment]:
        """In the configured order, all environments first; names that left the setting come last."""
        order = {name: place for place, name in enumerate((ALL, *self.names))}
        return sorted(held, key=lambda name: (order.get(name, len(order)), name or ""))


def source_of(held: Iterable[Environment], asked: Environment) -> Source | None:
    """Which of the held entries answers for the environment asked for."""
    present = set(held)
    if asked is not ALL and asked in present:
        return Source.ENVIRONMENT
    return Source.ALL if ALL in present else None
