"""A team's life with a Weaviate, from the first test to the last deletion."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from moorings.emulators.weaviate import Weaviate
from moorings.emulators.weaviate.server import ADDRESS, KEY
from tests.stories.stage import Stage, stage

pytestmark = pytest.mark.anyio

MODULE_KEY = "sk-c4narY7Qz-emulated-openai-key"
TARGET = {"url": ADDRESS, "apiKey": KEY, "collectionName": "Article"}
SHIP = "0b6f4f0a-6c1e-4c53-9d0b-5b8d4f5a1c2d"


@pytest.fixture(params=["sqlite", "postgresql"])
async def on(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """The same story on both databases."""
    url = request.getfixturevalue("databases").emptied() if request.param == "postgresql" else None
    async with stage(tmp_path, {"weaviate": Weaviate()}, database_url=url) as made:
        yield made


async def created(on: Stage, name: str = "Articles", **more: Any) -> Any:
    return await on.ok("POST", "/weaviate", 201, json={"name": name, **TARGET, **more})


async def test_the_whole_story(on: Stage) -> None:  # noqa: PLR0915 - a story is told from its beginning to its end
    # Nothing is there yet: the test says what is missing and stores nothing.
    tested = await on.ok("POST", "/weaviate/test", json={**TARGET, "collectionName": "Nowhere"})
    assert (tested["valid"], tested["code"]) == (False, "COLLECTION_NOT_FOUND")
    tested = await on.ok("POST", "/weaviate/test", json=TARGET)
    assert tested["valid"]
    assert tested["metadata"] == {
        "version": "1.39.2", "ready": True, "modules": ["text2vec-transformers"], "collectionCount": 2,
        "collectionFound": True,
    }  # fmt: skip
    assert (await on.ok("GET", "/weaviate"))["total"] == 0

    # Saved with its address put right, and a module key of which only the header's name is shown.
    pasted = f"{ADDRESS.removeprefix('https://')}/v1/"
    config = await created(on, url=pasted, environment="production", headers={"X-OpenAI-Api-Key": MODULE_KEY})
    assert (config["url"], config["version"], config["status"]) == (ADDRESS, "1.39.2", "connected")
    assert (config["headerNames"], config["apiKeyPreview"]) == (["X-OpenAI-Api-Key"], "…-key")
    [listed] = (await on.ok("GET", "/weaviate"))["data"]
    assert listed == config == await on.ok("GET", f"/weaviate/{config['id']}")
    assert KEY.encode() not in on.stored()
    assert MODULE_KEY.encode() not in on.stored()
    collections = await on.ok("POST", f"/weaviate/{config['id']}/collections")
    assert {each["name"]: each["vectorizers"] for each in collections["collections"]} == {
        "Article": {"default": "text2vec-transformers"}, "Ship": {"kind": "none", "route": "none"},
    }  # fmt: skip

    # Search through tools: over REST where the version has it (nearText), in GraphQL where not.
    near = await on.run("weaviate_near_text", {"query": "ship harbour", "limit": 1}, "production")
    assert near["result"][0]["id"] == SHIP
    assert near["result"][0]["properties"]["title"] == "A ship in the harbour"
    words = await on.run("weaviate_bm25", {"query": "herring", "properties": ["title"]}, "production")
    assert [(found["properties"], found["score"]) for found in words["result"]] == [
        ({"title": "The price of fish"}, 1.0)
    ]
    both = await on.run("weaviate_hybrid", {"query": "storm", "alpha": 0.5}, "production")
    assert both["result"][0]["properties"]["title"] == "Storm warning"
    vector = {"vector": [0.1, 0.2, 0.9], "collection": "Ship", "target_vector": "kind"}
    assert (await on.run("weaviate_near_vector", vector, "production"))["result"][0]["properties"] == {
        "name": "Meridian"
    }
    inserted = await on.run("weaviate_insert_object", {"properties": {"title": "Fog"}}, "production")
    got = await on.run("weaviate_get_object", {"id": inserted["result"]["id"]}, "production")
    assert got["result"]["properties"] == {"title": "Fog"}
    dropped = await on.run("weaviate_delete_object", {"id": inserted["result"]["id"]}, "production")
    assert dropped["result"]["deleted"]
    assert (await on.run("weaviate_get_object", {"id": inserted["result"]["id"]}, "production"))["isError"]

    # The key dies; the next run notices, and everybody sees why.
    await on.script("weaviate", status=401, body={"code": 401, "message": "unauthorized: invalid api key"})
    run = await on.run("weaviate_bm25", {"query": "herring"}, "production")
    assert (run["isError"], run["hint"]["code"]) == (True, "CREDENTIALS_REJECTED")
    [listed] = (await on.ok("GET", "/weaviate"))["data"]
    assert listed["status"] == "failing"
    assert listed["reason"]
    await on.unscript("weaviate")

    # What is not given stays; what is given is looked at first.
    await on.no(
        "PUT", f"/weaviate/{config['id']}", 400, "CREDENTIALS_REJECTED", json={"apiKey": "another-key-of-nobody"}
    )
    await on.no("PUT", f"/weaviate/{config['id']}", 400, "COLLECTION_NOT_FOUND", json={"collectionName": "Nowhere"})
    mended = await on.ok("PUT", f"/weaviate/{config['id']}", json={"collectionName": "Ship", "headers": None})
    assert (mended["status"], mended["collectionName"], mended["headerNames"]) == ("connected", "Ship", [])
    assert (await on.ok("POST", f"/weaviate/{config['id']}/test"))["valid"]

    # A stored key is shown to no other server than its own.
    refused = await on.no(
        "PUT", f"/weaviate/{config['id']}", 400, "SECRET_WANTED_AGAIN", json={"url": "https://elsewhere.example"}
    )
    assert [detail["field"] for detail in refused["details"]] == ["apiKey"]

    # Deleted means gone.
    assert await on.rows("SELECT length(sealed) > 0 FROM credentials") in ([(True,)], [(1,)])
    gone = await on.ok("DELETE", f"/weaviate/{config['id']}")
    assert (gone["success"], gone["id"]) == (True, config["id"])
    assert await on.rows("SELECT 1 FROM credentials") == await on.rows("SELECT 1 FROM vector_configs") == []
    await on.no("GET", f"/weaviate/{config['id']}", 404, "CONFIGURATION_NOT_FOUND")
    assert (await on.run("weaviate_bm25", {"query": "x"}, "production"))["hint"]["code"] == "CREDENTIALS_MISSING"
