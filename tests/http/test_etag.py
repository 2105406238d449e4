"""Catalogue and status answers carry an ETag that changes exactly when the answer does."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from tests.http.world import Client, World, new_key, reserve, saved

pytestmark = pytest.mark.anyio

PATHS = ("/v1/integrations", "/v1/integrations/credentials/status")
EVERYWHERE = (
    *PATHS,
    "/v1/integrations/harbour",
    "/v1/integrations/category/storage",
    "/v1/integrations/tools?environment=production",
)


async def tag(client: Client, path: str) -> str:
    answer = await client.get(path)
    assert answer.status_code == 200
    found: str = answer.headers["etag"]
    return found


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
async def test_an_unchanged_answer_is_304_without_a_body(admin: Client, path: str, form: str) -> None:
    found = await tag(admin, path)
    answer = await admin.get(path, headers={"If-None-Match": form.format(found)})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == found


@pytest.mark.parametrize("path", PATHS)
async def test_an_unchanged_answer_has_the_headers_that_steer_caches(admin: Client, path: str) -> None:
    whole = await admin.get(path)
    answer = await admin.get(path, headers={"If-None-Match": whole.headers["etag"]})
    for name in ("etag", "cache-control", "vary"):  # RFC 9110, 15.4.5
        assert answer.headers.get(name) == whole.headers[name]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("other", ['"other"', "nonsense", ""])
async def test_another_tag_gets_the_whole_answer(admin: Client, path: str, other: str) -> None:
    assert (await admin.get(path, headers={"If-None-Match": other})).status_code == 200


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_an_old_tag_hides_no_change(admin: Client, path: str) -> None:
    first = await admin.get(path)
    old = {"If-None-Match": first.headers.get("etag", '"none"')}
    await saved(admin, environment="production")
    second = await admin.get(path, headers=old)
    assert second.status_code == 200
    assert second.json() != first.json()


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_a_path_that_gives_a_tag_takes_it_back(admin: Client, path: str) -> None:
    found = (await admin.get(path)).headers.get("etag")
    if found is not None:
        assert (await admin.get(path, headers={"If-None-Match": found})).status_code == 304  # judged: is it declared?


@pytest.mark.parametrize("path", PATHS)
async def test_the_tag_follows_every_change(admin: Client, path: str) -> None:
    tags = [await tag(admin, path)]
    await reserve(admin)
    tags.append(await tag(admin, path))
    await saved(admin, environment="staging")
    tags.append(await tag(admin, path))
    await saved(admin, environment="production")
    tags.append(await tag(admin, path))
    await admin.delete("/v1/integrations/harbour/credentials?environment=production")
    tags.append(await tag(admin, path))
    assert len(set(tags)) >= 4
    assert all(before != after for before, after in pairwise(tags))


async def test_saving_anew_changes_the_status_s_tag(admin: Client) -> None:
    await saved(admin)
    before = await tag(admin, PATHS[1])
    await saved(admin)
    assert await tag(admin, PATHS[1]) != before


async def test_another_owner_s_tag_is_not_good_here(world: World, admin: Client) -> None:
    stranger = await world.owner()
    await saved(stranger)
    theirs = await tag(stranger, PATHS[1])
    assert (await admin.get(PATHS[1], headers={"If-None-Match": theirs})).status_code == 200


@pytest.mark.parametrize("path", PATHS)
async def test_different_queries_and_callers_have_different_answers(world: World, admin: Client, path: str) -> None:
    await saved(admin, environment="production")
    bound = world.client((await new_key(admin, "*", environments=["staging"]))["key"])
    for _ in range(2):
        everything = (await admin.get(path)).json()
        there = (await admin.get(path, params={"environment": "production"})).json()
        elsewhere = (await admin.get(path, params={"environment": "staging"})).json()
        hidden = (await bound.get(path)).json()
        assert "production" in str(everything)
        assert there != elsewhere
        assert "production" not in str(hidden)


async def test_a_reservation_s_end_changes_the_answer(alone: World) -> None:
    admin = alone.client()
    await reserve(admin)
    before = await tag(admin, PATHS[0])
    alone.change("UPDATE installations SET expires_at = ?", int((datetime.now(UTC) - timedelta(1)).timestamp() * 1000))
    assert await tag(admin, PATHS[0]) != before


@pytest.mark.parametrize("path", PATHS)
async def test_nobody_else_may_keep_the_answer(admin: Client, path: str) -> None:
    answer = await admin.get(path)
    assert "private" in answer.headers["cache-control"] or "no-store" in answer.headers["cache-control"]
    assert "authorization" in answer.headers.get("vary", "").lower()
