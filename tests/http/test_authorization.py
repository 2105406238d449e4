"""Who asks: both forms of the header, and what everybody else hears."""

import pytest

from tests.http.judge import CANARY, problem
from tests.http.world import ADMIN_KEY, World, new_key

pytestmark = pytest.mark.anyio

PATHS = (
    ("GET", "/v1/integrations"),
    ("POST", "/v1/integrations"),
    ("GET", "/v1/integrations/category/search"),
    ("GET", "/v1/integrations/credentials/status"),
    ("GET", "/v1/integrations/tools"),
    ("GET", "/v1/integrations/harbour"),
    ("POST", "/v1/integrations/harbour/credentials"),
    ("DELETE", "/v1/integrations/harbour/credentials"),
    ("GET", "/v1/integrations/harbour/tools"),
    ("GET", "/v1/integrations/harbour/tools/moor_ship"),
    ("GET", "/v1/api-keys"),
    ("POST", "/v1/api-keys"),
    ("DELETE", "/v1/api-keys/key_01kb0h6v3m8x2q4r5s6t7v8w9x"),
    ("GET", "/v1/nowhere"),
    ("PUT", "/v1/integrations"),
    ("GET", "/v1/integrations/nowhere"),
    ("GET", "/v1/"),
    ("GET", "/v1/integrations/"),
    ("GET", "/v1/integrations/harbour/credentials/extra"),
)

GOOD = ("Bearer {}", "bearer {}", "BEARER {}", "{}", "Bearer  {}", "  Bearer {}  ", " {} ")
BAD = (
    "", " ", "Bearer", "Bearer ", "Basic {}", "Token {}", "Bearer {}x", "Bearer Bearer {}", "Bearer {},", "Bearer: {}",
    '"{}"', "mrg_", "Bearer mrg_" + "0" * 36, "null", "Bearer \xff", "Bearer {} extra",
)  # fmt: skip


@pytest.mark.parametrize("form", GOOD)
async def test_a_key_is_good_with_and_without_the_word_bearer(world: World, form: str) -> None:
    made = await new_key(world.client(), "INTEGRATIONS:READ")
    for key in (ADMIN_KEY, made["key"]):
        answer = await world.client(None, Authorization=form.format(key)).get("/v1/integrations/tools")
        assert answer.status_code == 200


@pytest.mark.parametrize("form", BAD)
async def test_anything_else_is_nobody_we_know(world: World, form: str) -> None:
    header = form.format(ADMIN_KEY).encode("latin-1")
    answer = await world.client(None).get("/v1/integrations", headers=[(b"authorization", header)])
    assert answer.status_code == 401
    assert problem(answer)["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("key", [None, f"mrg_{CANARY}", f"{CANARY}{'x' * 40}"])
async def test_without_a_good_key_every_path_is_401_with_the_way_to_come_in(
    world: World, method: str, path: str, key: str | None
) -> None:
    answer = await world.client(key).request(method, path, json={} if method == "POST" else None)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert problem(answer)["code"] == "UNAUTHENTICATED"


async def test_every_wrong_key_hears_the_same(world: World) -> None:
    revoked = await new_key(world.client(), "*")
    await world.client().delete(f"/v1/api-keys/{revoked['id']}")
    typo = revoked["key"][:-1] + ("a" if revoked["key"][-1] != "a" else "b")
    keys = (revoked["key"], typo, "mrg_x", "y" * 64)
    answers = [(await world.client(key).get("/v1/integrations")).json() for key in keys]
    told = {(answer["error"], answer["code"]) for answer in answers}
    assert len(told) == 1


async def test_two_authorization_headers_never_let_a_stranger_in(world: World) -> None:
    pairs = [("Authorization", f"Bearer {CANARY}"), ("Authorization", f"Bearer {ADMIN_KEY}")]
    answer = await world.client(None).get("/v1/integrations", headers=pairs)
    assert answer.status_code in (200, 401)


@pytest.mark.parametrize("path", ["/openapi.json", "/v1/health", "/v1/health/live", "/v1/health/ready"])
async def test_what_holds_no_secret_is_open(world: World, path: str) -> None:
    assert (await world.client(None).get(path)).status_code == 200


async def test_a_key_in_the_query_is_no_key(world: World) -> None:
    for name in ("key", "api_key", "access_token", "authorization"):
        assert (await world.client(None).get(f"/v1/integrations?{name}={ADMIN_KEY}")).status_code == 401
