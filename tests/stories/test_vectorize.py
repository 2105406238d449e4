"""A team's life with Cloudflare Vectorize, from the first test to the last deletion."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from moorings.emulators.vectorize import Vectorize
from moorings.emulators.vectorize.account import ACCOUNT, TOKEN, WITHOUT_VECTORIZE
from tests.stories.stage import Stage, stage

pytestmark = pytest.mark.anyio

TARGET = {"accountId": ACCOUNT, "apiToken": TOKEN}
DEAD = {"success": False, "errors": [{"code": 9109, "message": "Invalid access token"}], "messages": [], "result": None}


@pytest.fixture(params=["sqlite", "postgresql"])
async def on(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """The same story on both databases."""
    url = request.getfixturevalue("databases").emptied() if request.param == "postgresql" else None
    async with stage(tmp_path, {"vectorize": Vectorize()}, database_url=url) as made:
        yield made


async def created(on: Stage, name: str = "Articles", **more: Any) -> Any:
    body = {"name": name, **TARGET, "indexName": "articles", **more}
    return await on.ok("POST", "/vectorize", 201, json=body)


async def test_the_whole_story(on: Stage) -> None:  # noqa: PLR0915 - a story is told from its beginning to its end
    # Nothing is there yet: the test says so and stores nothing.
    tested = await on.ok("POST", "/vectorize/test", json={**TARGET, "indexName": "ships"})
    assert (tested["valid"], tested["code"], tested["metadata"]["indexFound"]) == (False, "INDEX_NOT_FOUND", False)
    index = {"name": "ships", "dimensions": 2, "metric": "cosine", "description": "Where they lie"}
    made = await on.ok("POST", "/vectorize/indexes", 201, json={**TARGET, **index})
    assert (made["success"], made["index"]["name"], made["index"]["metric"]) == (True, "ships", "cosine")
    tested = await on.ok("POST", "/vectorize/test", json={**TARGET, "indexName": "ships"})
    assert tested["valid"]
    assert tested["metadata"] == {"indexFound": True, "dimensions": 2, "metric": "cosine", "vectorCount": 0}
    assert (await on.ok("GET", "/vectorize"))["total"] == 0

    # Saved, listed, and offered to agents; the token is nowhere to be seen.
    config = await created(on, "Ships", indexName="ships", environment="production")
    assert (config["status"], config["isDefault"], config["apiTokenPreview"]) == ("connected", True, "…ze00")
    [listed] = (await on.ok("GET", "/vectorize", params={"environment": "production"}))["data"]
    assert listed == config == await on.ok("GET", f"/vectorize/{config['id']}")
    offered = (await on.ok("GET", "/tools", params={"environment": "production"}))["tools"]
    assert {tool["id"] for tool in offered} == {
        "query", "upsert", "get_by_ids", "delete_by_ids", "index_info", "list_metadata_indexes",
    }  # fmt: skip
    assert TOKEN.encode() not in on.stored()

    # Its indexes, with the token that is stored.
    indexes = (await on.ok("POST", "/vectorize/indexes/list", json={"configId": config["id"]}))["indexes"]
    assert {item["name"] for item in indexes} == {"articles", "ships"}

    # Search through a tool: what is written comes late, as at Cloudflare.
    vectors = [{"id": "meridian", "values": [1, 0]}, {"id": "aurora", "values": [0, 1]}]
    written = await on.run("vectorize_upsert", {"vectors": vectors}, "production")
    while (await on.run("vectorize_index_info", {}, "production"))["result"]["processedUpToMutation"] != (
        written["result"]["mutationId"]
    ):
        pass
    found = await on.run("vectorize_query", {"vector": [0.9, 0.1], "topK": 1}, "production")
    assert [match["id"] for match in found["result"]["matches"]] == ["meridian"]
    assert found["source"] == "environment"

    # The token dies; the next run notices, and everybody sees why.
    await on.script("vectorize", status=401, body=DEAD)
    run = await on.run("vectorize_query", {"vector": [1, 0]}, "production")
    assert (run["isError"], run["hint"]["code"]) == (True, "CREDENTIALS_REJECTED")
    [listed] = (await on.ok("GET", "/vectorize"))["data"]
    assert listed["status"] == "failing"
    assert listed["reason"]
    [status] = (await on.ok("GET", "/credentials/status", params={"integrationId": "vectorize"}))["data"]
    assert (status["status"], status["reason"]) == ("invalid", listed["reason"])
    checked = await on.ok("POST", f"/vectorize/{config['id']}/test")
    assert (checked["valid"], checked["code"]) == (False, "CREDENTIALS_REJECTED")

    # A new token mends it; without one, what is stored stays.
    await on.unscript("vectorize")
    await on.ok("POST", "/vectorize/indexes", 201, json={**TARGET, **index})
    await on.no("PUT", f"/vectorize/{config['id']}", 400, "CREDENTIALS_REJECTED", json={"apiToken": WITHOUT_VECTORIZE})
    mended = await on.ok("PUT", f"/vectorize/{config['id']}", json={"apiToken": TOKEN, "description": "mended"})
    assert (mended["status"], mended["reason"], mended["description"]) == ("connected", None, "mended")
    assert (await on.ok("POST", f"/vectorize/{config['id']}/test"))["valid"]
    moved = await on.ok("PUT", f"/vectorize/{config['id']}", json={"indexName": "articles"})
    assert (moved["indexName"], moved["apiTokenPreview"]) == ("articles", "…ze00")

    # Deleted means gone.
    assert await on.rows("SELECT length(sealed) > 0 FROM credentials") in ([(True,)], [(1,)])
    gone = await on.ok("DELETE", f"/vectorize/{config['id']}")
    assert (gone["success"], gone["id"]) == (True, config["id"])
    assert await on.rows("SELECT 1 FROM credentials") == await on.rows("SELECT 1 FROM vector_configs") == []
    kinds = [kind for (kind,) in await on.rows("SELECT kind FROM audit ORDER BY sequence")]
    assert kinds[-1] == "configuration.deleted"
    assert {"configuration.created", "configuration.updated", "credentials.checked", "tool.executed"} <= set(kinds)
    await on.no("GET", f"/vectorize/{config['id']}", 404, "CONFIGURATION_NOT_FOUND")
    assert (await on.run("vectorize_query", {"vector": [1, 0]}, "production"))["hint"]["code"] == "CREDENTIALS_MISSING"
