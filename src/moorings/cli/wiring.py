"""What the composition root hands to the command line, which knows no database and no web framework."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from moorings.domain.attestation import AlteredRow
from moorings.domain.audit import ChainReport
from moorings.domain.finding import Finding
from moorings.domain.leak_report import LeakReport
from moorings.domain.owner import Owner
from moorings.domain.root_key import Outcome, Progress, RootKeyView

if TYPE_CHECKING:  # the client takes a quarter of a second to load, which `--help` shall not wait for
    from moorings.client import AsyncMoorings
    from moorings.client.answer import Answer


@dataclass(frozen=True, slots=True)
class Target:
    """Which server a command speaks to: a remote one, or the local data directory as this owner."""

    url: str | None = None
    api_key: str | None = None
    data_dir: Path | None = None
    owner: str | None = None


class Operator(Protocol):
    """What only whoever operates the machine may do."""

    async def create_owner(self, name: str) -> Owner:
        """A new owner."""
        ...

    async def owners(self) -> Sequence[Owner]:
        """All owners."""
        ...

    async def link_owner(self, name: str, subject: str, *, user: bool) -> Owner:
        """Let an organisation or user of the session issuer be this owner."""
        ...

    async def verify_audit(self, owner: str | None, expected: tuple[int, bytes] | None) -> Sequence[ChainReport]:
        """Whether the audit of one owner, or of all, is whole."""
        ...

    async def root_keys(self) -> Sequence[RootKeyView]:
        """The root keys and what stands under them."""
        ...

    async def rotate(self, *, reseal: bool, progress: Progress) -> Outcome:
        """Give the vault a new root key."""
        ...


class Attester(Protocol):
    """What looks at rows that decide something before any of them is believed."""

    async def altered(self) -> Sequence[AlteredRow]:
        """The rows that Moorings has not written so."""
        ...

    async def attest(self) -> int:
        """Believe these as they stand; how many they were."""
        ...


@dataclass(frozen=True, slots=True)
class Wiring:
    """One callable for each thing the commands need."""

    api: Callable[[Target], AbstractAsyncContextManager["AsyncMoorings"]]
    operator: Callable[[Path | None], AbstractAsyncContextManager[Operator]]
    attester: Callable[[Path | None], AbstractAsyncContextManager[Attester]]
    diagnose: Callable[[Target], Awaitable[Sequence[Finding]]]
    serve: Callable[..., None]
    emulate: Callable[[str, int, Callable[[str], None]], None]
    emulated_credentials: Callable[[], dict[str, dict[str, str]]]
    speak: Callable[[Target, str | None], Coroutine[Any, Any, None]]
    leak_test: Callable[[Target, Sequence[Path]], Coroutine[Any, Any, LeakReport]]
    back_up: Callable[[Path | None, Path], Any]
    restore: Callable[[Path | None, Path], Any]

    async def ask(self, place: Target, call: Callable[["AsyncMoorings"], Awaitable["Answer"]]) -> dict[str, Any]:
        """What a server answers to one call of the client, as it came."""
        async with self.api(place) as api:
            return (await call(api)).json_value()
