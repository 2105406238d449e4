"""Runs the load and the floor programs, each a process of its own, and makes figures of what they saw."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from calls import bare, same
from goals import ANSWERS, COMMITS, INTERPRETER, RATE, SECONDS, Row
from load import Plan, Seen
from server import WrongAnswer, free_port, stop

HERE = Path(__file__).parent
STARTS, TRIES = 9, 3
START_TRIES = 100
MS = 1e6
IMPORTS = "import starlette.applications, pydantic, sqlalchemy"


@contextmanager
def loading(plan: Plan) -> Iterator["subprocess.Popen[str]"]:
    """The load program at work on a plan."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, str(HERE / "load.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        if process.stdin:
            process.stdin.write(plan.to_json())
            process.stdin.close()
            process.stdin = None
        yield process
    finally:
        process.kill()
        process.wait()


def seen_by(process: "subprocess.Popen[str]") -> Seen:
    """What the load saw, once it has ended; raises `WrongAnswer` when it failed itself."""
    text, _ = process.communicate()
    if process.returncode != 0:
        raise WrongAnswer(f"The load program ended with {process.returncode}.")
    return Seen(**json.loads(text))


def load(plan: Plan) -> Seen:
    """Run a plan to its end."""
    with loading(plan) as process:
        return seen_by(process)


def rate(title: str, plan: Plan, floor: str | None = None, kind: str | None = None) -> Row:
    """A row of calls per second with their latencies; of one kind of call if the plan sends several."""
    seen = load(plan)
    taken = [each for name, every in seen.latencies.items() if kind in (None, name) for each in every]
    return Row(
        title, len(taken) / seen.seconds, RATE, percentile(taken, 50), percentile(taken, 99), seen.errors,
        seen.failures, floor, limited(seen),
    )  # fmt: skip


def limited(seen: Seen) -> str | None:
    """A note for figures that tell more of the load than of the server."""
    full = 0.95
    return "the load itself was the limit" if seen.busy > full else None


def percentile(nanoseconds: Sequence[int], percent: int) -> float | None:
    """In milliseconds; None when nothing was measured."""
    ordered = sorted(nanoseconds)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] / MS if ordered else None


def floors(folder: Path, seconds: float) -> list[Row]:
    """The least that a durable save, an answer and a start cost on this machine."""
    return [*busy_floors(folder, seconds), _start(INTERPRETER, "pass"), _start(IMPORTS, IMPORTS)]


def busy_floors(folder: Path, seconds: float) -> list[Row]:
    """The floors that other programs on the machine disturb; each is the best of a few short tries."""
    folder.mkdir()
    commits = [_commits(folder, seconds / TRIES) for _ in range(TRIES)]
    answers = [_answers(seconds / TRIES) for _ in range(TRIES)]
    return [best(commits), best(answers)]


def best(rows: Sequence[Row]) -> Row:
    """The fastest of several measurements of one floor."""
    return max(rows, key=lambda row: row.measured)


def _commits(folder: Path, seconds: float) -> Row:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, str(HERE / "floor.py"), "commits", str(seconds), str(folder)], check=True, capture_output=True
    )
    taken: list[int] = json.loads(done.stdout)
    return Row(COMMITS, len(taken) / seconds, RATE, percentile(taken, 50), percentile(taken, 99))


def _answers(seconds: float) -> Row:
    with answering() as port:
        return rate(ANSWERS, Plan(port, same(bare()), seconds, warmup=0.5))


@contextmanager
def answering() -> Iterator[int]:
    """The port of a program that answers at once, the same to everything."""
    port = free_port()
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, str(HERE / "floor.py"), "asgi", str(port)], stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield port
    finally:
        stop(process)


def _wait_for(port: int) -> None:

    for _ in range(START_TRIES):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise WrongAnswer("The floor program does not answer.")


def _start(title: str, code: str) -> Row:
    taken = []
    for _ in range(STARTS):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own interpreter
        taken.append(time.perf_counter() - began)
    return Row(title, median(taken), SECONDS)
