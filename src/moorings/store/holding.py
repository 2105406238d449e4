"""Who has a data directory open: servers and commands together, or a restore alone."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from moorings.errors import ConfigurationError, StoreBusy

FILE = "moorings.lock"
"""An empty file; that it is there means nothing. The system lets go of it for a process that was killed."""


class Hold:
    """A data directory held open until it is released; raises `StoreBusy` while a restore is under way."""

    def __init__(self, folder: Path) -> None:
        self._descriptor: int | None = _locked(
            folder, fcntl.LOCK_SH, f"A restore is under way in {folder}; try again when it is done."
        )

    def release(self) -> None:
        """Let go; a second time does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else has the directory open meanwhile; raises `StoreBusy` where somebody has."""
    descriptor = _locked(
        folder, fcntl.LOCK_EX, f"A server or a command has {folder} open; nothing was changed. End it first."
    )
    try:
        yield
    finally:
        os.close(descriptor)


def _locked(folder: Path, kind: int, busy: str) -> int:
    try:
        descriptor = os.open(folder / FILE, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigurationError(f"The file {folder / FILE} cannot be written: {error.strerror}.") from None
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise StoreBusy(busy) from None
    return descriptor
