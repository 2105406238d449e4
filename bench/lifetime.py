"""From the start on: time to the first good answer, memory, and whether every one of many writers is served."""

import time
from statistics import median

import calls
import measure
import server
from goals import ERRORS, INTERPRETER, MIB, SECONDS, Row
from load import Plan
from stock import places

from bench import Bench
from moorings.settings import load as settings

STARTS = 5
SAVES = 10_000
REST_SECONDS = 1.0
MEBIBYTE = 1024 * 1024


def start(bench: Bench) -> list[Row]:
    """The median of some starts, each on an empty store."""
    taken = []
    for _ in range(STARTS):
        with server.running(bench.fresh()) as served:
            taken.append(served.start_seconds)
    return [Row("start to first good answer", median(taken), SECONDS, floor=INTERPRETER)]


def memory(bench: Bench) -> list[Row]:
    """Resident memory before and after many saves, which 16 writers send at once."""
    where = places(settings())
    with server.running(bench.fresh()) as served:
        key = served.new_key()
        time.sleep(REST_SECONDS)
        idle = served.memory() / MEBIBYTE
        seen = measure.load(Plan(served.port, calls.overwriting(where, key), count=SAVES))
        after = served.memory() / MEBIBYTE
    return [
        Row("memory, idle", idle, MIB),
        Row("memory, after 10,000 saves", after, MIB),
        Row("16 writers, 10,000 saves", seen.errors, ERRORS, errors=seen.errors, failures=seen.failures),
    ]
