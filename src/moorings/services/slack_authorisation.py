"""Slack apps that a person lets into a workspace on Slack's own page, and tokens that are renewed before they end."""

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from moorings.domain.audit import AuditEntry, Kind, done_by
from moorings.domain.authorisation import AUTHORISED_WITHIN, Authorisation, hash_of_state
from moorings.domain.bot import InstalledBot, SlackBot, SlackGrant
from moorings.domain.caller import Caller, Scope
from moorings.domain.credential import Credential, CredentialRef, Verification
from moorings.domain.ids import Clock
from moorings.domain.installation import PENDING_FOR, Installation, InstallationStatus
from moorings.domain.integration import Integration
from moorings.domain.job import JobKind, Wish
from moorings.domain.secret import Secret, SecretFields
from moorings.errors import (
    Conflict,
    CredentialsNotFound,
    CredentialsRejected,
    Detail,
    DifferentAccount,
    IntegrationNotFound,
    InvalidCredentials,
    InvalidEnvironment,
    InvalidRequest,
)
from moorings.services.installing import TRIES, Held, Installing, InstallWish
from moorings.services.sealing import Opened
from moorings.services.slack import (
    CLIENT_ID,
    CLIENT_SECRET,
    ID,
    REFRESH_TOKEN,
    SIGNING,
    TOKEN,
    TOKEN_UNTIL,
    Slack,
    SlackInstalled,
    claim_of,
)
from moorings.services.telegram import by_itself
from moorings.store import authorisations as rows
from moorings.store import bots as bot_rows
from moorings.store import connections
from moorings.store import installations as installation_rows
from moorings.store.database import Database

RENEWED_BEFORE = timedelta(hours=2)
"""How long before its end a token is renewed; Slack's live for twelve hours."""

