"""The store as plain dictionaries: what each function shall return and leave behind, without any database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from moorings.domain.api_key import ApiKey
from moorings.domain.audit import AuditEntry
from moorings.domain.credential import (
    Account,
    Credential,
    CredentialRef,
    CredentialState,
    Revision,
    Status,
    StoredSecret,
)
from moorings.domain.environment import Environment
from moorings.domain.installation import Installation, InstallationStatus
from moorings.domain.owner import Owner
from moorings.domain.owner_key import CheckValue, WrappedKey
from moorings.errors import Clash, IntegrationNotFound, OwnerExists
from moorings.store.idempotency import Kept
from moorings.store.reseal import Resealed

CLASH = "The change contradicts what is stored; nothing was changed."


@dataclass
class Held:
    """A credential with what outlives its replacement."""

    credential: Credential
    created_at: datetime


@dataclass
class Model:
    """Everything that is stored. The names of its methods are those of the functions they stand for."""

    owners: dict[str, Owner] = field(default_factory=dict)
    roots: dict[str, CheckValue] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    owner_keys: dict[str, WrappedKey] = field(default_factory=dict)
    credentials: dict[CredentialRef, Held] = field(default_factory=dict)
    revisions: dict[CredentialRef, Revision] = field(default_factory=dict)
    installations: dict[str, Installation] = field(default_factory=dict)
    api_keys: dict[str, ApiKey] = field(default_factory=dict)
    calls: dict[tuple[str, str], Kept] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    entries: list[AuditEntry] = field(default_factory=list)

    def _append(self, entry: AuditEntry) -> None:
        _clash_unless(entry.owner in self.owners)
        self.entries.append(entry)

    def owners_add(self, owner: Owner, entry: AuditEntry) -> None:
        if any(owner.name == each.name or owner.id == each.id for each in self.owners.values()):
            raise OwnerExists(f"An owner called {owner.name} exists already; choose another name.")
        self.owners[owner.id] = owner
        self._append(entry)

    def owners_every(self) -> list[Owner]:
        return sorted(self.owners.values(), key=lambda owner: (owner.created_at, owner.id))

    def owners_first(self) -> Owner | None:
        return next(iter(self.owners_every()), None)

    def owners_find(self, name: str) -> Owner | None:
        return next((owner for owner in self.owners.values() if name in (owner.id, owner.name)), None)

    def keys_add_root(self, value: CheckValue, _now: datetime) -> bool:
        if not self.roots:
            self.settled.add(value.root_key_id)
        return self.roots.setdefault(value.root_key_id, value) is value

    def keys_add_first(self, key: WrappedKey, root: CheckValue, now: datetime) -> bool:
        if self.keys_add_root(root, now):
            self.settled.add(root.root_key_id)
        return self.keys_add(key)

    def keys_roots(self) -> list[CheckValue]:
        return list(self.roots.values())

    def keys_add(self, key: WrappedKey) -> bool:
        if any((key.owner, key.generation) == (each.owner, each.generation) for each in self.owner_keys.values()):
            return False
        _clash_unless(key.id not in self.owner_keys and key.owner in self.owners and key.root_key_id in self.roots)
        self.owner_keys[key.id] = key
        return True

    def _keys_of(self, owner: str) -> list[WrappedKey]:
        return sorted((key for key in self.owner_keys.values() if key.owner == owner), key=lambda key: key.generation)

    def keys_current(self, owner: str) -> WrappedKey | None:
        return next(reversed(self._keys_of(owner)), None)

    def keys_by_id(self, owner: str, key_id: str) -> WrappedKey | None:
        key = self.owner_keys.get(key_id)
        return key if key is not None and key.owner == owner else None

    def keys_superseded(self) -> list[WrappedKey]:
        return [key for owner in sorted(self.owners) for key in self._keys_of(owner)[:-1]]

    def keys_not_under(self, root_key_id: str, after: str, limit: int) -> list[WrappedKey]:
        older = [key for key in self.owner_keys.values() if key.root_key_id < root_key_id and key.id > after]
        return sorted(older, key=lambda key: key.id)[:limit]

    def keys_settle(self, root_key_id: str, _now: datetime) -> None:
        if root_key_id in self.roots:
            self.settled.add(root_key_id)

    def keys_settled(self, root_key_id: str) -> bool:
        return root_key_id in self.settled

    def keys_rewrap(self, keys: Sequence[tuple[str, WrappedKey]]) -> None:
        for before, key in keys:
            present = self.owner_keys.get(key.id)
            if present is not None and present.root_key_id == before:
                _clash_unless(key.root_key_id in self.roots)
                self.owner_keys[key.id] = replace(present, root_key_id=key.root_key_id, wrapped=key.wrapped)

    def keys_delete_unused(self, key_id: str) -> bool:
        used = {held.credential.sealed.owner_key_id for held in self.credentials.values()}
        used |= {call.owner_key_id for call in self.calls.values()}
        return key_id not in used and self.owner_keys.pop(key_id, None) is not None

    def keys_records_by_root(self) -> Mapping[str, int]:
        under = [self.owner_keys[held.credential.sealed.owner_key_id].root_key_id for held in self.credentials.values()]
        return {root: under.count(root) for root in {key.root_key_id for key in self.owner_keys.values()}}

    def credentials_put(self, credential: Credential, entry: AuditEntry) -> None:
        ref = credential.ref
        _clash_unless(ref.owner in self.owners and credential.sealed.owner_key_id in self.owner_keys)
        before = self.credentials.get(ref)
        self.credentials[ref] = Held(credential, before.created_at if before else credential.saved_at)
        self.revisions[ref] = credential.revision
        self._append(entry)

    def credentials_remove(self, ref: CredentialRef, tombstone: Revision, entry: AuditEntry) -> bool:
        if self.credentials.pop(ref, None) is None:
            return False
        self.revisions[ref] = tombstone
        self._append(entry)
        return True

    def credentials_states(self, owner: str, loaded: frozenset[str]) -> list[CredentialState]:
        return [self._state(held.credential, loaded) for ref, held in self.credentials.items() if ref.owner == owner]

    def _state(self, kept: Credential, loaded: frozenset[str]) -> CredentialState:
        readable = self.owner_keys[kept.sealed.owner_key_id].root_key_id in loaded
        return CredentialState(
            kept.ref.integration_id, kept.ref.environment, kept.shown,
            kept.status if readable else Status.UNREADABLE, kept.account, kept.verified_at, None, None, kept.saved_at,
            integration=kept.integration,
        )  # fmt: skip

    def credentials_held(self, owner: str, integration_id: str) -> list[Environment]:
        return [
            ref.environment for ref in self.credentials if (ref.owner, ref.integration_id) == (owner, integration_id)
        ]

    def credentials_secret(self, ref: CredentialRef) -> StoredSecret | None:
        if ref not in self.credentials:
            return None
        kept = self.credentials[ref].credential
        return StoredSecret(
            ref, kept.integration, kept.sealed, tuple(kept.previews), kept.revision.id, self.revisions[ref]
        )

    def connections_save(self, credential: Credential, entry: AuditEntry, *, installed: bool = False) -> None:
        self.credentials_put(credential, entry)
        if installed:
            ref = credential.ref
            place = (ref.owner, ref.integration_id)
            if not self.installations_connect(*place, credential.account, credential.verified_at, credential.saved_at):
                raise IntegrationNotFound("The installation was removed while its credentials were checked.")

    def connections_uninstall(
        self, ref: CredentialRef, tombstones: Mapping[Environment, Revision], entry: AuditEntry
    ) -> bool:
        if not self.installations_remove(ref.owner, ref.integration_id):
            return False
        for environment in self.credentials_held(ref.owner, ref.integration_id):
            place = CredentialRef(ref.owner, ref.integration_id, environment)
            del self.credentials[place]
            self.revisions[place] = tombstones.get(environment, tombstones[None])
        self._append(entry)
        return True

    def installations_add(self, installation: Installation, entry: AuditEntry) -> None:
        _clash_unless(installation.id not in self.installations and installation.owner in self.owners)
        self.installations[installation.id] = installation
        self._append(entry)

    def installations_of_owner(self, owner: str) -> list[Installation]:
        found = [each for each in self.installations.values() if each.owner == owner]
        return sorted(found, key=lambda each: each.id)

    def installations_find(self, owner: str, installation_id: str) -> Installation | None:
        found = self.installations.get(installation_id)
        return found if found is not None and found.owner == owner else None

    def installations_connect(
        self, owner: str, installation_id: str, account: Account | None, verified_at: datetime | None, now: datetime
    ) -> bool:
        found = self.installations_find(owner, installation_id)
        if found is not None:
            self.installations[installation_id] = replace(
                found, status=InstallationStatus.CONNECTED, account=account, verified_at=verified_at, updated_at=now,
                expires_at=None,
            )  # fmt: skip
        return found is not None

    def installations_remove(self, owner: str, installation_id: str) -> bool:
        if self.installations_find(owner, installation_id) is None:
            return False
        del self.installations[installation_id]
        return True

    def installations_forget_expired(self, now: datetime) -> int:
        ended = [each.id for each in self.installations.values() if each.expired(now)]
        for installation_id in ended:
            del self.installations[installation_id]
        return len(ended)

    def api_keys_add(self, key: ApiKey, entry: AuditEntry) -> None:
        taken = any(key.id == each.id or key.hash == each.hash for each in self.api_keys.values())
        _clash_unless(not taken and key.owner in self.owners)
        self.api_keys[key.id] = key
        self._append(entry)

    def api_keys_of_owner(self, owner: str) -> list[ApiKey]:
        return sorted((key for key in self.api_keys.values() if key.owner == owner), key=lambda key: key.id)

    def api_keys_by_hash(self, digest: bytes) -> ApiKey | None:
        active = (key for key in self.api_keys.values() if key.revoked_at is None)
        return next((key for key in active if key.hash == digest), None)

    def api_keys_revoke(self, owner: str, key_id: str, now: datetime, entry: AuditEntry) -> bool:
        key = self.api_keys.get(key_id)
        if key is None or key.owner != owner or key.revoked_at is not None:
            return False
        self.api_keys[key_id] = replace(key, revoked_at=now)
        self.changes_announce("access")
        self._append(entry)
        return True

    def idempotency_begin(self, call: Kept) -> Kept | None:
        present = self.calls.get((call.owner, call.key))
        if present is not None and present.expires_at > call.created_at:
            return present
        _clash_unless(call.owner in self.owners and call.owner_key_id in self.owner_keys)
        self.calls[call.owner, call.key] = call
        return None

    def idempotency_finish(self, call: Kept) -> None:
        present = self._own(call)
        if present is not None and call.sealed is not None:
            _clash_unless(call.sealed.owner_key_id in self.owner_keys)
            self.calls[call.owner, call.key] = replace(
                present, status=call.status, sealed=call.sealed, owner_key_id=call.sealed.owner_key_id,
                expires_at=call.expires_at,
            )  # fmt: skip

    def idempotency_release(self, call: Kept) -> None:
        if self._own(call) is not None:
            del self.calls[call.owner, call.key]

    def _own(self, call: Kept) -> Kept | None:
        present = self.calls.get((call.owner, call.key))
        return present if present is not None and present.created_at == call.created_at else None

    def idempotency_forget_expired(self, now: datetime) -> int:
        ended = [place for place, call in self.calls.items() if call.expires_at <= now]
        for place in ended:
            del self.calls[place]
        return len(ended)

    def changes_announce(self, topic: str) -> None:
        self.numbers[topic] = self.changes_number(topic) + 1

    def changes_number(self, topic: str) -> int:
        return self.numbers.get(topic, 0)

    def reseal_count(self, key_id: str) -> int:
        return [held.credential.sealed.owner_key_id for held in self.credentials.values()].count(key_id)

    def reseal_replace(self, records: Sequence[Resealed]) -> None:
        for record in records:
            held = self.credentials.get(record.ref)
            if held is not None and held.credential.revision.id == record.revision.id:
                _clash_unless(record.sealed.owner_key_id in self.owner_keys)
                held.credential = replace(held.credential, sealed=record.sealed)
            if self.revisions.get(record.ref, Revision("", b"")).id == record.revision.id:
                self.revisions[record.ref] = record.revision


def _clash_unless(allowed: bool) -> None:  # noqa: FBT001 - the one thing it is asked
    if not allowed:
        raise Clash(CLASH)
