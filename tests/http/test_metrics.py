"""Metrics: for allowed networks alone, and nothing of what a caller wrote in them."""

from ipaddress import ip_network
from pathlib import Path

import httpx2
import pytest

from moorings.http import application
from moorings.http.metrics import BOUNDS, Metrics
from tests.http.judge import CANARY
from tests.http.world import ADMIN_KEY, World

pytestmark = pytest.mark.anyio


def client(world: World, *allowed: str, address: str = "10.0.0.1") -> httpx2.AsyncClient:
    """A caller of an application over the same hub, whose metrics some networks may read."""
    made = application.create(world.hub, metered=[ip_network(text) for text in allowed])
    transport = httpx2.ASGITransport(made, client=(address, 1))
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    return httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers)


async def test_nobody_reads_them_unless_allowed(world: World) -> None:
    for reader in (client(world), client(world, "10.1.0.0/16"), client(world, "::/0")):
        answer = await reader.get("/metrics")
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
        assert answer.json()["error"] == (await reader.get("/nothing-here")).json()["error"]
    answer = await client(world, "10.0.0.0/8").get("/metrics")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")


async def test_calls_are_counted_by_route_and_end_without_what_callers_wrote(world: World) -> None:
    caller = client(world, "10.0.0.0/8")
    await caller.get("/v1/integrations/tools")
    await caller.get("/v1/integrations/tools")
    await caller.get(f"/v1/integrations/{CANARY}/tools/{CANARY}?environment={CANARY}")
    await caller.get(f"/{CANARY}")
    await caller.get("/v1/integrations", headers={"Authorization": f"Bearer {CANARY}"})
    text = (await caller.get("/metrics")).text
    assert CANARY not in text
    lines = text.splitlines()
    counted = 'moorings_calls_total{method="GET",route='
    assert f'{counted}"/v1/integrations/tools",status="200"}} 2' in lines
    assert f'{counted}"/v1/integrations/{{integrationId}}/tools/{{toolId}}",status="404"}} 1' in lines
    assert f'{counted}"other",status="404"}} 1' in lines
    assert f'{counted}"other",status="401"}} 1' in lines
    assert "moorings_calls_under_way 1" in lines
    assert 'moorings_call_seconds_count{route="/v1/integrations/tools"} 2' in lines


async def test_methods_that_somebody_makes_up_are_counted_as_one(world: World) -> None:
    caller = client(world, "10.0.0.0/8")
    for method in (CANARY, "BREW", "brew", "get"):
        await caller.request(method, "/v1/health")
    text = (await caller.get("/metrics")).text
    assert CANARY not in text
    assert "BREW" not in text.upper()
    assert sum('method="other"' in line for line in text.splitlines()) == 1


def test_durations_fall_into_growing_buckets() -> None:
    time = [0.0]
    metrics = Metrics(lambda: time[0])
    for seconds in (0.0005, 0.001, 0.02, 99.0):
        metrics.count("GET", "/x", 200, seconds)
    found = [line for line in metrics.text().splitlines() if "_bucket" in line]
    numbers = [int(line.rpartition(" ")[2]) for line in found]
    assert numbers == sorted(numbers)
    assert (numbers[0], numbers[-1], len(numbers)) == (2, 4, len(BOUNDS) + 1)
    assert 'moorings_call_seconds_sum{route="/x"} 99.021500' in metrics.text()


async def test_readiness_tells_of_a_root_key_that_is_gone_and_liveness_does_not(alone: World, data_dir: Path) -> None:
    stranger = alone.client(None)
    assert (await stranger.get("/v1/health/ready")).status_code == 200
    alone.change("UPDATE owner_keys SET root_key_id = 'k1'")
    alone.change("INSERT INTO root_keys (id, check_value, created_at) VALUES ('k7', x'00', 0)")
    await alone.client().post(
        "/v1/integrations/harbour/credentials", json={"credentials": {"apiKey": f"hb_{CANARY}-1234"}, "verify": False}
    )
    alone.change("UPDATE owner_keys SET root_key_id = 'k7'")
    answer = await stranger.get("/v1/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (500, "WRONG_ROOT_KEY")
    assert (await stranger.get("/v1/health/live")).status_code == 200
