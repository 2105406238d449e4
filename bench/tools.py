"""Tools: listing those of fifty integrations, and what a call through Moorings takes more than one to the provider."""

import json
from dataclasses import replace

import calls
import measure
import server
from goals import ANSWERS, MILLISECONDS, Row
from load import Call, Plan, Seen
from server import WrongAnswer
from stock import places

from bench import Bench
from moorings.settings import load as settings

LISTED = 50
PER_SECOND = 200
TOOL = ("firecrawl", "scrape_page")
WISH = {"environment": "production", "parameters": {"url": "https://example.com"}}


def tools(bench: Bench) -> list[Row]:
    """All rows."""
    return [*_listing(bench), *_execution(bench)]


def _listing(bench: Bench) -> list[Row]:
    """As HTTP clients ask, who unpack gzip, and as who does not."""
    where = [place for place in places(settings()) if place.environment is None][:LISTED]
    with server.running(bench.fresh()) as served:
        key = served.new_key()
        for number, place in enumerate(where):
            served.send(calls.save(place, key, number))
        offered = served.json("GET", "/v1/integrations/tools", key)["total"]
        note = f"only {len(where)} integrations are there" if len(where) < LISTED else f"{offered} tools in each answer"
        return [
            replace(measure.rate(title, bench.plan(served.port, calls.same(call)), ANSWERS), note=note)
            for title, call in (
                ("tools of 50 integrations", calls.tools(key, offered, {"Accept-Encoding": "gzip"})),
                ("the same, not packed", calls.tools(key, offered)),
            )
        ]


def _execution(bench: Bench) -> list[Row]:
    """At a steady pace, the same calls straight to a provider that answers at once and through Moorings."""
    place = next(place for place in places(settings()) if place.integration_id == TOOL[0] and place.environment is None)
    with measure.answering() as port:
        upstreams = {"MOORINGS_UPSTREAMS": json.dumps({TOOL[0]: f"http://127.0.0.1:{port}"})}
        with server.running(bench.fresh(), upstreams) as served:
            key = served.new_key()
            served.send(calls.save(place, key, 1))
            path = f"/v1/integrations/{TOOL[0]}/tools/{TOOL[1]}/execute"
            through = Call("tool", calls.text("POST", path, key, json.dumps(WISH)), 200, '"success":true')
            direct = measure.load(_paced(bench, port, calls.bare()))
            return [_added(direct, measure.load(_paced(bench, served.port, through)))]


def _paced(bench: Bench, port: int, call: Call) -> Plan:
    return replace(bench.plan(port, calls.same(call)), pace=calls.CONNECTIONS / PER_SECOND)


def _added(direct: Seen, through: Seen) -> Row:
    least, most = _latencies(direct), _latencies(through)
    pace = sum(map(len, through.latencies.values())) / through.seconds
    note = f"p50 {most[0]:.1f} ms, p99 {most[1]:.1f} ms at {pace:.0f} calls/s; the provider itself {least[0]:.1f} ms"
    return Row(
        "tool call, what Moorings adds", most[0] - least[0], MILLISECONDS, most[0] - least[0], most[1] - least[1],
        direct.errors + through.errors, [*direct.failures, *through.failures], note=note,
    )  # fmt: skip


def _latencies(seen: Seen) -> tuple[float, float]:
    taken = [each for every in seen.latencies.values() for each in every]
    found = measure.percentile(taken, 50), measure.percentile(taken, 99)
    if found[0] is None or found[1] is None:
        raise WrongAnswer("No call was answered while it counted.")
    return found[0], found[1]
