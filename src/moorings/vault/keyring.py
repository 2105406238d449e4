"""Root keys: numbered, one current, from a file or a setting."""

import base64
import fcntl
import os
import re
import secrets
import shlex
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from moorings.errors import ConfigurationError, WrongRootKey
from moorings.vault.envelope import KEY_BYTES, Key

_ID = re.compile(r"k([1-9][0-9]{0,8})")
_HEADING = """\
# The root keys of this Moorings server: one line each, a number and 32 random bytes in base64; the highest is current.
# Back this file up, apart from the database: without it nothing in the database can be opened, by nobody.
# Keep it secret: with it and the database everything can. A key may be destroyed when `moorings vault status` counts
# no record under it.
"""


class KeySource(Protocol):
    """Where root keys come from."""

    def load(self) -> Mapping[str, Key]:
        """All keys by their id; raises `ConfigurationError` when they cannot be read."""
        ...

    def add(self, *, first: bool = False) -> str:
        """Make a new key, the highest, and return its id; with `first` only where there is none yet.

        Raises `ConfigurationError` where keys are made elsewhere.
        """
        ...


class KeyFile:
    """A file that only its owner reads; written whole and moved into place, so that a crash leaves the old one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> Mapping[str, Key]:
        """See `KeySource.load`; an absent file holds no keys."""
        with self._readable():
            if not self.path.exists():
                return {}
            self._refuse_if_open_to_others()
            # Bytes that are no text become a line that is no key: a decoding error would carry the file along.
            lines = self.path.read_bytes().decode("utf-8", errors="replace").splitlines()
        return _parse((line.split(None, 1) for line in lines if line and not line.startswith("#")), str(self.path))

    def add(self, *, first: bool = False) -> str:
        """See `KeySource.add`. Processes that start at once take turns, so that no key is lost."""
        with self._readable(), self._alone():
            present = sorted(int(key_id[1:]) for key_id in self.load())
            if first and present:
                return f"k{present[-1]}"
            number = (present[-1] if present else 0) + 1
            text = self.path.read_text(encoding="utf-8") if self.path.exists() else _HEADING
            text += "" if text.endswith("\n") else "\n"
            self._write(f"{text}k{number} {base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n")
            return f"k{number}"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ConfigurationError(f"The key file {self.path} cannot be used: {error.strerror}.") from None

    def _write(self, text: str) -> None:
        fresh = self.path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
        _sync_folder(self.path.parent)

    def _refuse_if_open_to_others(self) -> None:
        if self.path.is_dir():
            raise ConfigurationError(f"The key file {self.path} is a directory; put the file in its place.")
        if self.path.stat().st_mode & 0o077:
            raise ConfigurationError(
                f"{self.path} can be read by others on this machine; run: chmod 600 {shlex.quote(str(self.path))}"
            )


class KeyText:
    """Root keys in a setting, `k1:<base64>,k2:<base64>`; new ones are added by whoever writes the setting."""

    def __init__(self, text: str) -> None:
        self._text = text

    def load(self) -> Mapping[str, Key]:
        """See `KeySource.load`."""
        return _parse(
            (part.strip().split(":", 1) for part in self._text.split(",") if part.strip()), "MOORINGS_ROOT_KEYS"
        )

    def add(self, *, first: bool = False) -> str:  # noqa: ARG002 - the contract's signature
        """See `KeySource.add`."""
        raise ConfigurationError(
            "The root keys stand in MOORINGS_ROOT_KEYS: add one with the next number there, restart, and rotate again."
        )


class Keyring:
    """The loaded root keys; looks at its source again when a key is asked for that another process has added."""

    def __init__(self, source: KeySource) -> None:
        self._source = source
        self._keys: Mapping[str, Key] = source.load()

    @property
    def ids(self) -> list[str]:
        """All loaded ids, oldest first."""
        return sorted(self._keys, key=_number)

    @property
    def current(self) -> Key:
        """The key with the highest number; raises `ConfigurationError` when there is none."""
        if not self._keys:
            raise ConfigurationError("There is no root key; start the server once, or set MOORINGS_ROOT_KEYS.")
        return self._keys[self.ids[-1]]

    def get(self, key_id: str) -> Key:
        """By id; raises `WrongRootKey` naming what is wanted and what is loaded."""
        if key_id not in self._keys:
            self.reload()
        if key_id not in self._keys:
            loaded = ", ".join(self.ids) or "none"
            raise WrongRootKey(
                f"The root key {key_id} is wanted and not loaded (loaded: {loaded}); restore it from its backup."
            )
        return self._keys[key_id]

    def reload(self) -> None:
        """Read the source again."""
        self._keys = self._source.load()

    def add(self, *, first: bool = False) -> str:
        """Make a new current key and return its id; with `first` only where there is none yet."""
        key_id = self._source.add(first=first)
        self.reload()
        return key_id


def _parse(pairs: Iterable[list[str]], place: str) -> Mapping[str, Key]:
    keys: dict[str, Key] = {}
    for pair in pairs:
        if len(pair) < len(("id", "key")) or not _ID.fullmatch(pair[0]):
            raise ConfigurationError(f"{place} holds an entry that is not a number such as k1 with a key.")
        if pair[0] in keys:
            raise ConfigurationError(f"{place} holds {pair[0]} twice.")
        keys[pair[0]] = Key(pair[0], _material(pair[0], pair[1].strip(), place))
    return keys


def _material(key_id: str, text: str, place: str) -> bytes:
    try:
        material = base64.b64decode(text, validate=True)
    except ValueError:
        material = b""
    if len(material) != KEY_BYTES:
        raise ConfigurationError(f"The root key {key_id} in {place} is not {KEY_BYTES} bytes in base64.")
    return material


def _number(key_id: str) -> int:
    return int(key_id[1:])


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
