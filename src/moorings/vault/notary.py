"""Proves where an owner's audit ends, by a keyed hash under a root key."""

import hmac

from moorings.domain.audit import Head
from moorings.errors import ConfigurationError, WrongRootKey
from moorings.vault.envelope import Context, Key
from moorings.vault.keyring import Keyring


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


def _proof(key: Key, owner: str, sequence: int, digest: bytes) -> bytes:
    return key.mac(Context("audit head", owner, str(sequence), revision=digest.hex()).encode())
