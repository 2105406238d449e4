"""The load: a program of its own with keep-alive connections over loopback, lean, so that it costs the server little.

It reads a plan as JSON from its standard input, keeps one call under way on every connection until the time, the
count or the calls are used up (or SIGTERM tells it to stop), and prints what it saw as JSON.
"""

import asyncio
import gzip
import json
import signal
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import cycle
from typing import Any

HEAD_END = b"\r\n\r\n"
GZIP = b"\x1f\x8b"
LENGTH = b"\ncontent-length:"
STATUS = slice(9, 12)
INBOX = memoryview(bytearray(1_048_576))
"""What a socket holds is taken out at once: many small parts of an answer would cost the load more than the server."""

SAMPLED = 50
"""Every how manieth body of a connection is looked into; the first one always is."""
LARGE = 32_768
"""Of larger ones the first alone: to read one takes ten milliseconds, in which all connections would seem to wait."""
GRACE_SECONDS = 15.0
FAILURES_KEPT, SHOWN = 3, 600


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP call as it goes over the wire, and what its answer must be; `kind` groups the latencies."""

    kind: str
    text: str
    status: int = 200
    contains: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be sent: one script of calls for each connection, in order, over and over if `repeat`.

    With a `count` so many calls are sent, all connections together, and the seconds have no say. `pace` is how many
    seconds lie between a connection's calls; one that is answered too late is followed by the next at once.
    """

    port: int
    scripts: list[list[Call]]
    seconds: float = 5.0
    warmup: float = 1.0
    repeat: bool = True
    count: int | None = None
    pace: float = 0.0

    def to_json(self) -> str:
        """For the program's standard input."""
        return json.dumps(asdict(self))


def plan_from(text: str) -> Plan:
    """The plan that `Plan.to_json` wrote."""
    given: dict[str, Any] = json.loads(text)
    scripts = [[Call(**call) for call in script] for script in given.pop("scripts")]
    return Plan(scripts=scripts, **given)


@dataclass(slots=True)
class Seen:
    """What the load saw: latencies in nanoseconds by kind of call, and the calls that were answered wrongly.

    `busy` is the share of one core that the load itself took: near 1 it, not the server, was the limit.
    """

    seconds: float = 0.0
    busy: float = 0.0
    latencies: dict[str, list[int]] = field(default_factory=dict)
    errors: int = 0
    failures: list[str] = field(default_factory=list)

    def note(self, kind: str, nanoseconds: int) -> None:
        """One good answer."""
        self.latencies.setdefault(kind, []).append(nanoseconds)

    def fail(self, sentence: str) -> None:
        """Count a wrong answer, and keep the first few for whoever has to find out why."""
        self.errors += 1
        if len(self.failures) < FAILURES_KEPT:
            self.failures.append(sentence)


class Clock:
    """When latencies count, and when to stop."""

    def __init__(self, plan: Plan) -> None:
        self._left = plan.count
        self.begins = time.perf_counter_ns() + (0 if plan.count else int(plan.warmup * 1e9))
        self.ends = None if plan.count else self.begins + int(plan.seconds * 1e9)

    def may_send(self) -> bool:
        """Whether one more call may be sent now; counts it."""
        if self.ends is not None and time.perf_counter_ns() >= self.ends:
            return False
        if self._left is None:
            return True
        self._left -= 1
        return self._left >= 0

    def stop(self) -> None:
        """Send nothing more, and count nothing that is answered from now on."""
        self.ends = time.perf_counter_ns()

    def counts(self, moment: int) -> bool:
        """Whether an answer that came at this moment is measured."""
        return moment >= self.begins and (self.ends is None or moment <= self.ends)


