"""Credentials together with the installation they may belong to; what must change together does so here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from moorings.domain.audit import AuditEntry
from moorings.domain.bot import InstalledBot
from moorings.domain.credential import Account, Credential, CredentialRef, Revision
from moorings.domain.environment import Environment
from moorings.domain.installation import Installation, InstallationStatus
from moorings.domain.job import JobKind, Wish
from moorings.errors import AlreadyInstalled, IntegrationNotFound
from moorings.store import audit, bots, credentials, installations, jobs
from moorings.store.rows import to_ms
from moorings.store.tables import credentials as table
from moorings.store.tables import installations as reservations

ALL_ENTRIES = delete(table).where(
    table.c.owner == bindparam("of_owner"), table.c.integration_id == bindparam("of_record")
)
FORGET_UNUSED = delete(table).where(
    table.c.integration_id.in_(
        select(reservations.c.id).where(
            reservations.c.status == InstallationStatus.PENDING, reservations.c.expires_at <= bindparam("now")
        )
    )
)

OF_INSTALLATIONS = (JobKind.POLL, JobKind.REFRESH, JobKind.REPAIR)
"""The jobs whose id is an installation's; they go with it."""


def save(connection: Connection, credential: Credential, entry: AuditEntry, *, installed: bool = False) -> None:
    """Put a credential; an installation that waited for it is connected."""
    credentials.put(connection, credential, entry)
    if installed:
        ref = credential.ref
        place = (ref.owner, ref.integration_id)
        if not installations.connect(
            connection, *place, credential.account, credential.verified_at, credential.saved_at
        ):
            raise IntegrationNotFound("The installation was removed while its credentials were checked.")


def forget(connection: Connection, ref: CredentialRef, tombstone: Revision, entry: AuditEntry) -> bool:
    """Delete one entry; False when there is none."""
    return credentials.remove(connection, ref, tombstone, entry)


def install(
    connection: Connection, installation: Installation, bot: InstalledBot, credential: Credential, entry: AuditEntry,
    *, reserved: bool, wishes: Sequence[Wish] = (),
) -> None:  # fmt: skip
    """Put an installation with its bot and credential, in place of the reserved one of its id where it was `reserved`.

    Raises `AlreadyInstalled` when the owner holds the bot elsewhere, or the reserved one was completed meanwhile.
    """
    if not reserved:
        installations.put(connection, installation)
    elif not installations.complete(connection, installation, entry.at):
        raise AlreadyInstalled(
            "This installation waits for no credentials any more: it was completed meanwhile, or its time is over."
        )
    if not bots.add(connection, bot):
        raise held_already(bots.holder(connection, bot.owner, bot.type, bot.claim))
    credentials.put(connection, credential, entry)
    jobs.wish_all(connection, wishes)


def heard(
    connection: Connection, installation: Installation, account: Account | None, entry: AuditEntry,
    *, wishes: Sequence[Wish] = (),
) -> bool:  # fmt: skip
    """Let an installation whose bot is heard count as connected; False when it is gone."""
    place = (installation.owner, installation.id)
    if not installations.connect(connection, *place, account, entry.at, entry.at):
        return False
    jobs.drop(connection, JobKind.REPAIR, installation.id)
    jobs.wish_all(connection, wishes)
    audit.append(connection, entry)
    return True


def withdraw(
    connection: Connection, ref: CredentialRef, reserved: Installation | None, tombstone: Revision, entry: AuditEntry
) -> None:
    """Delete an installation that came to nothing, or let the reserved one wait again."""
    jobs.drop(connection, JobKind.REPAIR, ref.integration_id)
    credentials.remove(connection, ref, tombstone, entry)
    installations.remove(connection, ref.owner, ref.integration_id)
    if reserved is not None:
        installations.restore(connection, reserved)


def replace(
    connection: Connection, credential: Credential, entry: AuditEntry, *, before: str, wishes: Sequence[Wish] = ()
) -> bool:
    """Put an installation's credential in place of the writing `before`; False, and nothing is written, without it."""
    audit.hold(connection, entry.owner)  # nobody writes for this owner between our look and our change
    stored = credentials.secret(connection, credential.ref)
    if stored is None or stored.revision_id != before:
        return False
    credentials.put(connection, credential, entry)
    ref = credential.ref
    installations.connect(
        connection, ref.owner, ref.integration_id, credential.account, credential.verified_at, credential.saved_at
    )
    jobs.wish_all(connection, wishes)
    return True


def prepare(connection: Connection, installation: Installation, credential: Credential, entry: AuditEntry) -> None:
    """Put what an app is authorised with for an installation that is reserved now, or was and waits still."""
    present = installations.find(connection, installation.owner, installation.id)
    if present is None:
        installations.put(connection, installation)
    elif present.status is not InstallationStatus.PENDING:  # it was completed beside us: its token stands there now
        raise AlreadyInstalled(f"The installation {installation.id} was connected meanwhile; it is as it should be.")
    credentials.put(connection, credential, entry)


def authorise(
    connection: Connection, installation: Installation, bot: InstalledBot, credential: Credential, entry: AuditEntry,
    *, before: str, wishes: Sequence[Wish],
) -> bool:  # fmt: skip
    """Put what came of an authorisation in place of the writing `before`; False, and nothing is written, without it.

    Raises `AlreadyInstalled` when the owner holds the bot elsewhere.
    """
    audit.hold(connection, entry.owner)
    stored = credentials.secret(connection, credential.ref)
    if stored is None or stored.revision_id != before:
        return False
    known = bots.of(connection, bot.owner, bot.installation_id)
    if known is None and not bots.add(connection, bot):
        raise held_already(bots.holder(connection, bot.owner, bot.type, bot.claim))
    credentials.put(connection, credential, entry)
    installations.connect(
        connection, installation.owner, installation.id, credential.account, credential.verified_at, entry.at
    )
    jobs.wish_all(connection, wishes)
    return True


def fail(connection: Connection, installation: Installation, why: str, entry: AuditEntry) -> None:
    """Mark one as failing, with a sentence for a person; nothing is written when it is gone."""
    if installations.fail(connection, installation.owner, installation.id, why, entry.at):
        audit.append(connection, entry)


def held_already(holder: InstalledBot | None) -> AlreadyInstalled:
    """The refusal that names where the bot is installed."""
    place = f" as {holder.installation_id}" if holder else ""
    return AlreadyInstalled(f"This bot is installed already{place}; rotate its credentials, or remove it first.")


def forget_expired(connection: Connection, now: datetime) -> int:
    """Delete reservations whose time is over, with what they were to be authorised with; say how many."""
    connection.execute(FORGET_UNUSED, {"now": to_ms(now)})
    return installations.forget_expired(connection, now)


def uninstall(
    connection: Connection, ref: CredentialRef, tombstones: Mapping[Environment, Revision], entry: AuditEntry
) -> bool:
    """Delete an installation with all its entries; False when there is none."""
    held: Any = credentials.held(connection, ref.owner, ref.integration_id)
    if not installations.remove(connection, ref.owner, ref.integration_id):
        return False
    connection.execute(ALL_ENTRIES, {"of_owner": ref.owner, "of_record": ref.integration_id})
    for kind in OF_INSTALLATIONS:
        jobs.drop(connection, kind, ref.integration_id)
    for environment in held:
        place = CredentialRef(ref.owner, ref.integration_id, environment)
        credentials.put_revision(connection, place, tombstones.get(environment, tombstones[None]))
    audit.append(connection, entry)
    return True