LOST = "Slack no longer renews this app's token; let the app in again: GET /v1/integrations/slack/connect."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a person goes now to let the app in, and until when they can come back."""

    installation: Installation
    authorize_url: str
    redirect_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SlackAuthorisation:
    """The way over Slack's page; what an app is authorised with stands sealed with its installation."""

    slack: Slack
    database: Database
    now: Clock
    new_state: Callable[[], str] = lambda: secrets.token_urlsafe(32)

    async def begin(self, caller: Caller, wish: InstallWish, fields: SecretFields, scopes: Sequence[str] = ()) -> Begun:
        """Keep client id, client secret and signing secret for an installation, and send a person on their way."""
        plan = await self.slack.installing.plan(caller, ID, wish)
        _check(plan.integration, fields)
        installation = self._reserved(plan.installation, plan.reserved)
        ref = CredentialRef(caller.owner, installation.id, installation.environment)
        if ref != plan.ref:
            raise InvalidEnvironment("The installation was reserved for all environments; leave the environment out.")

        async def write(credential: Credential) -> None:
            place = (installation.id, installation.environment, credential.revision.id)
            entry = done_by(caller, self.now(), Kind.CREDENTIALS_SAVED, *place)
            await self.database.write(connections.prepare, installation, credential, entry)

        await self.slack.installing.sealing.keep(plan.integration, ref, fields, None, write)
        return await self._sent(caller, installation, fields[CLIENT_ID], scopes)

    async def again(self, caller: Caller, integration_id: str, scopes: Sequence[str] = ()) -> Begun:
        """Send a person on their way once more, with what the installation was authorised with before."""
        caller.require(Scope.WRITE)
        connection = await self.slack.installing.connections.find(caller.owner, integration_id)
        installation = connection.installation
        if installation is None or installation.type != ID:
            raise IntegrationNotFound(
                "There is no installation of Slack of this id; GET /v1/integrations/slack lists them."
            )
        caller.require_write(installation.environment)
        opened = await self._opened(installation)
        if opened is None or CLIENT_ID not in opened.fields:
            raise CredentialsNotFound("The app's client id and secret are not here; begin with POST on this path.")
        return await self._sent(caller, installation, opened.fields[CLIENT_ID], scopes)

    async def finish(self, state: str, code: Secret) -> SlackInstalled:
        """End what a person has begun, once and in time: the code becomes a token, and the token an installation."""
        begun = await self._taken(state)
        installation = await self.database.read(installation_rows.find, begun.owner, begun.installation_id)
        opened = await self._opened(installation) if installation else None
        if installation is None or opened is None or installation.expired(self.now()):
            raise IntegrationNotFound("The installation was removed meanwhile; begin again.")
        client = opened.fields[CLIENT_ID], opened.fields[CLIENT_SECRET]
        grant = await self.slack.messenger.exchange(*client, code, begun.redirect_url)
        bot = await self.slack.messenger.bot(grant.token)
        if not await self._kept(begun, installation, opened, grant, bot):
            raise Conflict("The installation was changed while it was authorised; begin again.")
        return SlackInstalled(installation, bot)

    async def abandon(self, state: str) -> None:
        """The person did not let the app in; what they had begun is over."""
        begun = await self.database.write(rows.abandon, hash_of_state(state), self.now(), self._abandoned)
        if begun is None:
            raise _over()

    async def refresh(self, installation_id: str) -> datetime | None:
        """Renew a token before its end; a job, see `Handler`. A refresh token is good once, and one worker holds it."""
        installing = self.slack.installing
        installation = await self.database.read(installation_rows.by_id, installation_id)
        held = await installing.open(ID, installation) if installation else None
        if held is None or REFRESH_TOKEN not in held.opened.fields:
            return None
        fields = held.opened.fields
        try:
            grant = await self.slack.messenger.refresh(fields[CLIENT_ID], fields[CLIENT_SECRET], fields[REFRESH_TOKEN])
        except CredentialsRejected as error:
            await self._lost(held, error)
            return None
        await self._renewed(held, grant)
        return None

    async def _renewed(self, held: Held, grant: SlackGrant) -> None:
        """The pair is worth keeping whatever else was changed meanwhile: the one before is used up."""
        installing, caller = self.slack.installing, by_itself(held.installation.owner)
        proof, wishes = Verification(held.installation.account), _wishes(held.installation.id, grant)
        for _ in range(TRIES):
            fields = _granted(held.opened.fields, grant)
            if await installing.replace(
                caller, held, fields, proof, Kind.CREDENTIALS_ROTATED, expires_at=grant.expires_at, wishes=wishes
            ):
                return
            again = await installing.open(ID, held.installation)
            if again is None:
                return
            held = again
        raise Conflict("The credentials of this installation are being changed by others too.")

    async def _lost(self, held: Held, error: CredentialsRejected) -> None:
        """The refresh token is used up, be it by a process that was killed before it could keep the new pair."""
        log.error("slack no longer renews a token", extra={"installation": held.installation.id, "code": error.code})
        await self.slack.installing.fail(held.installation, LOST)

    async def _sent(
        self, caller: Caller, installation: Installation, client_id: Secret, scopes: Sequence[str]
    ) -> Begun:
        state, redirect = self.new_state(), self.slack.redirect_url
        ends = self.now() + AUTHORISED_WITHIN
        begun = Authorisation(hash_of_state(state), caller.owner, caller.id, installation.id, redirect, ends)
        entry = done_by(caller, self.now(), Kind.AUTHORISATION_BEGUN, installation.id, installation.environment)
        await self.database.write(rows.add, begun, entry)
        address = self.slack.messenger.authorize_url(client_id.reveal(), scopes, redirect, state)
        return Begun(installation, address, redirect, ends)

    async def _taken(self, state: str) -> Authorisation:
        begun = await self.database.write(rows.take, hash_of_state(state), self.now())
        if begun is None:
            raise _over()
        return begun

    def _abandoned(self, begun: Authorisation) -> AuditEntry:
        caller = Caller(begun.actor, begun.owner, frozenset())
        return done_by(caller, self.now(), Kind.AUTHORISATION_ABANDONED, begun.installation_id)

    async def _kept(
        self, begun: Authorisation, installation: Installation, opened: Opened, grant: SlackGrant, bot: SlackBot
    ) -> bool:
        installing: Installing = self.slack.installing
        claim = claim_of(bot, installation.environment)
        known = await self.database.read(bot_rows.of, installation.owner, installation.id)
        if known is not None and known.claim != claim:
            raise DifferentAccount(
                "The app was let into another workspace than before; the old credentials keep working."
            )
        installed = InstalledBot(installation.id, installation.owner, ID, claim)
        fields, ref = _granted(opened.fields, grant), opened.stored.ref

        async def write(credential: Credential) -> bool:
            caller = Caller(begun.actor, begun.owner, frozenset())
            place = (installation.id, installation.environment, credential.revision.id)
            entry = done_by(caller, self.now(), Kind.INSTALLATION_CONNECTED, *place)
            return await self.database.write(
                connections.authorise, installation, installed, credential, entry,
                before=opened.stored.revision_id, wishes=_wishes(installation.id, grant),
            )  # fmt: skip

        integration = installing.connections.catalog.get(ID)
        return await installing.sealing.keep(integration, ref, fields, bot.verification, write, grant.expires_at)

    async def _opened(self, installation: Installation) -> Opened | None:
        ref = CredentialRef(installation.owner, installation.id, installation.environment)
        return await self.slack.installing.sealing.open(ref, ID)

    def _reserved(self, planned: Installation, reserved: Installation | None) -> Installation:
        """The pending installation that is authorised: the one that is reserved already, or one reserved now."""
        return reserved or Installation(
            planned.id, planned.owner, ID, planned.name, planned.environment, InstallationStatus.PENDING,
            planned.forward_url, planned.created_at, planned.updated_at, expires_at=self.now() + PENDING_FOR,
        )  # fmt: skip


def _check(integration: Integration, fields: SecretFields) -> None:
    """The fields that the manifest knows follow it; the token is still to come."""
    known = [field for field in integration.fields if field.name in fields]
    told = [(field.name, field.problem(fields[field.name].reveal())) for field in known]
    problems = [Detail(name, problem) for name, problem in told if problem]
    if problems:
        raise InvalidCredentials("The app cannot be authorised with this.", problems)


def _over() -> InvalidRequest:
    return InvalidRequest("This way back from Slack was used before, or it took too long; begin again.")


def _granted(fields: SecretFields, grant: SlackGrant) -> dict[str, Secret]:
    """The fields with what Slack has given now."""
    kept = {name: fields[name] for name in fields if name not in (REFRESH_TOKEN, TOKEN_UNTIL)}
    more = {REFRESH_TOKEN: grant.refresh_token} if grant.refresh_token else {}
    until = {TOKEN_UNTIL: Secret(grant.expires_at.isoformat())} if grant.expires_at else {}
    return {**kept, TOKEN: grant.token, SIGNING: fields[SIGNING], **more, **until}


def _wishes(installation_id: str, grant: SlackGrant) -> list[Wish]:
    if grant.expires_at is None or grant.refresh_token is None:
        return []
    return [Wish(JobKind.REFRESH, installation_id, grant.expires_at - RENEWED_BEFORE)]
