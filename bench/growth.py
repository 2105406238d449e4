"""What a large store costs: the same calls beside a small one, and a re-key of everything while serving."""

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import calls
import measure
import server
from goals import ANSWERS, SECONDS, TIMES, Row
from load import Plan, Seen
from measure import percentile
from server import COMMAND, Server, WrongAnswer, environment
from stock import Stock

from bench import Bench

SMALL, REKEYED = 1_000, 100_000
OWNERS = 256
"""Owners who go on calling during a re-key, spread over the whole store."""
SLICES = 4
"""The two stores take turns, so that a machine that slows down slows both."""
WRITERS, PAUSE_SECONDS, REKEY_SECONDS = 4, 0.02, 900.0
TITLE, KILLED = "re-key 100,000 records while serving", "the same, killed three times"
KILLS = 3

Latencies = dict[str, list[int]]


def growth(bench: Bench) -> list[Row]:
    """The median latencies of save, status and delete on one connection, as multiples of those on a small store.

    As many owners ask in the large store as the small one has, spread over all of it: so what is remembered of
    owners and keys helps both alike, and the difference is the store's. Calls of owners whom nobody remembers are a
    row of their own.
    """
    small, large = bench.stock(SMALL), bench.stock(bench.large)
    with server.running(small.folder) as one, server.running(large.folder) as other:
        owners = len(small.keys)
        before, after = _Taken(one, small, owners, bench), _Taken(other, large, owners, bench)
        for turn in range(SLICES):
            for each in (before, after):
                each.take(turn)
        rows = [_compared(kind, before, after, bench.large) for kind in ("save", "status", "delete")]
        asking = calls.dealt([calls.status(key) for key in large.keys])
        apart = measure.rate("status, each call another owner", bench.plan(other.port, asking), ANSWERS)
    return [*rows, replace(apart, note=f"{len(large.keys):,} owners with {bench.large:,} credentials")]


class _Taken:
    """Latencies of one server, taken in turns."""

    def __init__(self, served: Server, stock: Stock, owners: int, bench: Bench) -> None:
        self.served, self.bench = served, bench
        self.script = calls.coming_and_going(stock.places, stock.spread(owners))
        self.latencies: Latencies = {}
        self.errors, self.failures = 0, list[str]()

    def take(self, turn: int) -> None:
        """One turn; each begins with other owners, three calls belonging to one."""
        first = 3 * Random(turn).randrange(len(self.script) // 3)
        script = self.script[first:] + self.script[:first]
        seen = measure.load(Plan(self.served.port, [script], self.bench.seconds / 2, self.bench.warmup / 2))
        for kind, taken in seen.latencies.items():
            self.latencies.setdefault(kind, []).extend(taken)
        self.errors += seen.errors
        self.failures += seen.failures


def _compared(kind: str, small: _Taken, large: _Taken, size: int) -> Row:
    before, after = (percentile(each.latencies.get(kind, []), 50) for each in (small, large))
    if before is None or after is None:
        raise WrongAnswer(f"No {kind} was answered well: {(small.failures + large.failures)[:1]}")
    note = f"p50 {before:.2f} ms with {SMALL:,} credentials, {after:.2f} ms with {size:,}"
    return Row(
        f"growth of {kind}", after / before, TIMES, after, percentile(large.latencies[kind], 99),
        small.errors + large.errors, small.failures + large.failures, note=note,
    )  # fmt: skip


def rekey(bench: Bench) -> list[Row]:
    """`moorings vault rotate --reseal` beside a server that goes on saving, telling and deleting.

    Then once more, with the command killed three times on its way; the last run brings it to its end.
    """
    stock = bench.stock(REKEYED)
    keys = stock.spread(OWNERS)
    scripts = [calls.coming_and_going(stock.places, keys[each::WRITERS]) for each in range(WRITERS)]
    with server.running(stock.folder) as served:
        plan = Plan(served.port, scripts, REKEY_SECONDS, warmup=0, pace=PAUSE_SECONDS)
        whole, first = _beside(bench, plan, lambda: _rotate(stock.folder))
        part = whole.measured / (KILLS + 2)
        broken, last = _beside(bench, plan, lambda: _rotate_killed(stock.folder, part))
    _check(first)
    _check(last)
    if not last["resumed"] or last["rootKey"] != f"k{int(first['rootKey'][1:]) + 1}":
        raise WrongAnswer(f"A re-key that was killed began anew instead of going on: {last['rootKey']}.")
    left = [f"{key['records']:,} records under {key['id']}" for key in last["rootKeys"]]
    return [whole, replace(broken, title=KILLED, note=f"it ended with {', '.join(left)}")]


def _beside(bench: Bench, plan: Plan, work: Callable[[], dict[str, Any]]) -> tuple[Row, dict[str, Any]]:
    """What the work tells, and how long it took beside the calls of a plan."""
    with measure.loading(plan) as load:
        time.sleep(bench.warmup)
        began = time.perf_counter()
        told = work()
        taken = time.perf_counter() - began
        load.terminate()
        return _rekeyed(taken, measure.seen_by(load)), told


def _rotate_killed(folder: Path, seconds: float) -> dict[str, Any]:
    for _ in range(KILLS):
        process = subprocess.Popen(_command(folder), env=environment(), stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        else:
            raise WrongAnswer(f"The re-key was done within {seconds:.1f} seconds, before it could be killed.")
    return _rotate(folder)


def _command(folder: Path) -> list[str]:
    return [COMMAND, "vault", "rotate", "--reseal", "--json", "--data-dir", str(folder)]


def _rotate(folder: Path) -> dict[str, Any]:
    done = subprocess.run(_command(folder), env=environment(), capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode != 0:
        raise WrongAnswer(f"The re-key ended with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _check(told: dict[str, Any]) -> None:
    """Everything must stand under the new root key, and everything that was stored must have been sealed anew."""
    left = {key["id"]: key["records"] for key in told["rootKeys"] if not key["current"]}
    current = sum(key["records"] for key in told["rootKeys"] if key["current"])
    if told["unreadable"] or any(left.values()) or current < REKEYED - OWNERS:
        raise WrongAnswer(f"The re-key left {left} under old keys, {current} under the new one.")
    # The run that ends a re-key which was killed has only the rest to do.
    if not told["resumed"] and told["resealed"] < REKEYED - OWNERS * len(left):
        raise WrongAnswer(f"The re-key sealed only {told['resealed']} records anew.")


def _rekeyed(taken: float, seen: Seen) -> Row:
    meanwhile = [each for latencies in seen.latencies.values() for each in latencies]
    note = f"{len(meanwhile):,} calls were answered meanwhile; the latencies are theirs"
    return Row(
        TITLE, taken, SECONDS, percentile(meanwhile, 50), percentile(meanwhile, 99), seen.errors, seen.failures,
        note=note,
    )  # fmt: skip
