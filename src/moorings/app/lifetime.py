"""From the start of a process to its end: what is opened, what works beside the calls, what is closed."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from moorings.app import access, configuration, ground, hub
from moorings.app.beginning import Begin, Beginning
from moorings.app.clock import now
from moorings.domain.span import SILENCE, Tracer
from moorings.providers.receiver import Receiver
from moorings.providers.shares import Shares
from moorings.services.attestations import Attestations
from moorings.services.hub import Hub
from moorings.services.owners import Owners
from moorings.services.root_keys import RootKeys
from moorings.services.search import Search
from moorings.settings import Settings
from moorings.store.opening import open_database
from moorings.store.room import Tally
from moorings.vault.keyring import Keyring
from moorings.vault.notary import RootKeyNotary
from moorings.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Running:
    """A hub with what must be known of its start, and what searches all that it stores."""

    hub: Hub
    new_root_key: bool
    new_database: str | None
    search: Search


@asynccontextmanager
async def running(
    settings: Settings,
    standing: Mapping[str, str | None] | None = None,
    tracer: Tracer = SILENCE,
    begin: Begin = Begin.ANYWAY,
) -> AsyncIterator[Running]:
    """A hub over the settings' database, ready to be used, and closed in the end.

    `standing` are keys that live in this process alone, with the name or id of their owner (None for the first).
    """
    async with AsyncExitStack() as stack:
        most = Tally(settings.quota_things, settings.quota_events)
        keyring = Keyring(configuration.key_source(settings))
        beginning, notary = Beginning(settings, keyring, begin), RootKeyNotary(keyring)
        database = open_database(configuration.database_url(settings), settings.data_dir, notary, beginning, most)
        stack.callback(database.close)
        shares = Shares(settings.provider_calls_owner)
        transport = await stack.enter_async_context(configuration.transport(settings, tracer, shares))
        # Connections of its own: forward addresses that hang do not take those that tools need. Untraced, for the
        # host of a forward address may be all that keeps it secret.
        forwarding = await stack.enter_async_context(configuration.transport(settings, SILENCE))
        receiver = Receiver(forwarding, configuration.guard(settings), settings.provider_timeout)
        laid = ground.laid(settings, keyring, database, transport, tracer)
        new_root_key = await laid.root_keys.prepare()
        whole = hub.wired(laid, receiver, await access.standing(laid, standing or {}))
        stack.push_async_callback(whole.api_keys.uses.write)
        for work in (whole.housekeeping.forever(), whole.api_keys.uses.forever()):
            stack.push_async_callback(_stop, asyncio.create_task(work))
        yield Running(whole, new_root_key, beginning.place, Search(database))


@asynccontextmanager
async def attesting(settings: Settings) -> AsyncIterator[Attestations]:
    """What looks at rows before anything that they decide is believed; with the first owner's, nothing runs."""
    keyring = Keyring(configuration.key_source(settings))
    beginning, notary = Beginning(settings, keyring, Begin.NEVER), RootKeyNotary(keyring)
    database = open_database(configuration.database_url(settings), settings.data_dir, notary, beginning)
    try:
        await RootKeys(Vault(keyring), database, now).prepare()
        yield Attestations(database, Owners(database, now), now)
    finally:
        database.close()


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
