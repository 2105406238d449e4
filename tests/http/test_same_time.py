"""What is another owner's takes as long to deny as what does not exist, so that no clock can tell them apart."""

import time
from collections.abc import AsyncIterator
from statistics import quantiles

import httpx2
import pytest

from tests.http.belongings import belongings
from tests.http.world import Client, World

pytestmark = pytest.mark.anyio

NOBODY_S = "01kb0h6v3m8x2q4r5s6t7v8w9x"
PLACES = {
    "an installation": ("GET", "/v1/integrations/{}", "installation"),
    "its resolution": ("GET", "/v1/integrations/{}/resolve", "installation"),
    "its credentials": ("DELETE", "/v1/integrations/{}/credentials", "installation"),
    "a key": ("DELETE", "/v1/api-keys/{}", "key"),
    "a Vectorize configuration": ("GET", "/v1/integrations/vectorize/{}", "vectorize"),
    "a Weaviate configuration": ("GET", "/v1/integrations/weaviate/{}", "weaviate"),
    "a bot's request": ("GET", "/v1/integrations/telegram/managed/{}/status", "request"),
    "an event": ("POST", "/v1/integrations/{own}/events/{}/redeliver", "event"),
}
PAIRS, ROUNDS = 40, 6
FACTOR, SECONDS = 1.3, 0.0001
"""What quarters of the same may differ by, and in practice do not by a tenth of it. What is to be found (another write,
a request to a provider) differs in every round and slows every answer; what other programs do to this machine does
neither, so the quarter that was answered first is compared, until one round finds no difference."""


@pytest.fixture
async def stranger(anyio_backend: str, world: World) -> AsyncIterator[Client]:
    """Another owner, whose answers nobody judges: judging them takes longer than they do."""
    judged = await world.owner()
    transport = httpx2.ASGITransport(world.application)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test", headers=judged.headers) as client:
        yield client


@pytest.mark.parametrize("thing", list(PLACES))
async def test_no_clock_tells_another_owner_s_things_from_those_that_do_not_exist(
    world: World, admin: Client, stranger: Client, thing: str
) -> None:
    theirs = await belongings(world, admin)
    own = (await stranger.post("/v1/integrations", json={"type": "harbour"})).json()["id"]
    method, path, kind = PLACES[thing]
    found = getattr(theirs, kind)
    paths = [path.format(name, own=own) for name in (found, f"{found.partition('_')[0]}_{NOBODY_S}")]
    rounds: list[float] = []
    while not rounds or (rounds[-1] > 0 and len(rounds) < ROUNDS):
        rounds.append(await difference(stranger, method, paths))
    assert rounds[-1] <= 0, rounds


async def difference(client: Client, method: str, paths: list[str]) -> float:
    """By how many seconds the first quarters differ beyond the noise; asked in turn, so that both meet the same."""
    taken: list[list[float]] = [[], []]
    for number in range(2 * PAIRS):
        which = number % 2
        begun = time.perf_counter()
        answer = await client.request(method, paths[which], json={})
        taken[which].append(time.perf_counter() - begun)
        assert answer.status_code == 404, answer.text
    less, more = sorted(quantiles(times, n=4)[0] for times in taken)
    return more - (less * FACTOR + SECONDS)
