"""The command `moorings`: hands the composition root to the command line."""

import gc
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moorings.cli.main import run
from moorings.cli.wiring import Attester, Operator, Target, Wiring
from moorings.domain.finding import Finding
from moorings.domain.leak_report import LeakReport

if TYPE_CHECKING:
    from moorings.client import AsyncMoorings

# Each function imports what it needs when it is called: `moorings --help` shall not wait for a database driver.


@asynccontextmanager
async def _api(target: Target) -> AsyncIterator["AsyncMoorings"]:
    from moorings import local

    async with local.api(target) as api:
        yield api


@asynccontextmanager
async def _operator(data_dir: Path | None) -> AsyncIterator[Operator]:
    from moorings import local

    async with local.operator(data_dir) as operator:
        yield operator


@asynccontextmanager
async def _attester(data_dir: Path | None) -> AsyncIterator[Attester]:
    from moorings import local

    async with local.attester(data_dir) as attester:
        yield attester


async def _diagnose(target: Target) -> Sequence[Finding]:
    from moorings import local

    return await local.diagnose(target)


def _serve(announce: Callable[[Any], None], *, new_database: bool, **given: object) -> None:
    gc.disable()  # what is made at start is not garbage; the server collects again once it runs
    from moorings.app import Begin
    from moorings.serving import process
    from moorings.serving.start import Start

    process.serve(Start(given, Begin.ANYWAY if new_database else Begin.AT_FIRST), announce)


def _emulate(host: str, port: int, started: Callable[[str], None]) -> None:
    from moorings.serving import loop, stand_ins

    loop.run(stand_ins.serve(host, port, started))


def _emulated_credentials() -> dict[str, dict[str, str]]:
    from moorings.emulators.registry import all_emulators

    return {name: dict(emulator.credentials()) for name, emulator in sorted(all_emulators().items())}


async def _speak(target: Target, environment: str | None) -> None:
    from moorings import local

    await local.speak(target, environment)


async def _leak_test(target: Target, logs: Sequence[Path]) -> LeakReport:
    from moorings import proof

    return await proof.leak_test(target, logs)


def _back_up(data_dir: Path | None, folder: Path) -> Any:
    from moorings import copies

    return copies.back_up(data_dir, folder)


def _restore(data_dir: Path | None, backup: Path) -> Any:
    from moorings import copies

    return copies.restore(data_dir, backup)


WIRING = Wiring(
    _api,
    _operator,
    _attester,
    _diagnose,
    _serve,
    _emulate,
    _emulated_credentials,
    _speak,
    _leak_test,
    _back_up,
    _restore,
)


def main() -> None:
    """The entry point."""
    # What a command's own engine logs is told by its answer; a server sets up its log for itself.
    logging.getLogger("moorings").addHandler(logging.NullHandler())
    run(WIRING)


if __name__ == "__main__":
    main()
