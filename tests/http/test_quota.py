"""An owner holds as much as it may and no more; what is over is refused with what to do about it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.http.judge import Judge, problem
from tests.http.world import World, living, new_key, reserve, save, saved

pytestmark = pytest.mark.anyio


@pytest.fixture
async def narrow(anyio_backend: str, data_dir: Path, judge: Judge) -> AsyncIterator[World]:
    """A server on which an owner may hold three things; its first key is one of them."""
    async with living(data_dir, judge, quota_things=3) as world:
        yield world


async def test_beyond_it_nothing_can_be_added_by_any_call(narrow: World) -> None:
    ada, bob = await narrow.owner(), await narrow.owner()
    await saved(ada)
    await reserve(ada)
    refused = [
        await save(ada, environment="staging"), await ada.post("/v1/integrations", json={"type": "harbour"}),
        await ada.post("/v1/api-keys", json={"name": "another", "scopes": ["*"]}),
    ]  # fmt: skip
    for answer in refused:
        assert (answer.status_code, problem(answer)["code"]) == (409, "QUOTA_REACHED")
        assert "delete some" in problem(answer)["error"]
        assert "MOORINGS_QUOTA_THINGS" in problem(answer)["error"]
    await saved(ada)  # in place of what is there
    await saved(bob)


async def test_what_is_deleted_makes_room(narrow: World) -> None:
    ada = await narrow.owner()
    await saved(ada)
    made = await new_key(ada, "INTEGRATIONS:READ")
    assert (await save(ada, environment="staging")).status_code == 409
    assert (await ada.delete(f"/v1/api-keys/{made['id']}")).status_code == 200
    await saved(ada, environment="staging")
