"""Finds the emulators: every module of this package that has an `EMULATOR`."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

import moorings.emulators as package
from moorings.emulators.contract import Emulator
from moorings.errors import ConfigurationError


def all_emulators() -> dict[str, Emulator]:
    """All emulators by their integration's id; raises `ConfigurationError` when two claim the same."""
    found: dict[str, Emulator] = {}
    for emulator in _emulators():
        if emulator.integration_id in found:
            raise ConfigurationError(f"Two emulators stand in for {emulator.integration_id}; remove one of them.")
        found[emulator.integration_id] = emulator
    return found


def _emulators() -> Iterator[Emulator]:
    for entry in iter_modules(package.__path__):
        module = import_module(f"{package.__name__}.{entry.name}")
        if hasattr(module, "EMULATOR"):
            yield module.EMULATOR
