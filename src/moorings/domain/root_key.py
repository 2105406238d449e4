"""Root keys as an operator sees them, and what giving a new one did."""

from collections.abc import Callable
from dataclasses import dataclass, field

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class RootKeyView:
    """One root key: whether it is loaded and current, and what stands under it."""

    id: str
    loaded: bool
    current: bool
    owner_keys: int
    records: int

    @property
    def missing(self) -> bool:
        """Whether something cannot be opened for want of this key."""
        return not self.loaded and self.owner_keys > 0


@dataclass(slots=True)
class Outcome:
    """What a re-key did; `unreadable` names what could not be opened and was left as it is."""

    root_key_id: str
    resumed: bool
    rewrapped: int = 0
    resealed: int = 0
    unreadable: list[str] = field(default_factory=list)

    def note(self, message: str) -> None:
        """Remember what could not be opened, once."""
        if message not in self.unreadable:
            self.unreadable.append(message)
