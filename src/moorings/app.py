"""The composition root: settings become collaborators, collaborators services, services drivers."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import TypeVar

from moorings.catalog.catalog import Catalog, load_catalog
from moorings.domain.api_key import hash_of
from moorings.domain.caller import Caller, Network
from moorings.domain.environment import Environments
from moorings.domain.job import JobKind
from moorings.domain.secret import Secret
from moorings.domain.session import Policy
from moorings.domain.span import SILENCE, Tracer
from moorings.errors import ConfigurationError
from moorings.providers.contract import Provider, Verifier
from moorings.providers.documents import document
from moorings.providers.guard import Allowed, Guard
from moorings.providers.receiver import Receiver
from moorings.providers.registry import FOLDER, providers
from moorings.providers.running import Limits
from moorings.providers.transport import Transport
from moorings.services.access import Access
from moorings.services.api_keys import ApiKeys
from moorings.services.check_plan import CheckPlan
from moorings.services.checks import Checks
from moorings.services.comparison import Comparisons
from moorings.services.connections import Connections
from moorings.services.contents import Contents
from moorings.services.credentials import Credentials, Farewell
from moorings.services.deliveries import Deliveries
from moorings.services.denials import Denials
from moorings.services.events import Events
from moorings.services.execution import Execution
from moorings.services.forward_secrets import ForwardSecrets
from moorings.services.forwarding import Forwarding
from moorings.services.housekeeping import Housekeeping
from moorings.services.hub import Hub
from moorings.services.idempotency import Idempotency
from moorings.services.inbox import Inbox
from moorings.services.indexes import Indexes
from moorings.services.installing import Installing
from moorings.services.integrations import Integrations
from moorings.services.jobs import Jobs
from moorings.services.key_uses import KeyUses
from moorings.services.limits import Limits as CallLimits
from moorings.services.limits import Quotas
from moorings.services.managed_bots import ManagedBots
from moorings.services.managing_bot import ManagingBot
from moorings.services.owner_keys import OwnerKeys
from moorings.services.owners import Owners, administrator
from moorings.services.polling import Polling
from moorings.services.rekey import Rekey
from moorings.services.revocations import Revocations
from moorings.services.root_keys import RootKeys
from moorings.services.sealing import Sealing
from moorings.services.search import Search
from moorings.services.sessions import Sessions
from moorings.services.slack import Slack
from moorings.services.slack_authorisation import SlackAuthorisation
from moorings.services.states import States
from moorings.services.telegram import Telegram
from moorings.services.tools import Tools
from moorings.services.trail import Trail
from moorings.services.vector_configs import VectorConfigs
from moorings.settings import Settings
from moorings.store.database import Database
from moorings.store.opening import open_database
from moorings.vault.keyring import KeyFile, Keyring, KeySource, KeyText
from moorings.vault.notary import RootKeyNotary
from moorings.vault.vault import Vault

KEYS_LIMIT = 256 * 1024
"""Bytes of a set of keys; Clerk's has one key and 600 bytes."""
A = TypeVar("A")


def now() -> datetime:
    """The wall clock, cut to the milliseconds that are stored."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def key_source(settings: Settings) -> KeySource:
    """Where root keys come from: the setting, or the file."""
    if settings.root_keys is not None:
        return KeyText(settings.root_keys.get_secret_value())
    return KeyFile(settings.key_file)


def catalogue(settings: Settings) -> Catalog:
    """Our manifests, and the operator's own."""
    own = [settings.catalogue_dir] if settings.catalogue_dir else []
    for folder in own:
        if not folder.is_dir():
            raise ConfigurationError("MOORINGS_CATALOGUE_DIR is not a directory.")
    return load_catalog([FOLDER, *own])


def upstreams(settings: Settings, catalog: Catalog) -> Mapping[str, str]:
    """Where the operator leads integrations; a misspelt one would be led to its provider, secrets and all."""
    unknown = sorted(name for name in settings.upstreams if name not in catalog)
    if unknown:
        raise ConfigurationError(f"MOORINGS_UPSTREAMS leads {', '.join(unknown)}, but there is no such integration.")
    return settings.upstreams


