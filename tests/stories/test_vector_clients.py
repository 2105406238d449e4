"""The same calls through the typed Python client, and the tools through the Model Context Protocol's own list."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from moorings.client import AsyncMoorings, Conflict, InvalidCall, NotFound
from moorings.emulators.vectorize import Vectorize
from moorings.emulators.vectorize.account import ACCOUNT, TOKEN
from moorings.emulators.weaviate import Weaviate
from moorings.emulators.weaviate.server import ADDRESS, KEY
from moorings.http import application
from moorings.services.owners import administrator
from tests.http.world import ADMIN_KEY
from tests.stories.stage import Stage, stage

pytestmark = pytest.mark.anyio


@pytest.fixture
async def on(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path, {"vectorize": Vectorize(), "weaviate": Weaviate()}) as made:
        yield made


@pytest.fixture
async def client(on: Stage) -> AsyncIterator[AsyncMoorings]:
    transport = httpx2.ASGITransport(application.create(on.hub))
    async with AsyncMoorings("http://test", ADMIN_KEY, transport=transport, retries=None) as made:
        yield made


async def test_vectorize_through_the_client(client: AsyncMoorings) -> None:
    calls = client.vectorize
    assert (await calls.test(ACCOUNT, TOKEN, index_name="articles")).metadata["dimensions"] == 3
    made = await calls.create("A", ACCOUNT, TOKEN, "articles", environment="staging", description="x")
    assert (made.status, made.api_token_preview, made.is_default) == ("connected", "…ze00", True)
    assert [one.id for one in (await calls.list(environment="staging")).data] == [made.id]
    assert (await calls.get(made.id)).account_id == ACCOUNT
    changed = await calls.update(made.id, name="B", environment=None, description=None)
    assert (changed.name, changed.environment, changed.description) == ("B", None, None)
    index = (await calls.create_index("ships", config=made.id, dimensions=2, metric="cosine")).index
    assert (index.name, index.dimensions) == ("ships", 2)
    assert {one.name for one in (await calls.indexes(account_id=ACCOUNT, api_token=TOKEN)).indexes} >= {"ships"}
    with pytest.raises(Conflict):
        await calls.create_index("ships", config=made.id, preset="openai/text-embedding-ada-002")
    assert (await calls.test_saved(made.id)).valid
    assert (await calls.delete(made.id)).success
    with pytest.raises(NotFound):
        await calls.get(made.id)


async def test_weaviate_through_the_client(client: AsyncMoorings) -> None:
    calls = client.weaviate
    assert (await calls.test(ADDRESS, api_key=KEY)).metadata["version"] == "1.39.2"
    made = await calls.create("A", ADDRESS, api_key=KEY, collection_name="Article", headers={"X-A": "a-module-key-00"})
    assert (made.header_names, made.version, made.api_key_preview) == (["X-A"], "1.39.2", "…-key")
    assert (await calls.list()).total == 1
    assert (await calls.get(made.id)).url == ADDRESS
    found = await calls.collections(made.id)
    assert [one.name for one in found.collections] == ["Article", "Ship"]
    changed = await calls.update(made.id, collection_name=None, headers={"X-B": "b-module-key-00"})
    assert (changed.collection_name, changed.header_names) == (None, ["X-B"])
    with pytest.raises(InvalidCall) as refusal:
        await calls.update(made.id, url="https://elsewhere.example")
    assert refusal.value.code == "SECRET_WANTED_AGAIN"
    assert (await calls.test_saved(made.id)).valid
    assert (await calls.delete(made.id)).id == made.id


async def test_agents_are_offered_the_tools_where_a_configuration_answers(on: Stage) -> None:
    caller = administrator(await on.hub.owners.find(None))
    assert await on.hub.execution.runnable(caller, "production") == []
    body = {"name": "A", "url": ADDRESS, "apiKey": KEY, "environment": "production"}
    await on.ok("POST", "/weaviate", 201, json=body)
    offered = {tool.name for tool in await on.hub.execution.runnable(caller, "production")}
    assert offered == {
        "weaviate_near_text", "weaviate_near_vector", "weaviate_bm25", "weaviate_hybrid", "weaviate_get_object",
        "weaviate_insert_object", "weaviate_delete_object", "weaviate_list_collections",
    }  # fmt: skip
    assert await on.hub.execution.runnable(caller, "staging") == []


async def test_the_catalogue_says_where_each_store_stands(on: Stage) -> None:
    before = await on.ok("GET", "", params={"category": "vector-store"})
    assert {entry["id"]: entry["status"] for entry in before["data"]}["vectorize"] == "available"
    body = {"name": "A", "accountId": ACCOUNT, "apiToken": TOKEN, "indexName": "articles", "environment": "staging"}
    made = await on.ok("POST", "/vectorize", 201, json=body)
    [entry] = [entry for entry in (await on.ok("GET", ""))["data"] if entry["id"] == "vectorize"]
    assert (entry["status"], entry["configured"], entry["environments"]) == ("connected", True, ["staging"])
    details = await on.ok("GET", "/vectorize")
    assert (details["id"], details["status"], details["toolCount"], details["total"]) == (
        "vectorize",
        "connected",
        6,
        1,
    )
    [status] = (
        await on.ok("GET", "/credentials/status", params={"integrationId": "vectorize", "environment": "staging"})
    )["data"]
    assert (status["configured"], status["source"], status["status"]) == (True, "environment", "valid")
    assert status["fields"]["apiToken"]["preview"] == "…ze00"
    await on.no("POST", "/vectorize/credentials", 400, "OWN_INSTALL_CALL", json={"credentials": {"apiToken": TOKEN}})
    await on.no("DELETE", "/vectorize/credentials", 404, "CREDENTIALS_NOT_FOUND", params={"environment": "staging"})
    assert (await on.ok("GET", f"/vectorize/{made['id']}"))["status"] == "connected"
