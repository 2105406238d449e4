"""Slack apps: installed by their bot token, and given new credentials without losing a message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from moorings.domain.audit import Kind
from moorings.domain.bot import AppForm, InstalledBot, SlackBot, SlashCommand
from moorings.domain.caller import Caller
from moorings.domain.environment import Environment
from moorings.domain.ids import Clock
from moorings.domain.installation import Installation
from moorings.domain.secret import Secret, SecretFields
from moorings.errors import Conflict, DifferentAccount, InvalidBody
from moorings.providers.contract import Messenger
from moorings.services.installing import TRIES, Installing, InstallWish
from moorings.services.integrations import Integrations

ID = "slack"
TOKEN, SIGNING = "botToken", "signingSecret"
PREVIOUS, PREVIOUS_UNTIL = "previousSigningSecret", "previousValidUntil"
"""Stand there while requests under the old signing secret are still believed."""

CLIENT_ID, CLIENT_SECRET = "clientId", "clientSecret"
REFRESH_TOKEN, TOKEN_UNTIL = "refreshToken", "tokenValidUntil"
"""Stand there for an app that was authorised, the latter two where its tokens have an end."""


@dataclass(frozen=True, slots=True)
class SlackInstalled:
    """An installed app, and whose bot it is."""

    installation: Installation
    bot: SlackBot


@dataclass(frozen=True, slots=True)
class SlackRotated:
    """When the new credentials took over, and until when the old signing secret is believed; None where it is gone."""

    installation_id: str
    rotated_at: datetime
    previous_valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class NewCredentials:
    """What shall take the place of the stored; None for what stays."""

    token: Secret | None
    signing: Secret | None
    grace: timedelta


@dataclass(frozen=True, slots=True)
class AppOffer:
    """A reserved installation, and the app that will be installed as it."""

    installation: Installation
    app: AppForm


@dataclass(frozen=True, slots=True)
class Slack:
    """Slack decides by auth.test whether a token is good and whose it is."""

    installing: Installing
    messenger: Messenger
    integrations: Integrations
    now: Clock
    public_url: str

    async def app(self, caller: Caller, wish: InstallWish, commands: Sequence[SlashCommand] = ()) -> AppOffer:
        """An app made for a reserved installation, for one reserved now where none is named."""
        if wish.reserved is None:
            pending = await self.integrations.reserve(caller, ID, wish.name, wish.environment, wish.forward_url)
        else:
            pending = await self.installing.reserved(caller, ID, wish)
        events = f"{self.public_url.rstrip('/')}/hooks/{ID}/{pending.id}"
        name = wish.name or pending.name
        return AppOffer(pending, self.messenger.app(name, events, self.redirect_url, commands))

    @property
    def redirect_url(self) -> str:
        """Where Slack sends a person back to who has let the app in."""
        return f"{self.public_url.rstrip('/')}/hooks/{ID}/oauth/callback"

    async def install(self, caller: Caller, fields: SecretFields, wish: InstallWish) -> SlackInstalled:
        """Nothing is stored unless Slack accepts the token, and nothing twice."""
        plan = await self.installing.plan(caller, ID, wish)
        plan.integration.check(fields, below="")
        bot = await self.messenger.bot(fields[TOKEN])
        installed = InstalledBot(plan.installation.id, caller.owner, ID, claim_of(bot, plan.installation.environment))
        return SlackInstalled(await self.installing.install(plan, installed, fields, bot.verification), bot)

    async def rotate(self, caller: Caller, integration_id: str, new: NewCredentials) -> SlackRotated:
        """Swap at once what was given; where it is refused or belongs to another bot, the old goes on working."""
        if new.token is None and new.signing is None:
            raise InvalidBody("Give a botToken, a signingSecret, or both.")
        for _ in range(TRIES):
            held = await self.installing.held(caller, ID, integration_id)
            fields = self._swapped(held.opened.fields, new)
            held.integration.check({name: fields[name] for name in (TOKEN, SIGNING)}, below="")
            bot = await self.messenger.bot(fields[TOKEN])
            if claim_of(bot, held.installation.environment) != held.bot.claim:
                raise DifferentAccount(
                    "The new token belongs to another workspace or app; the old credentials keep working."
                )
            kind, until = Kind.CREDENTIALS_ROTATED, moment_of(fields, TOKEN_UNTIL)
            if await self.installing.replace(caller, held, fields, bot.verification, kind, expires_at=until):
                return SlackRotated(held.installation.id, self.now(), moment_of(fields, PREVIOUS_UNTIL))
        raise Conflict("The credentials of this installation are being changed by others too; try again.")

    def _swapped(self, fields: SecretFields, new: NewCredentials) -> dict[str, Secret]:
        """The same secret given again changes nothing, so that a call that is repeated does not end the grace time."""
        swapped = dict(_without_ended(fields, self.now()))
        if new.token is not None and new.token != fields[TOKEN]:
            # A token that a person brings is none that we could refresh.
            swapped = {name: swapped[name] for name in swapped if name not in (REFRESH_TOKEN, TOKEN_UNTIL)}
            swapped[TOKEN] = new.token
        if new.signing is None or new.signing == fields[SIGNING]:
            return swapped
        swapped = {name: swapped[name] for name in swapped if name not in (PREVIOUS, PREVIOUS_UNTIL)}
        if new.grace > timedelta(0):
            until = self.now() + new.grace
            swapped |= {PREVIOUS: fields[SIGNING], PREVIOUS_UNTIL: Secret(until.isoformat())}
        return {**swapped, SIGNING: new.signing}


def claim_of(bot: SlackBot, environment: Environment) -> str:
    """What an owner may install once: this bot of this workspace for this environment."""
    return f"{bot.team_id}/{bot.bot_id} {environment or '*'}"


def moment_of(fields: SecretFields, name: str) -> datetime | None:
    """A moment that stands among the sealed fields; None where it does not."""
    found = fields.get(name)
    return datetime.fromisoformat(found.reveal()) if found else None


def _without_ended(fields: SecretFields, now: datetime) -> SecretFields:
    until = moment_of(fields, PREVIOUS_UNTIL)
    if until is None or now < until:
        return fields
    return {name: fields[name] for name in fields if name not in (PREVIOUS, PREVIOUS_UNTIL)}
