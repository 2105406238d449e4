"""How a server is started: what was typed, which every one of its processes must know."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from moorings.app import Begin
from moorings.settings import Settings, load


@dataclass(frozen=True, slots=True)
class Start:
    """The settings that were typed, none of them a secret, and whether an empty database may be begun."""

    given: Mapping[str, Any]
    begin: Begin = Begin.AT_FIRST

    def settings(self) -> Settings:
        """What was typed, and the variables for the rest."""
        return load(**self.given)

    def on(self, port: int, emulators_port: int) -> "Start":
        """The same on ports that were found free."""
        return replace(self, given={**self.given, "port": port, "emulators_port": emulators_port})