class Connection:
    """One keep-alive connection with one call under way at a time, on a bare socket: transports cost twice as much."""

    def __init__(self, plan: Plan, script: list[Call], clock: Clock, seen: Seen) -> None:
        calls = [(call, call.text.encode()) for call in script]
        self._calls: Iterator[tuple[Call, bytes]] = cycle(calls) if plan.repeat else iter(calls)
        self._clock, self._seen, self._pace = clock, seen, plan.pace
        self._loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self._loop.create_future()
        self._socket = socket.create_connection(("127.0.0.1", plan.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(0)
        self._buffer, self._wanted, self._answered = bytearray(), 0, 0
        self._call, self._sent, self._due = Call("", ""), 0, 0.0

    def begin(self) -> None:
        """Send the first call."""
        self._loop.add_reader(self._socket, self._receive)
        self._due = self._loop.time()
        self._next()

    def close(self) -> None:
        """Send and take nothing more."""
        self._loop.remove_reader(self._socket)
        self._socket.close()
        self.done.cancel()

    def _receive(self) -> None:
        """Take an answer apart once all of it is here."""
        try:
            size = self._socket.recv_into(INBOX)
        except OSError:
            size = 0
        if not size:
            self._lost()
            return
        self._buffer += INBOX[:size]
        if not self._wanted and (head := self._buffer.find(HEAD_END)) >= 0:
            self._wanted = head + len(HEAD_END) + _length(bytes(self._buffer[:head]))
        if self._wanted and len(self._buffer) >= self._wanted:
            data = bytes(self._buffer)
            self._buffer.clear()
            self._wanted = 0
            self._take(data)
            self._rest()

    def _rest(self) -> None:
        """Until the next call is due."""
        self._due += self._pace
        if self._pace and (wait := self._due - self._loop.time()) > 0:
            self._loop.call_later(wait, self._next)
        else:
            self._next()

    def _take(self, data: bytes) -> None:
        now, body = time.perf_counter_ns(), data.find(HEAD_END) + len(HEAD_END)
        sampled = self._answered % SAMPLED == 0 and (self._answered == 0 or len(data) < LARGE)
        self._answered += 1
        if int(data[STATUS]) != self._call.status or (sampled and not _good(self._call, data[body:])):
            wanted = f"{self._call.status} {self._call.contains}".rstrip()
            self._seen.fail(f"{self._call.kind}: wanted was {wanted}, and got {data[:SHOWN]!r}")
        elif self._clock.counts(now):
            self._seen.note(self._call.kind, now - self._sent)

    def _next(self) -> None:
        if self._clock.may_send():
            following = next(self._calls, None)
            if following is not None:
                self._call, data = following
                self._sent = time.perf_counter_ns()
                self._send(data)
                return
            self._clock.stop()  # this script has run dry: from now on fewer connections would be measured
        if not self.done.done():
            self.done.set_result(None)

    def _send(self, data: bytes) -> None:
        try:
            if self._socket.send(data) == len(data):
                return
        except OSError:
            pass
        self._lost()  # a call is far smaller than the socket's buffer: what it does not take at once, it never will

    def _lost(self) -> None:
        self._loop.remove_reader(self._socket)
        if not self.done.done():
            self._seen.fail(f"{self._call.kind}: the connection was closed before the answer")
            self.done.set_result(None)


async def run(plan: Plan) -> Seen:
    """Send the plan's calls; the seconds are those in which latencies counted."""
    loop, seen, clock = asyncio.get_running_loop(), Seen(), Clock(plan)
    loop.add_signal_handler(signal.SIGTERM, clock.stop)
    began, used = time.perf_counter_ns(), time.process_time()
    connections = [Connection(plan, script, clock, seen) for script in plan.scripts]
    for place, connection in enumerate(connections):  # at a steady pace: all at once would be waves, not a rate
        loop.call_later(plan.pace * place / len(connections), connection.begin)
    await _finished(connections, plan, seen)
    now = time.perf_counter_ns()
    seen.seconds = max(min(now, clock.ends or now) - clock.begins, 1) / 1e9
    seen.busy = (time.process_time() - used) / ((now - began) / 1e9)
    return seen


async def _finished(connections: list[Connection], plan: Plan, seen: Seen) -> None:
    limit = None if plan.count else plan.warmup + plan.seconds + GRACE_SECONDS
    _, waiting = await asyncio.wait([connection.done for connection in connections], timeout=limit)
    for _ in waiting:
        seen.fail(f"no answer came within {GRACE_SECONDS} seconds after the end")
    for connection in connections:
        connection.close()


def _length(head: bytes) -> int:
    """The length of the body; 0 for answers that have none."""
    found = head.lower().find(LENGTH)
    return 0 if found < 0 else int(head[found + len(LENGTH) :].split(b"\r", 1)[0])


def _good(call: Call, body: bytes) -> bool:
    if not body:
        return not call.contains
    try:
        body = gzip.decompress(body) if body.startswith(GZIP) else body
        json.loads(body)
    except (OSError, ValueError):
        return False
    return call.contains.encode() in body


def main() -> None:
    """Run the plan on standard input."""
    seen = asyncio.run(run(plan_from(sys.stdin.read())))
    json.dump(asdict(seen), sys.stdout)


if __name__ == "__main__":
    main()
