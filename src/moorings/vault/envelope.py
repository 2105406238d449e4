"""The bytes of a sealed value, and what they are bound to.

    version (1) | length of key id (1) | key id | key check value (4) | nonce (12) | ciphertext and tag

The header is part of the associated data, so that neither version nor key id can be exchanged.
"""

import hashlib
import hmac
import secrets
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from moorings.errors import SealBroken, WrongRootKey

VERSION = 2
"""What is written. Values of version 1, whose contexts did not say what they are bound to, open still."""

READ = (1, VERSION)
KEY_BYTES = 32
NONCE_BYTES = 12
CHECK_BYTES = 4
PREFIX = 2
"""Bytes before the key id: the version, and the length of the id."""
CHECK_TEXT = b"moorings key check value 1"


@dataclass(frozen=True, slots=True)
class Context:
    """Where a sealed value belongs; one opened with another context does not open.

    `kind` keeps values of different use apart; `fields` is the set of field names; `revision` is the writing.
    `bound_to` is what alone it may be used for: a credential for its integration, an event for its installation.
    """

    kind: str
    owner: str
    record: str
    environment: str | None = None
    fields: tuple[str, ...] = ()
    revision: str = ""
    bound_to: str = ""

    def encode(self, version: int = VERSION) -> bytes:
        """Length-prefixed, so that no two contexts collide; an absent environment differs from an empty one."""
        environment = () if self.environment is None else (self.environment,)
        groups = ((self.kind, self.owner, self.record, self.revision), environment, tuple(sorted(self.fields)))
        bound = ((self.bound_to,),) if self.bound_to and version > 1 else ()
        return b"".join(_pack(_join(group)) for group in (*groups, *bound))

    def __str__(self) -> str:
        place = "all environments" if self.environment is None else self.environment
        return f"{self.kind} {self.record} ({place}) of {self.owner}"


class Key:
    """A 256-bit key with its id; it does not print and keeps its cipher ready."""

    __slots__ = ("_cipher", "_headers", "_mac", "_material", "check_value", "id")

    def __init__(self, key_id: str, material: bytes) -> None:
        if len(material) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes")
        self.id, self._material = key_id, material
        self._cipher = AESGCM(material)
        # Prepared and copied: the one-call form gives the interpreter lock away each time.
        self._mac = hmac.new(hmac.digest(material, b"moorings mac key 1", hashlib.sha256), digestmod=hashlib.sha256)
        self.check_value = self.mac(CHECK_TEXT)[:CHECK_BYTES]
        rest = bytes((len(key_id),)) + key_id.encode() + self.check_value
        self._headers = {version: bytes((version,)) + rest for version in READ}

    def __repr__(self) -> str:
        return f"Key({self.id})"

    def mac(self, data: bytes) -> bytes:
        """A keyed hash of the data (HMAC-SHA256); it tells equality to us and nothing to others."""
        mac = self._mac.copy()
        mac.update(data)
        return mac.digest()

    def seal(self, plaintext: bytes, context: Context) -> bytes:
        """Ciphertext bound to its context. Nonces are random: safe for 2^32 values under one owner key."""
        nonce, header = secrets.token_bytes(NONCE_BYTES), self._headers[VERSION]
        return header + nonce + self._cipher.encrypt(nonce, plaintext, header + context.encode())

    def open(self, sealed: bytes, context: Context) -> bytes:
        """The plaintext; raises `WrongRootKey` for another key's value and `SealBroken` for a changed or moved one."""
        version = sealed[0] if sealed else 0
        header = self._headers.get(version, b"")
        if not header or not sealed.startswith(header):
            raise _mismatch(sealed, self, context)
        nonce, ciphertext = sealed[len(header) : len(header) + NONCE_BYTES], sealed[len(header) + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, ciphertext, header + context.encode(version))
        except (InvalidTag, ValueError):
            raise SealBroken(
                f"The sealed value of {context} was changed, moved or put back; it does not open."
            ) from None

    def seal_key(self, key: "Key", context: Context) -> bytes:
        """Another key, wrapped under this one."""
        return self.seal(key._material, context)  # noqa: SLF001 - a key is opened here and nowhere else

    def open_key(self, sealed: bytes, key_id: str, context: Context) -> "Key":
        """The key that `seal_key` wrapped."""
        return Key(key_id, self.open(sealed, context))


def key_id_of(sealed: bytes) -> str:
    """Which key a value was sealed under; raises `SealBroken` when it has no readable header."""
    if len(sealed) <= PREFIX or sealed[0] not in READ or len(sealed) < PREFIX + sealed[1] + CHECK_BYTES + NONCE_BYTES:
        raise SealBroken("A sealed value has no header that this version of Moorings knows; it was changed or cut off.")
    try:
        return sealed[PREFIX : PREFIX + sealed[1]].decode("ascii")
    except UnicodeDecodeError:
        raise SealBroken("A sealed value has a header that is not readable; it was changed.") from None


def _mismatch(sealed: bytes, key: Key, context: Context) -> SealBroken | WrongRootKey:
    try:
        found = key_id_of(sealed)
    except SealBroken:
        return SealBroken(f"The sealed value of {context} has no header that we know; it was changed or cut off.")
    if found != key.id:
        return SealBroken(f"The sealed value of {context} names the key {found} where {key.id} stands in its row.")
    return WrongRootKey(f"The sealed value of {context} wants another key than the {key.id} that is loaded.")


def _pack(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _join(parts: Iterable[str]) -> bytes:
    return b"".join(_pack(part.encode()) for part in parts)
