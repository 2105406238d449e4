"""Web pages of other origins call the API where the operator names them, and nowhere else."""

from typing import Any

import httpx2
import pytest

from moorings.http import application
from moorings.http.sharing import READ
from moorings.web import connect
from tests.http.world import ADMIN_KEY, World

pytestmark = pytest.mark.anyio

OURS, THEIRS = "https://app.example.com", "https://app.example.com.evil.example"
ASKING = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization, content-type"}


@pytest.fixture
def page(world: World) -> httpx2.AsyncClient:
    """A browser on a page; it sends no key beforehand."""
    served = application.create(world.hub, (), connect.routes(world.hub), origins=[OURS, "http://localhost:5173"])
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(served), base_url="http://test")


def allowed(answer: httpx2.Response) -> list[tuple[str, str]]:
    return [(name, value) for name, value in answer.headers.items() if name.startswith("access-control-")]


def key(**more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {ADMIN_KEY}", **more}


@pytest.mark.parametrize("origin", [OURS, "http://localhost:5173"])
async def test_a_named_page_may_ask_beforehand_without_a_key(page: httpx2.AsyncClient, origin: str) -> None:
    answer = await page.options("/v1/integrations", headers={"Origin": origin, **ASKING})
    assert (answer.status_code, answer.content) == (204, b"")
    assert dict(allowed(answer)) == {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
        "access-control-allow-headers": "authorization, content-type, idempotency-key, if-none-match",
        "access-control-expose-headers": READ.decode(),
        "access-control-max-age": "600",
    }
    assert (answer.headers["vary"], answer.headers["x-content-type-options"]) == ("Origin", "nosniff")
    assert answer.headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/v1/integrations", key(), 200),
        ("GET", "/v1/integrations/nowhere", key(), 404),
        ("GET", "/v1/integrations", {}, 401),
        ("POST", "/v1/integrations", key(), 400),
        ("GET", "/v1/nowhere", key(), 404),
        ("GET", "/v1/health", {}, 200),
    ],
)
async def test_every_answer_of_the_api_can_be_read_refusals_too(
    page: httpx2.AsyncClient, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = await page.request(method, path, headers={**headers, "Origin": OURS})
    assert answer.status_code == status
    assert allowed(answer) == [
        ("access-control-allow-origin", OURS), ("access-control-expose-headers", READ.decode()),
    ]  # fmt: skip
    assert "Origin" in answer.headers.get_list("vary")


async def test_what_is_told_of_can_be_read(page: httpx2.AsyncClient) -> None:
    answer = await page.get("/v1/integrations", headers=key(Origin=OURS))
    readable = {name.strip().lower() for name in READ.decode().split(",")}
    assert {"etag", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "x-request-id"} <= readable
    assert {name for name in answer.headers if name.startswith("ratelimit") or name == "etag"} <= readable


@pytest.mark.parametrize("origin", [THEIRS, "null", "http://app.example.com", "https://APP.example.com", f"{OURS}:443"])
@pytest.mark.parametrize("method", ["OPTIONS", "GET"])
async def test_another_page_may_read_nothing(page: httpx2.AsyncClient, origin: str, method: str) -> None:
    answer = await page.request(method, "/v1/integrations", headers=key(Origin=origin, **ASKING))
    assert allowed(answer) == []
    assert "Origin" in answer.headers.get_list("vary")
    assert answer.status_code == (405 if method == "OPTIONS" else 200)


async def test_a_call_without_an_origin_says_that_others_get_another_answer(page: httpx2.AsyncClient) -> None:
    answer = await page.get("/v1/integrations", headers=key())
    assert allowed(answer) == []
    assert "Origin" in answer.headers.get_list("vary")


@pytest.mark.parametrize(
    "path", ["/hooks/slack/intg_01kb0h6v3m8x2q4r5s6t7v8w9x", "/metrics", "/connect/harbour", "/openapi.json", "/v1"]
)
@pytest.mark.parametrize("method", ["OPTIONS", "GET", "POST"])
async def test_nothing_beside_the_api_is_shared(page: httpx2.AsyncClient, path: str, method: str) -> None:
    answer = await page.request(method, path, headers=key(Origin=OURS, **ASKING))
    assert (allowed(answer), answer.headers.get("vary")) == ([], None)
    assert answer.status_code != 204


async def test_a_page_can_send_no_cookie_for_a_key(page: httpx2.AsyncClient) -> None:
    answer = await page.get("/v1/integrations", headers={"Origin": OURS, "Cookie": f"key={ADMIN_KEY}"})
    assert answer.status_code == 401
    assert "access-control-allow-credentials" not in answer.headers


async def test_an_options_that_asks_for_nothing_is_an_ordinary_call(page: httpx2.AsyncClient) -> None:
    answer: Any = await page.options("/v1/integrations", headers={"Origin": OURS})
    assert answer.status_code == 401
