"""The benchmark: everything that performance promises, measured beside the floor of the machine in the same run.

It never fails on a number. It fails when an answer is not what it must be.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path

import events
import growth
import lifetime
import measure
import operations
import psutil
import report
import tools
from calls import CONNECTIONS
from goals import Row
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from server import WrongAnswer

from bench import Bench

HERE = Path(__file__).parent
SCRATCH = HERE / "data"
"""Beside the code, not in the system's folder for temporary files: that may be memory, where nothing is durable."""
RESULTS = HERE / "results.json"
MILLION = 1_000_000
LARGE = 100_000
HELD_AGAINST_FLOORS, AGAIN_SECONDS = ("save", "status", "delete"), 1.5
LOOK_SECONDS = 0.5
WIDTH = 150
QUIET = 15.0
"""Up to so many percent of the machine, other programs do no harm to the figures."""

Step = Callable[[Bench], list[Row]]

STEPS: dict[str, tuple[Step, int]] = {
    "floors": (lambda bench: measure.floors(bench.fresh(), bench.seconds), 19),
    "start": (lifetime.start, 8),
    "memory": (lifetime.memory, 9),
    "save": (operations.save, 34),
    "status": (operations.status, 21),
    "catalogue": (operations.catalogue, 15),
    "delete": (operations.delete, 14),
    "tools": (tools.tools, 22),
    "events": (events.events, 36),
    "growth": (growth.growth, 68),
    "re-key": (growth.rekey, 75),
}
"""What is measured, in this order, with the seconds that it takes about."""


def main() -> int:
    """Measure, show and write; 1 when something was answered wrongly."""
    given = _arguments()
    for name in [name for name in os.environ if name.startswith("MOORINGS_")]:
        del os.environ[name]  # what is measured is the product as it comes
    console, rows, busy = Console(width=None if sys.stdout.isatty() else WIDTH), list[Row](), list[float]()
    problem = _measure(given, console, rows, busy)
    report.show(console, rows)
    if max(busy) > QUIET:
        console.print(f"[yellow]Other programs took up to {max(busy):.0f} % of this machine: measure again.[/yellow]")
    if problem is not None:
        console.print(f"[bold red]The benchmark was given up:[/bold red] {escape(str(problem))}", highlight=False)
        return 1
    settings = {"seconds": given.seconds, "connections": CONNECTIONS, "large_store": given.large}
    report.write(RESULTS, rows, settings | {"others_percent": round(max(busy))})
    return 1 if any(row.errors for row in rows) else 0


def _raise_floors(rows: list[Row], bench: Bench, step: str) -> None:
    """Measure the floors once more right before what is held against them, and keep the better ones.

    A floor taken while another program wrote to the disk would make everything look as if it flew.
    """
    if step in HELD_AGAINST_FLOORS:
        for floor in measure.busy_floors(bench.fresh(), AGAIN_SECONDS):
            place = next(place for place, row in enumerate(rows) if row.title == floor.title)
            rows[place] = measure.best([rows[place], floor])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each rate is measured (default: 5)")
    parser.add_argument("--warmup", type=float, default=1.0, help="seconds before that do not count (default: 1)")
    parser.add_argument("--million", dest="large", action="store_const", const=MILLION, default=LARGE,
                        help=f"let the large store hold {MILLION:,} credentials, not {LARGE:,}")  # fmt: skip
    parser.add_argument("--only", nargs="+", choices=[*STEPS], default=[*STEPS], help="measure these alone")
    return parser.parse_args()


def _measure(given: argparse.Namespace, console: Console, rows: list[Row], busy: list[float]) -> WrongAnswer | None:
    """Fill `rows`, and `busy` with the machine's load before each step; what went wrong, None when nothing did."""
    shutil.rmtree(SCRATCH, ignore_errors=True)
    SCRATCH.mkdir()
    names = ["floors", *(name for name in given.only if name != "floors")]
    console.print(f"The large store holds {given.large:,} credentials; each rate is measured for {given.seconds:g} s.")
    try:
        with _progress(console, names) as advance:
            bench = Bench(SCRATCH, given.seconds, given.warmup, given.large, lambda share: advance(None, share))
            for name in names:
                advance(name, 0.0)
                busy.append(psutil.cpu_percent(LOOK_SECONDS))
                _raise_floors(rows, bench, name)
                rows += STEPS[name][0](bench)
    except WrongAnswer as error:
        return error
    finally:
        shutil.rmtree(SCRATCH, ignore_errors=True)
    return None


@contextmanager
def _progress(console: Console, names: list[str]) -> Iterator[Callable[[str | None, float], None]]:
    """A bar over the whole run; the function it gives begins a step, or tells how far its store is filled."""
    weights = [STEPS[name][1] for name in names]
    ends = dict(zip(names, accumulate(weights), strict=True))
    columns = (TextColumn("{task.description:<10}"), BarColumn(40), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task, now = bar.add_task("", total=sum(weights)), names[0]

        def advance(name: str | None, share: float) -> None:
            nonlocal now
            now = name or now
            filling = f"{now}: filling" if name is None and share < 1 else now
            bar.update(task, description=filling, completed=ends[now] - STEPS[now][1] * (1 - share / 2))

        yield advance


if __name__ == "__main__":
    sys.exit(main())
