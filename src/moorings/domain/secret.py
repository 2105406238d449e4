"""Plaintext that does not print, and ciphertext that may be stored."""

import hmac
from collections.abc import Mapping
from typing import NoReturn

PREVIEW_LENGTH = 4
PREVIEW_FROM = 12


class Secret:
    """A plaintext value; only `reveal` gives it out, so that every use can be found by that word."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The plaintext, for sealing it or for a provider's request."""
        return self._value

    def preview(self, prefix: str | None = None) -> str | None:
        """The published prefix and at most the last four characters; nothing of values shorter than twelve."""
        head = prefix if prefix and self._value.startswith(prefix) else ""
        if len(self._value) - len(head) < PREVIEW_FROM:
            return None
        return f"{head}…{self._value[-PREVIEW_LENGTH:]}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    __hash__ = None  # type: ignore[assignment]  # a hash in a crash dump would let a guess be confirmed

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret does not travel: it can be neither pickled nor copied into another process")


class Sealed:
    """Ciphertext under an owner key; the only form in which the store takes a secret."""

    __slots__ = ("data", "owner_key_id")

    def __init__(self, data: bytes, owner_key_id: str) -> None:
        self.data, self.owner_key_id = data, owner_key_id

    def __repr__(self) -> str:
        return f"Sealed({len(self.data)} bytes under {self.owner_key_id})"


SecretFields = Mapping[str, Secret]
