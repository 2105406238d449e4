"""How many calls a second: save, status, catalogue and delete, each on a server of its own."""

import calls
import measure
import server
from goals import ANSWERS, COMMITS, Row
from server import Server, WrongAnswer
from stock import places

from bench import Bench
from moorings.settings import load as settings

DELETES_A_SECOND = 5_000
"""More than are expected; were they used up, the row would end early and still be right."""


def save(bench: Bench) -> list[Row]:
    """One owner's credentials, saved and overwritten; then those of many owners, each call another one."""
    where = places(settings())
    with server.running(bench.fresh()) as served:
        key = served.new_key()
        alone = measure.rate("save", bench.plan(served.port, calls.overwriting(where, key)), COMMITS)
        _expect(served, key, len(where))
    many = bench.stock(_deletes(bench))
    with server.running(many.folder) as served:
        script = [calls.save(where[number % len(where)], key, number) for number, key in enumerate(many.keys)]
        spread = measure.rate("save, many owners", bench.plan(served.port, calls.dealt(script)), COMMITS)
    return [alone, spread]


def status(bench: Bench) -> list[Row]:
    """One owner's status: with nobody else there, and beside a writer, whose commits make it be read anew."""
    where = places(settings())
    with server.running(bench.fresh()) as served:
        key, writer = served.new_key(), calls.CONNECTIONS - 1
        for number, place in enumerate(where):
            served.send(calls.save(place, key, number))
        asking = calls.same(calls.status(key))
        alone = measure.rate("status", bench.plan(served.port, asking), ANSWERS)
        beside = bench.plan(served.port, [*asking[:writer], calls.overwriting(where, key)[writer]])
        mixed = measure.rate("status, beside one writer", beside, ANSWERS, "status")
        _expect(served, key, len(where))
    return [alone, mixed]


def catalogue(bench: Bench) -> list[Row]:
    """The full catalogue, sent whole, and answered 304 to whoever holds it already."""
    with server.running(bench.fresh()) as served:
        key = served.new_key()
        total, tag = served.json("GET", "/v1/integrations", key)["total"], _tag(served, key)
        whole = bench.plan(served.port, calls.same(calls.catalogue(key, total)))
        again = bench.plan(served.port, calls.same(calls.catalogue_again(key, tag)))
        return [
            measure.rate("catalogue", whole, ANSWERS),
            measure.rate("catalogue, 304 by ETag", again, ANSWERS),
        ]


def delete(bench: Bench) -> list[Row]:
    """Credentials that are there, each deleted once."""
    stock = bench.stock(_deletes(bench))
    with server.running(stock.folder) as served:
        script = [calls.delete(place, key) for key, place in stock.held()]
        row = measure.rate("delete", bench.plan(served.port, calls.dealt(script), repeat=False), COMMITS)
        _expect(served, stock.keys[0], 0)
    return [row]


def _deletes(bench: Bench) -> int:
    return int((bench.seconds + bench.warmup) * DELETES_A_SECOND)


def _tag(served: Server, key: str) -> str:
    answer = served.call("GET", "/v1/integrations", key)
    if "etag" not in answer.headers:
        raise WrongAnswer("The catalogue's answer has no ETag.")
    return answer.headers["etag"]


def _expect(served: Server, key: str, held: int) -> None:
    """Raise `WrongAnswer` unless the owner of the key holds so many credentials."""
    found = sum(len(each["environments"]) for each in served.json("GET", server.STATUS, key)["data"])
    if found != held:
        raise WrongAnswer(f"An owner should hold {held} credentials now, and the status tells of {found}.")
