"""The real server as a process of its own, on loopback."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.contract.loopback import HOST, free_port
from tests.http.world import CATALOGUE

PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Live:
    """One running server; `folder` holds what it prints, its data stand in `data`."""

    process: subprocess.Popen[bytes]
    port: int
    data: Path
    folder: Path

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        self.process.send_signal(signal.SIGKILL)

    def printed(self) -> bytes:
        """Everything it has written to stdout and stderr."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.glob("*.printed")))


@contextmanager
def serving(folder: Path, **settings: object) -> Iterator[Live]:
    """`moorings serve` over `folder/data`, until the end of the `with`; settings by their names."""
    port = free_port()
    command = [sys.executable, "-m", "moorings", "serve", "--port", str(port), "--data-dir", str(folder / "data")]
    number = len(list(folder.glob("*.printed")))
    with (
        (folder / f"{number}.stdout.printed").open("wb") as out,
        (folder / f"{number}.stderr.printed").open("wb") as err,
    ):
        process = subprocess.Popen(command, env=_environment(settings), stdout=out, stderr=err)  # noqa: S603  # our own command
        live = Live(process, port, folder / "data", folder)
        try:
            _wait(live)
            yield live
        finally:
            _end(process)


def _environment(settings: dict[str, object]) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MOORINGS_")}
    given = {"catalogue_dir": CATALOGUE, **settings}
    return {**ours, **{f"MOORINGS_{name.upper()}": str(value) for name, value in given.items()}}


def _wait(live: Live) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        assert live.process.poll() is None, f"the server ended by itself: {live.printed().decode()}"
        if _listens(live) and _answers(live):
            return
        assert time.monotonic() < end, f"the server does not answer: {live.printed().decode()}"
        time.sleep(0.02)


def _listens(live: Live) -> bool:
    """A client that asks in vain costs as much as the start that it waits for; a socket costs nothing."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, live.port)) == 0


def _answers(live: Live) -> bool:
    with suppress(httpx2.TransportError):
        return httpx2.get(f"{live.url}/v1/health", trust_env=False, timeout=PATIENCE).status_code == 200
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
