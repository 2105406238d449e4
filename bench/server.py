"""The server under test: a process of its own on a store of its own, and a plain look at its answers."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from load import STATUS as STATUS_CODE
from load import Call

COMMAND = str(Path(sys.executable).parent / "moorings")
ADMIN_KEY = "benchmark-admin-key-of-no-secrecy-whatever"
STATUS = "/v1/integrations/credentials/status"
START_SECONDS, STOP_SECONDS, POLL_SECONDS = 60.0, 30.0, 0.002
OK = 200
BAD = (" ERROR ", " CRITICAL ", "Traceback", "panicked")
"""Words that no line of a server's log may hold."""


class WrongAnswer(Exception):
    """Something answered otherwise than it must; figures of such a server mean nothing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, and how many seconds passed from its birth to its first good answer."""

    process: "subprocess.Popen[bytes]"
    port: int
    start_seconds: float

    def call(self, method: str, path: str, key: str = ADMIN_KEY, body: Any = None) -> Answer:
        """One call on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return Answer(
                response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
            )
        finally:
            connection.close()

    def json(self, method: str, path: str, key: str = ADMIN_KEY, body: Any = None) -> Any:
        """The JSON of a good answer; raises `WrongAnswer` for any other."""
        answer = self.call(method, path, key, body)
        if not OK <= answer.status < OK + 100:
            raise WrongAnswer(f"{method} {path} answered {answer.status}: {answer.body[:600]!r}")
        return json.loads(answer.body)

    def send(self, call: Call) -> None:
        """One call of a script; raises `WrongAnswer` unless its answer is what it must be."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(call.text.replace("\r\n", "\r\nConnection: close\r\n", 1).encode())
            data = b"".join(iter(lambda: connection.recv(65_536), b""))
        if int(data[STATUS_CODE]) != call.status or call.contains.encode() not in data:
            raise WrongAnswer(f"A call of kind {call.kind} was answered so: {data[:600]!r}")

    def new_key(self) -> str:
        """An API key of the first owner, as a client would use one."""
        token: str = self.json("POST", "/v1/api-keys", body={"name": "benchmark", "scopes": ["*"]})["key"]
        return token

    def memory(self) -> int:
        """Bytes of resident memory of the server and all processes it has begun."""
        process = psutil.Process(self.process.pid)
        return sum(each.memory_info().rss for each in (process, *process.children(recursive=True)))


@contextmanager
def running(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """`moorings serve` on a store; stopped in the end, when its log must hold no error."""
    port, log = free_port(), folder.parent / f"{folder.name}.log"
    with log.open("wb") as file:
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - our own command
            [COMMAND, "serve", "--port", str(port), "--data-dir", str(folder)],
            env={**environment(), **(settings or {})}, stdout=file, stderr=file,
        )  # fmt: skip
        try:
            yield Server(process, port, _first_good_answer(process, port, began, log))
        finally:
            ended = process.poll()
            stop(process)
    if ended is not None:
        raise WrongAnswer(f"The server ended by itself with {ended}.")
    _look_into(log)


def environment() -> dict[str, str]:
    """Our own environment without any setting of Moorings but the admin key."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOORINGS_")}
    # As many calls as the load can make: the counting of them is measured, and none is refused.
    many = str(10**9)
    limits = {"MOORINGS_RATE_LIMIT_KEY": many, "MOORINGS_RATE_LIMIT_OWNER": many}
    return {**kept, **limits, "MOORINGS_ADMIN_KEY": ADMIN_KEY}


def free_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def stop(process: "subprocess.Popen[Any]") -> None:
    """End a process as an operator would; kill it when it does not obey."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise WrongAnswer(f"The server did not end within {STOP_SECONDS:.0f} seconds.") from None


def _first_good_answer(process: "subprocess.Popen[bytes]", port: int, began: float, log: Path) -> float:
    server = Server(process, port, 0.0)
    while time.perf_counter() - began < START_SECONDS and process.poll() is None:
        try:
            if server.call("GET", STATUS).status == OK:
                return time.perf_counter() - began
        except OSError:
            time.sleep(POLL_SECONDS)
    raise WrongAnswer(f"The server gave no good answer. Its log ends so:\n{log.read_text(errors='replace')[-2000:]}")


def _look_into(log: Path) -> None:
    text = log.read_text(errors="replace")
    bad = [line for line in text.splitlines() if any(word in line for word in BAD)]
    if bad:
        raise WrongAnswer(f"The server's log holds {len(bad)} error(s); the first one: {bad[0][:600]}")
