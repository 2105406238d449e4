"""Every answer is guarded, no page of another origin reads it, and no head of a request is too large to be refused."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from moorings.http.gate import Gate
from tests.http.judge import Judge
from tests.http.world import ADMIN_KEY, World, living

pytestmark = pytest.mark.anyio

GUARDS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


def unjudged(world: World) -> httpx2.AsyncClient:
    """A client for what no document tells of."""
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(world.application), base_url="http://test", headers=headers
    )


async def test_every_answer_is_guarded_also_an_error(world: World) -> None:
    client, stranger = world.client(), world.client(None)
    answers = [
        await client.get("/v1/integrations/tools"), await client.get("/nowhere"),
        await stranger.get("/v1/integrations"),
        await client.post("/v1/integrations", content=b"x"), await stranger.get("/v1/health"),
        await client.delete("/v1/integrations"),
    ]  # fmt: skip
    for answer in answers:
        assert {name: answer.headers[name] for name in GUARDS} == GUARDS
        assert "strict-transport-security" not in answer.headers
        assert len(answer.headers.get_list("cache-control")) == 1


async def test_nothing_is_kept_by_a_cache_but_what_bears_a_tag(world: World) -> None:
    client = world.client()
    assert (await client.get("/v1/api-keys")).headers["cache-control"] == "no-store"
    assert (await client.get("/v1/integrations")).headers["cache-control"] == "private, no-cache"


async def test_behind_tls_browsers_are_told_to_stay_there(data_dir: Path, judge: Judge) -> None:
    async with living(data_dir, judge, public_url="https://hub.example.com") as world:
        answer = await world.client().get("/v1/integrations/tools")
        assert answer.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
async def test_no_page_of_another_origin_may_read_an_answer(world: World, method: str) -> None:
    client = unjudged(world)
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for path in ("/v1/integrations", "/v1/health", "/openapi.json"):
        answer = await client.request(method, path, headers=asked)
        assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        ("/v1/integrations?q=" + "x" * 17_000, {}, 414, "URI_TOO_LONG"),
        ("/v1/" + "x" * 17_000, {}, 414, "URI_TOO_LONG"),
        ("/v1/integrations", {"X-Odd": "x" * 33_000}, 431, "HEADERS_TOO_LARGE"),
        ("/v1/integrations", {f"X-{number}": "x" * 400 for number in range(90)}, 431, "HEADERS_TOO_LARGE"),
        ("/v1/health", {"X-Odd": "x" * 33_000}, 431, "HEADERS_TOO_LARGE"),
    ],
    ids=["query", "path", "one header", "many headers", "without a key"],
)
async def test_a_head_that_is_too_large_is_refused(
    world: World, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await unjudged(world).get(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("path", ["/v1/integrations", "/hooks/slack/intg_01kb0h6v3m8x2q4r5s6t7v8w9x"])
async def test_a_body_that_does_not_end_is_waited_for_a_bounded_time(world: World, path: str) -> None:
    async def halves() -> AsyncIterator[bytes]:
        yield b'{"type": "sla'
        await asyncio.Event().wait()

    patient = Gate(world.application.framework, world.hub, body_seconds=0.05)
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    transport = httpx2.ASGITransport(patient)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        async with asyncio.timeout(10):
            answer = await client.post(path, content=halves())
    assert (answer.status_code, answer.json()["code"]) == (408, "BODY_TOO_SLOW")
