"""Gives our word, a keyed hash under a root key, for where an audit ends and for rows that decide something."""

import hmac
from contextlib import suppress

from moorings.domain.attestation import Attestation
from moorings.domain.audit import Head
from moorings.errors import ConfigurationError, WrongRootKey
from moorings.vault.envelope import Context, Key
from moorings.vault.keyring import Keyring

ROW = b"moorings row 1 "
"""Keeps rows apart from all else that a root key says: a context begins with a length."""


class RootKeyNotary:
    """See `moorings.domain.audit.Notary`.

    A root key and not the owner's: an owner has entries before it has a key, and the proof is made in the middle of a
    transaction, where no other key could be fetched.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def head(self, owner: str, sequence: int, digest: bytes) -> Head:
        """See `Notary.head`."""
        if sequence == 1:
            self._keyring.reload()  # nothing told of a newer root key yet: later heads name the one that proved them
        key = self._keyring.current
        return Head(owner, sequence, digest, key.id, _proof(key, owner, sequence, digest))

    def proves(self, head: Head) -> bool:
        """See `Notary.proves`."""
        try:
            key = self._keyring.get(head.root_key_id)
        except (WrongRootKey, ConfigurationError):
            return False
        return hmac.compare_digest(_proof(key, head.owner, head.sequence, head.hash), head.proof)

    def attest(self, claim: bytes, beside: str | None) -> Attestation:
        """See `Notary.attest`."""
        if beside is None:
            self._keyring.reload()  # as for a first head: nothing told of a newer root key yet
        else:
            with suppress(WrongRootKey, ConfigurationError):
                self._keyring.get(beside)
        key = self._keyring.current
        return Attestation(key.id, key.mac(ROW + claim))

    def confirms(self, claim: bytes, attestation: Attestation) -> bool:
        """See `Notary.confirms`."""
        try:
            key = self._keyring.get(attestation.root_key_id)
        except (WrongRootKey, ConfigurationError):
            return False
        return hmac.compare_digest(key.mac(ROW + claim), attestation.mac)


def _proof(key: Key, owner: str, sequence: int, digest: bytes) -> bytes:
    return key.mac(Context("audit head", owner, str(sequence), revision=digest.hex()).encode())