def proxies(settings: Settings) -> tuple[Network, ...]:
    """The networks of trusted reverse proxies."""
    return networks(settings.trusted_proxies)


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks as a setting names them."""
    return tuple(ip_network(text) for text in texts)


def guard(settings: Settings) -> Guard:
    """Where requests may go: the world, and what the operator has opened of our own network."""
    return Guard(Allowed.read(settings.egress_allow))


def quotas(settings: Settings) -> Quotas:
    """What this process may give out of the calls that the settings allow."""
    given = Quotas(settings.rate_limit_key, settings.rate_limit_owner, settings.rate_limit_guesses)
    return given.shared(settings.workers)


def sessions(settings: Settings, transport: Transport, owners: Owners) -> Sessions | None:
    """Who signs in at the issuer that the settings name, None where they name none."""
    if settings.clerk_issuer is None:
        if settings.clerk_jwks_url or settings.clerk_jwt_key:
            raise ConfigurationError("The session issuer's keys are given and MOORINGS_CLERK_ISSUER is not.")
        return None
    # Only who has an issuer pays for loading what checks its tokens.
    from moorings.sessions.published import PublishedKeys
    from moorings.sessions.tokens import KeyOfTheOperator, Tokens

    issuer = settings.clerk_issuer
    policy = Policy(issuer, frozenset(settings.clerk_authorized_parties), frozenset(settings.clerk_audiences))
    if settings.clerk_jwt_key is not None:
        return Sessions(Tokens(KeyOfTheOperator(settings.clerk_jwt_key)).claims, policy, owners, now)
    url = settings.clerk_jwks_url or f"{issuer.rstrip('/')}/.well-known/jwks.json"
    keys = PublishedKeys(lambda: document(transport, url, KEYS_LIMIT), now)
    return Sessions(Tokens(keys).claims, policy, owners, now)


@dataclass(frozen=True, slots=True)
class Running:
    """A hub with what must be known of its start, and what searches all that it stores."""

    hub: Hub
    new_root_key: bool
    search: Search


@asynccontextmanager
async def running(
    settings: Settings, standing: Mapping[str, str | None] | None = None, tracer: Tracer = SILENCE
) -> AsyncIterator[Running]:
    """A hub over the settings' database, ready to be used, and closed in the end.

    `standing` are keys that live in this process alone, with the name or id of their owner (None for the first).
    """
    async with AsyncExitStack() as stack:
        keyring = Keyring(key_source(settings))
        database = open_database(_url(settings), settings.data_dir, RootKeyNotary(keyring))
        stack.callback(database.close)
        transport = await stack.enter_async_context(_transport(settings, tracer))
        # Connections of its own: forward addresses that hang do not take those that tools need. Untraced, for the
        # host of a forward address may be all that keeps it secret.
        forwarding = await stack.enter_async_context(_transport(settings, SILENCE))
        owners = Owners(database, now)
        root_keys = RootKeys(Vault(keyring), database, now)
        new_root_key = await root_keys.prepare()
        first, _ = await owners.first()
        callers = {hash_of(key): administrator(await owners.find(name)) for key, name in (standing or {}).items()}
        if settings.admin_key is not None:
            callers[hash_of(settings.admin_key.get_secret_value())] = administrator(first, "admin-key")
        receiver = Receiver(forwarding, guard(settings), settings.provider_timeout)
        hub = _hub(settings, database, keyring, transport, receiver, callers, tracer)
        stack.push_async_callback(hub.api_keys.uses.write)
        for work in (hub.housekeeping.forever(), hub.api_keys.uses.forever()):
            stack.push_async_callback(_stop, asyncio.create_task(work))
        yield Running(hub, new_root_key, Search(database))


def _hub(
    settings: Settings, database: Database, keyring: Keyring, transport: Transport, receiver: Receiver,
    callers: Mapping[bytes, Caller], tracer: Tracer,
) -> Hub:  # fmt: skip
    catalog, environments, vault = catalogue(settings), Environments(settings.environments), Vault(keyring)
    owners, uses, owner_keys = Owners(database, now), KeyUses(database), OwnerKeys(vault, database, now)
    sealing = Sealing(vault, owner_keys, database, now, CheckPlan(now, timedelta(hours=settings.check_hours)))
    connections, states = Connections(catalog, database, now), States(database, keyring, now)
    found, url = providers(catalog, transport, upstreams(settings, catalog), _bounds(settings)), settings.reached_at
    way = _way(receiver, connections, sealing, found, tracer)
    integrations = Integrations(catalog, connections, states, database, environments, way.forwarding, now)
    bots, indexes = _bots(settings, found, sealing, integrations, way), _indexes(found, integrations, sealing, way.jobs)
    return Hub(
        catalog=catalog,
        access=Access(database, now, callers, sessions(settings, transport, owners), uses.note),
        api_keys=ApiKeys(database, environments, now, uses),
        checks=indexes.configs.checks,
        comparisons=Comparisons(integrations, sealing, database),
        credentials=_credentials(found, connections, sealing, environments, bots.farewells, way.jobs),
        denials=Denials(database, now),
        events=way.events,
        execution=Execution(connections, states, found, vault, owner_keys, database, environments, now, url),
        forwarding=way.forwarding,
        housekeeping=Housekeeping(database, now, timedelta(days=settings.event_days)),
        idempotency=Idempotency(vault, owner_keys, database, now),
        indexes=indexes,
        inbox=way.inbox,
        integrations=integrations,
        jobs=way.jobs,
        limits=CallLimits(quotas(settings), time.monotonic),
        managed_bots=bots.managed,
        owners=owners,
        rekey=Rekey(vault, database, owners, RootKeyNotary(keyring), now),
        root_keys=RootKeys(vault, database, now),
        slack=bots.slack,
        slack_authorisation=bots.authorisation,
        telegram=bots.telegram,
        tools=Tools(catalog),
        vector_configs=indexes.configs,
        trail=Trail(database, environments, owners, RootKeyNotary(keyring)),
        now=now,
        tracer=tracer,
        public_url=url,
    )


def _credentials(
    found: Mapping[str, Provider], connections: Connections, sealing: Sealing, environments: Environments,
    farewells: Mapping[str, Farewell], jobs: Jobs,
) -> Credentials:  # fmt: skip
    revocations = Revocations({name: each.revoker for name, each in found.items() if each.revoker}, sealing)
    jobs.on(JobKind.REVOKE, revocations.due)
    asked, database = _asked(found), sealing.database
    return Credentials(connections, asked, sealing, database, environments, now, farewells, revocations)


def _asked(found: Mapping[str, Provider]) -> Mapping[str, Verifier]:
    return {name: provider.verifier for name, provider in found.items() if provider.verifier}


@dataclass(frozen=True, slots=True)
class _Way:
    """What takes events in and passes them on."""

    inbox: Inbox
    events: Events
    forwarding: Forwarding
    jobs: Jobs


def _way(
    receiver: Receiver, connections: Connections, sealing: Sealing, found: Mapping[str, Provider], tracer: Tracer
) -> _Way:  # fmt: skip
    database, vault, owner_keys = sealing.database, sealing.vault, sealing.owner_keys
    jobs, contents = Jobs(database, now, tracer=tracer), Contents(vault, owner_keys)
    secrets = ForwardSecrets(vault, owner_keys, database, now)
    jobs.on(JobKind.DELIVER, Deliveries(receiver, contents, secrets, database, now).deliver)
    listeners = {name: provider.inbound for name, provider in found.items() if provider.inbound}
    return _Way(
        inbox=Inbox(listeners, sealing, contents, database, jobs, now),
        events=Events(connections, contents, database, jobs, now),
        forwarding=Forwarding(connections, receiver, secrets, database, now),
        jobs=jobs,
    )


@dataclass(frozen=True, slots=True)
class _Bots:
    """What installs and manages bots."""

    slack: Slack
    authorisation: SlackAuthorisation
    telegram: Telegram
    managed: ManagedBots

    @property
    def farewells(self) -> Mapping[str, Farewell]:
        """What is done at a provider before its installation goes."""
        return {"telegram": self.telegram.farewell}


def _bots(
    settings: Settings, found: Mapping[str, Provider], sealing: Sealing, integrations: Integrations, way: _Way
) -> _Bots:
    connections, environments, jobs = integrations.connections, integrations.environments, way.jobs
    installing = Installing(connections, sealing, sealing.database, environments, way.forwarding, now)
    host, public_url = _able(found["telegram"].bot_host), settings.reached_at
    slack = Slack(installing, _able(found["slack"].messenger), integrations, now, public_url)
    telegram = Telegram(installing, host, jobs, now, settings.webhook_base, ManagingBot(host, _manager(settings), now))
    managed = ManagedBots(telegram, installing.database, now)
    authorisation = SlackAuthorisation(slack, installing.database, now)
    jobs.on(JobKind.REFRESH, authorisation.refresh)
    jobs.on(JobKind.REPAIR, telegram.repair)
    jobs.on(JobKind.BIND, managed.bind)
    jobs.on(JobKind.MANAGE, managed.listen)
    jobs.on(JobKind.POLL, Polling(telegram, managed, way.inbox, installing.database, now).poll)
    return _Bots(slack, authorisation, telegram, managed)


def _indexes(
    found: Mapping[str, Provider], integrations: Integrations, sealing: Sealing, jobs: Jobs
) -> Indexes:  # fmt: skip
    """The checks of all that is stored, the vector stores' configurations, and what is asked of them beside tools."""
    checks = Checks(integrations.connections, found, sealing, sealing.database, now)
    jobs.on(JobKind.CHECK, checks.due)
    stores = {name: provider.store for name, provider in found.items() if provider.store}
    configs = VectorConfigs(
        integrations.catalog, stores, checks, sealing, integrations.states, sealing.database,
        integrations.environments, now,
    )  # fmt: skip
    return Indexes(configs, _able(found["vectorize"].indexes), _able(found["weaviate"].collections))


def _able(ability: A | None) -> A:
    """What an adapter of ours can do; raises `ConfigurationError` where it is not there."""
    if ability is None:
        raise ConfigurationError("An adapter of this Moorings is incomplete; install it anew.")
    return ability


def _manager(settings: Settings) -> Secret | None:
    token = settings.telegram_manager_token
    return Secret(token.get_secret_value()) if token else None


def _bounds(settings: Settings) -> Limits:
    return Limits(settings.tool_timeout, settings.tool_answer_limit)


def _transport(settings: Settings, tracer: Tracer) -> Transport:
    seconds, allowed = settings.provider_timeout, guard(settings)
    return Transport(timeout=seconds, proxy=_proxy(settings), guard=allowed, tracer=tracer)


def _proxy(settings: Settings) -> str | None:
    return settings.proxy.get_secret_value() if settings.proxy else None


def _url(settings: Settings) -> str | None:
    return settings.database_url.get_secret_value() if settings.database_url else None


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
