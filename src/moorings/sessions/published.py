"""The issuer's public keys, fetched from its JWKS address and kept; nobody waits for them who need not."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Protocol

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from moorings.domain.ids import Clock
from moorings.errors import IssuerUnavailable, ProviderFailed, Unauthenticated

FLOOR = timedelta(minutes=1)
"""The time between two fetches: a stream of tokens with invented key ids must not become a stream of fetches."""

FRESH_FOR = timedelta(minutes=10)
KEPT_FOR = timedelta(hours=24)
"""How long keys are believed while the issuer cannot be asked; one that withdraws a key is heard within ten minutes."""

KEYS_AT_MOST = 100

Fetch = Callable[[], Awaitable[bytes]]
"""The JWKS document; raises `ProviderFailed` when there is none."""

log = logging.getLogger(__name__)


class Keys(Protocol):
    """Where a token's public key comes from."""

    async def get(self, key_id: object) -> Any:
        """The key; raises `Unauthenticated` for an unknown id, `IssuerUnavailable` when it cannot be found out."""
        ...


class PublishedKeys:
    """A cache over `fetch`: one fetch at a time, at most one a minute, and the last good keys while it fails."""

    def __init__(self, fetch: Fetch, now: Clock) -> None:
        self._fetch, self._now = fetch, now
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._failed = False
        self._under_way: asyncio.Task[None] | None = None

    async def get(self, key_id: object) -> Any:
        """See `Keys.get`."""
        known = self._known(key_id)
        if known is None:
            await self._refreshed()
            known = self._known(key_id)
        elif not self._within(self._fetched_at, FRESH_FOR):
            self._refresh()  # the known key is good meanwhile: no call waits for the issuer
        if known is None:
            raise self._unknown()
        return known.key

    def _known(self, key_id: object) -> PyJWK | None:
        if not isinstance(key_id, str) or not self._within(self._fetched_at, KEPT_FOR):
            return None
        return self._keys.get(key_id)

    def _within(self, moment: datetime | None, span: timedelta) -> bool:
        return moment is not None and abs(self._now() - moment) < span

    async def _refreshed(self) -> None:
        if self._refresh() and self._under_way is not None:
            await asyncio.shield(self._under_way)  # whoever hangs up does not take the others' answer along

    def _refresh(self) -> bool:
        """Begin a fetch where one may begin; whether one is under way."""
        if self._under_way is not None and not self._under_way.done():
            return True
        if self._within(self._tried_at, FLOOR):
            return False
        self._tried_at = self._now()
        self._under_way = asyncio.create_task(self._load())
        return True

    async def _load(self) -> None:
        self._failed = True
        try:
            self._keys = dict(_read(await self._fetch()))
        except ProviderFailed as error:
            log.warning("the keys of the session issuer could not be fetched", extra={"reason": error.message})
            return
        self._failed, self._fetched_at = False, self._now()

    def _unknown(self) -> Unauthenticated | IssuerUnavailable:
        if self._failed:
            return IssuerUnavailable("The session issuer's keys cannot be fetched now; try again in a minute.")
        return Unauthenticated("This session token is not accepted: its issuer publishes no such key.")


def _read(document: bytes) -> Iterator[tuple[str, PyJWK]]:
    """The usable keys; raises `ProviderFailed` for what is no JWKS document."""
    try:
        entries = json.loads(document)["keys"]
    except (ValueError, RecursionError, TypeError, KeyError):
        entries = None
    if not isinstance(entries, list) or len(entries) > KEYS_AT_MOST:
        raise ProviderFailed("What the session issuer publishes is no set of keys.")
    for entry in entries:
        if _for_signatures(entry):
            try:
                yield entry["kid"], PyJWK.from_dict(entry, algorithm="RS256")
            except (PyJWTError, ValueError, TypeError):
                log.warning("a key of the session issuer cannot be read")


def _for_signatures(entry: Any) -> bool:
    """A public RSA key that signs; whatever else an issuer publishes is left alone."""
    if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str) or "d" in entry:
        return False
    wanted = {"kty": ("RSA",), "use": (None, "sig"), "alg": (None, "RS256")}
    return all(entry.get(name) in values for name, values in wanted.items())
