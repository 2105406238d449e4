"""Seals and opens secrets; the one place where plaintext becomes ciphertext and back."""

import hmac
import json
import secrets
from collections.abc import Callable
from datetime import datetime

from moorings.domain.credential import CredentialRef, Revision, StoredSecret
from moorings.domain.ids import OWNER_KEY, new_id
from moorings.domain.owner_key import CheckValue, WrappedKey
from moorings.domain.secret import Sealed, Secret, SecretFields
from moorings.errors import SealBroken, WrongRootKey
from moorings.vault.envelope import KEY_BYTES, Context, Key
from moorings.vault.keyring import Keyring


class Vault:
    """Owner keys under root keys, and secrets under owner keys; it knows no database."""

    def __init__(self, keyring: Keyring, token_bytes: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self.keyring, self._token_bytes = keyring, token_bytes

    def new_owner_key(self, owner: str, generation: int, now: datetime) -> tuple[Key, WrappedKey]:
        """A fresh key for an owner, and the same wrapped by the current root key."""
        key = Key(new_id(OWNER_KEY, now), self._token_bytes(KEY_BYTES))
        return key, self._wrapped(key, owner, generation, now)

    def unwrap(self, wrapped: WrappedKey) -> Key:
        """The owner key; raises `WrongRootKey` when its root key is not loaded or another bears its number."""
        root = self.keyring.get(wrapped.root_key_id)
        return root.open_key(wrapped.wrapped, wrapped.id, _key_context(wrapped.owner, wrapped.id, wrapped.generation))

    def rewrap(self, wrapped: WrappedKey) -> WrappedKey:
        """The same owner key under the current root key."""
        return self._wrapped(self.unwrap(wrapped), wrapped.owner, wrapped.generation, wrapped.created_at)

    def seal(self, key: Key, ref: CredentialRef, integration: str, fields: SecretFields, revision: str) -> Sealed:
        """All fields as one value, bound to owner, place, integration, environment, field set and revision."""
        plaintext = json.dumps({name: fields[name].reveal() for name in sorted(fields)}, ensure_ascii=False).encode()
        return Sealed(key.seal(plaintext, _credential_context(ref, integration, tuple(fields), revision)), key.id)

    def open(self, key: Key, stored: StoredSecret, integration: str) -> dict[str, Secret]:
        """The fields, for whoever shows them to this integration's hosts and to no others.

        Raises `SealBroken` for a record that was changed, moved, sealed for another integration, or put back after a
        later writing.
        """
        _check_integration(stored, integration)
        self._check_current(key, stored)
        context = _credential_context(stored.ref, integration, stored.field_names, stored.revision_id)
        fields = json.loads(key.open(stored.sealed.data, context))
        return {name: Secret(value) for name, value in fields.items()}

    def stamp(self, key: Key, ref: CredentialRef, revision: str) -> Revision:
        """A revision with its proof; kept beside the record and outliving it."""
        return Revision(revision, key.mac(_revision_context(ref, revision).encode()))

    def seal_bytes(self, key: Key, context: Context, plaintext: bytes) -> Sealed:
        """Any bytes, for values that are no credential."""
        return Sealed(key.seal(plaintext, context), key.id)

    def open_bytes(self, key: Key, context: Context, sealed: Sealed) -> bytes:
        """What `seal_bytes` sealed."""
        return key.open(sealed.data, context)

    def check_value(self, root_key_id: str) -> CheckValue:
        """What is stored of a root key so that it can be recognised."""
        return CheckValue(root_key_id, self.keyring.get(root_key_id).check_value)

    def check(self, stored: CheckValue) -> None:
        """Raise `WrongRootKey` when the loaded key of this number is not the one the database was sealed with."""
        key = self.keyring.get(stored.root_key_id)
        if key.check_value != stored.value:
            raise WrongRootKey(
                f"The loaded root key {key.id} is not the {key.id} that sealed this database; restore the right one."
            )

    def _check_current(self, key: Key, stored: StoredSecret) -> None:
        # The record's own revision proves only that its bytes belong together. An attacker who writes to the database
        # could put a whole old row back; the stamp beside it, made by the latest writing, gives that away.
        current = stored.current
        if current is None or current.id != stored.revision_id:
            raise SealBroken(f"The record of {_where(stored.ref)} is not its latest writing; an old one was put back.")
        if not hmac.compare_digest(self.stamp(key, stored.ref, current.id).stamp, current.stamp):
            raise SealBroken(f"The revision stamp of {_where(stored.ref)} was changed.")

    def _wrapped(self, key: Key, owner: str, generation: int, created_at: datetime) -> WrappedKey:
        root = self.keyring.current
        data = root.seal_key(key, _key_context(owner, key.id, generation))
        return WrappedKey(key.id, owner, generation, root.id, data, created_at)


def _check_integration(stored: StoredSecret, integration: str) -> None:
    # The row's own word is for a clear message; what counts is that the seal does not open with another integration.
    if stored.integration != integration:
        raise SealBroken(
            f"The credential {_where(stored.ref)} was sealed for {stored.integration or 'no integration'} and is not "
            f"shown to {integration}: a row was changed past Moorings. Put that right, or remove it and save it anew."
        )


def _credential_context(ref: CredentialRef, integration: str, fields: tuple[str, ...], revision: str) -> Context:
    return Context("credential", ref.owner, ref.integration_id, ref.environment, fields, revision, integration)


def _revision_context(ref: CredentialRef, revision: str) -> Context:
    return Context("revision", ref.owner, ref.integration_id, ref.environment, (), revision)


def _key_context(owner: str, key_id: str, generation: int) -> Context:
    return Context("owner key", owner, key_id, None, (), str(generation))


def _where(ref: CredentialRef) -> str:
    return f"{ref.integration_id} ({ref.environment or 'all environments'}) of {ref.owner}"
