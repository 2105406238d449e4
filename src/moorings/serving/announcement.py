"""What a person is told when the server has started, and the first key that is shown to him once."""

import logging
import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass

from moorings import app
from moorings.domain.caller import Scope
from moorings.services.api_keys import KeyWish
from moorings.services.hub import Hub
from moorings.services.owners import administrator
from moorings.serving.address import address_of
from moorings.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Started:
    """What a person wants to know once the server answers."""

    address: str
    integrations: int
    admin_key: str | None
    key_file: str | None
    database: str | None
    emulators: str | None


Announce = Callable[[Started], None]


async def started(settings: Settings, running: app.Running, emulators: str | None) -> Started:
    """What is to be said of this start, with the address of the stand-ins beside it."""
    await _warn_of_missing_root_keys(running.hub)
    # A process that is not the first has nowhere to print a key, and so makes none.
    first = multiprocessing.parent_process() is None
    key = await first_key(running.hub) if first and settings.admin_key is None else None
    return Started(
        address=address_of(settings.host, settings.port),
        integrations=len(running.hub.catalog),
        admin_key=key,
        key_file=str(settings.key_file) if running.new_root_key else None,
        database=running.new_database,
        emulators=emulators,
    )


async def first_key(hub: Hub) -> str | None:
    """An admin key for an owner who never had one; the command line may have made the owner before any start."""
    owner, _ = await hub.owners.first()
    token = await hub.api_keys.create_first(administrator(owner), KeyWish("admin", frozenset({Scope.ALL})))
    return None if token is None else token.reveal()


async def _warn_of_missing_root_keys(hub: Hub) -> None:
    for view in await hub.root_keys.every():
        if view.missing:
            log.warning(
                "a root key is missing: what stands under it cannot be opened",
                extra={"root_key": view.id, "owner_keys": view.owner_keys, "records": view.records},
            )
