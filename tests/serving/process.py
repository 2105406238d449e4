"""`moorings` as a person starts it: a process of its own, stopped by a signal."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

PATIENCE = 30.0
"""Seconds after which a process that says nothing is given up."""

ANSWERS_AT = re.compile(r"answers? at (http://\S+?)[\s;]")
STAND_INS_AT = re.compile(r"stand-ins at (http://\S+?);")
ADMIN_KEY = re.compile(r"mrg_[0-9A-Za-z]{36}")


@dataclass
class Server:
    """A process that serves; `out` and `log` are the files of what it prints and logs."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    out: Path
    log: Path

    @property
    def said(self) -> str:
        return self.out.read_text(encoding="utf-8")

    @property
    def logged(self) -> str:
        return self.log.read_text(encoding="utf-8")

    @property
    def address(self) -> str:
        return _found(ANSWERS_AT, self.said)

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    @property
    def stand_ins(self) -> str:
        return _found(STAND_INS_AT, self.said)

    @property
    def admin_key(self) -> str | None:
        match = ADMIN_KEY.search(self.said)
        return match[0] if match else None

    def client(self, key: str | None = None) -> httpx2.Client:
        headers = {"Authorization": f"Bearer {key or self.admin_key}"}
        return httpx2.Client(base_url=self.address, headers=headers, timeout=PATIENCE, trust_env=False)

    def end(self, name: int = signal.SIGTERM) -> tuple[int, float]:
        """Send the signal; the exit code, and how many seconds it took."""
        begun = time.monotonic()
        self.process.send_signal(name)
        return self.process.wait(PATIENCE), time.monotonic() - begun


def environment(**settings: str) -> dict[str, str]:
    """This process's variables without any setting but the given ones."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("MOORINGS_")}
    return {**own, "COLUMNS": "240", **{f"MOORINGS_{name.upper()}": value for name, value in settings.items()}}


def command(*arguments: str | Path) -> list[str]:
    """The command line as a process's arguments."""
    return [sys.executable, "-m", "moorings", *map(str, arguments)]


def run(
    *arguments: str | Path, variables: Mapping[str, str] | None = None, **more: Any
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(  # noqa: S603 - our own command
        command(*arguments), env=variables or environment(), capture_output=True, text=True, check=False,
        timeout=PATIENCE, **more,
    )  # fmt: skip


@contextmanager
def begun(folder: Path, *arguments: str | Path, **settings: str) -> Iterator[Server]:
    """A process that may not have said anything yet; ended with the `with`."""
    folder.mkdir(parents=True, exist_ok=True)
    number = len(list(folder.glob("*.out")))
    out, log = folder / f"{number}.out", folder / f"{number}.log"
    with out.open("wb") as said, log.open("wb") as logged:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command(*arguments), env=environment(**settings), stdout=said, stderr=logged, cwd=folder
        )
    try:
        yield Server(process, folder, out, log)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def serving(folder: Path, *arguments: str | Path, **settings: str) -> Iterator[Server]:
    """`moorings serve` on a free port with its data in `folder / data`, once it answers."""
    settings = {"port": "0", "emulators_port": "0", "data_dir": str(folder / "data"), **settings}
    with begun(folder, "serve", *arguments, **settings) as server:
        wait_for_answer(server)
        yield server


def wait_for_answer(server: Server) -> None:
    """Until the server has printed its address and answers there."""
    until = time.monotonic() + PATIENCE
    while not ANSWERS_AT.search(server.said):
        assert server.process.poll() is None, f"it ended: {server.said}{server.logged}"
        assert time.monotonic() < until, "it says nothing"
        time.sleep(0.02)
    while True:
        try:
            httpx2.get(f"{server.address}/v1/health", timeout=PATIENCE, trust_env=False)
        except httpx2.HTTPError:
            assert time.monotonic() < until, "it answers nothing"
            time.sleep(0.02)
        else:
            return


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    assert match, text
    return match[1]
