"""What all measurements of one run share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from load import Call, Plan
from stock import Stock, fill


@dataclass(slots=True)
class Bench:
    """Where stores are put, how long a row takes, and how the run gets on."""

    folder: Path
    seconds: float
    warmup: float
    large: int
    advance: Callable[[float], None]
    _stores: int = 0
    _stocks: dict[int, Stock] = field(default_factory=dict)

    def fresh(self) -> Path:
        """A folder for a store of its own."""
        self._stores += 1
        return self.folder / f"store-{self._stores}"

    def stock(self, size: int) -> Stock:
        """A store with so many credentials; it is filled once, and this is a copy."""
        if size not in self._stocks:
            self._stocks[size] = fill(self.fresh(), size, self.advance)
        return self._stocks[size].copy(self.fresh())

    def plan(self, port: int, scripts: list[list[Call]], *, repeat: bool = True) -> Plan:
        """The scripts for as long as a row takes."""
        return Plan(port, scripts, self.seconds, self.warmup, repeat)
