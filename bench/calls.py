"""The calls that the benchmark sends, as they go over the wire, and the scripts of its connections."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from load import Call

CONNECTIONS = 16
COUNTER_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Place:
    """Where one credential of an owner stands, with values that fit it; None is for all environments."""

    integration_id: str
    environment: str | None
    sample: Mapping[str, str]
    secret: frozenset[str]

    def fields(self, number: int) -> dict[str, str]:
        """Secrets of their own for each number, as valid as the sample."""
        return {name: _own(value, number) if name in self.secret else value for name, value in self.sample.items()}


def _own(value: str, number: int) -> str:
    """The value with a number in place of its noughts, or of its end where it has none to speak of."""
    counted = f"{number:0{COUNTER_DIGITS}}"
    noughts = "0" * COUNTER_DIGITS
    return value.replace(noughts, counted, 1) if noughts in value else value[:-COUNTER_DIGITS] + counted


def save(place: Place, key: str, number: int) -> Call:
    """Save credentials without asking the provider."""
    body = {"credentials": place.fields(number), "environment": place.environment, "verify": False}
    path = f"/v1/integrations/{place.integration_id}/credentials"
    return Call("save", text("POST", path, key, json.dumps(body)), 200, '"success":true')


def delete(place: Place, key: str) -> Call:
    """Delete credentials, with the empty body that the published examples send; no provider is asked."""
    environment = "" if place.environment is None else f"&environment={quote(place.environment)}"
    path = f"/v1/integrations/{place.integration_id}/credentials?revoke=false{environment}"
    return Call("delete", text("DELETE", path, key, "{}"), 200, '"success":true')


def status(key: str, contains: str = '"configured":true') -> Call:
    """Ask for the credential status of an owner."""
    return Call("status", text("GET", "/v1/integrations/credentials/status", key), 200, contains)


def catalogue(key: str, total: int) -> Call:
    """Ask for the full catalogue."""
    return Call("catalogue", text("GET", "/v1/integrations", key), 200, f'"total":{total}')


def catalogue_again(key: str, tag: str) -> Call:
    """Ask for the full catalogue as a client does that holds it already."""
    return Call("catalogue 304", text("GET", "/v1/integrations", key, headers={"If-None-Match": tag}), 304)


def tools(key: str, total: int, headers: Mapping[str, str] | None = None) -> Call:
    """Ask for the tools of everything that is configured; a packed answer is unpacked to look into it."""
    return Call("tools", text("GET", "/v1/integrations/tools", key, headers=headers), 200, f'"total":{total}')


def bare() -> Call:
    """Ask the floor program."""
    return Call("bare", text("GET", "/", "none"))


def text(method: str, path: str, key: str, body: str | None = None, headers: Mapping[str, str] | None = None) -> str:
    """An HTTP/1.1 request."""
    lines = {"Host": "127.0.0.1", "Authorization": f"Bearer {key}", "Accept": "application/json", **(headers or {})}
    if body is not None:
        lines |= {"Content-Type": "application/json", "Content-Length": str(len(body.encode()))}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n{body or ''}"


def same(call: Call, connections: int = CONNECTIONS) -> list[list[Call]]:
    """Every connection sends the same call."""
    return [[call]] * connections


def dealt(calls: Sequence[Call], connections: int = CONNECTIONS) -> list[list[Call]]:
    """Every connection gets its share of the calls."""
    return [list(calls[each::connections]) for each in range(connections)]


def overwriting(places: Sequence[Place], key: str, rounds: int = 20) -> list[list[Call]]:
    """Every connection saves at all places again and again, each time other values, each beginning elsewhere."""
    numbers = range(rounds * len(places))
    return [
        [save(places[(number + each) % len(places)], key, number * CONNECTIONS + each) for number in numbers]
        for each in range(CONNECTIONS)
    ]


def coming_and_going(places: Sequence[Place], keys: Sequence[str]) -> list[Call]:
    """For each owner in turn: save at one place, look at the status, delete what was saved."""
    script = []
    for number, key in enumerate(keys):
        place = places[number % len(places)]
        script += [save(place, key, number), status(key), delete(place, key)]
    return script
