"""When an empty database is begun: at a server's first start, and nowhere unheard.

A command in the wrong directory would otherwise find nothing, and a server whose database was lost would serve nothing.
"""

from dataclasses import dataclass
from enum import Enum, auto

from moorings.errors import NoDatabase
from moorings.settings import Settings
from moorings.vault.keyring import Keyring


class Begin(Enum):
    """Whether an empty database may be begun."""

    NEVER = auto()
    AT_FIRST = auto()
    """Where no root keys tell of an earlier one."""
    ANYWAY = auto()


@dataclass(slots=True)
class Beginning:
    """Asked before an empty database is begun; `place` is where that was, None where one stood already."""

    settings: Settings
    keyring: Keyring
    begin: Begin
    place: str | None = None

    def __call__(self, place: str) -> None:
        """Remember the place; raises `NoDatabase` where none shall be begun."""
        half = self._half
        if self.begin is Begin.NEVER or (half and self.begin is Begin.AT_FIRST):
            raise NoDatabase(f"There is no database at {place}{self._found if half else ''}. {self._way}", half=half)
        self.place = place

    @property
    def _half(self) -> bool:
        """Keys in a file are left behind by an earlier start; those of the setting are given before the first."""
        return self.settings.root_keys is None and bool(self.keyring.ids)

    @property
    def _found(self) -> str:
        keys = ", ".join(self.keyring.ids)
        return f", but {self.settings.key_file.absolute()} holds {keys}, the root keys of one that was lost or moved"

    @property
    def _way(self) -> str:
        if self.begin is Begin.NEVER:
            return (
                "Name the data directory (--data-dir, MOORINGS_DATA_DIR) or a server's address (--url, MOORINGS_URL). "
                "A new one is begun by `moorings serve`."
            )
        return (
            "Put it back (`moorings restore`), or name its place (MOORINGS_DATA_DIR); to begin an empty one under "
            "these keys, start once with --new-database."
        )
