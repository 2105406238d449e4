"""What is wrong with a configuration is said in a sentence; nothing is stored, and the others stay as they are."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from moorings.emulators.vectorize import Vectorize
from moorings.emulators.vectorize.account import ACCOUNT, DISABLED, READ_ONLY, TOKEN, WITHOUT_VECTORIZE
from moorings.emulators.vectorize.answers import NOT_ENTITLED
from moorings.emulators.weaviate import Weaviate
from moorings.emulators.weaviate.server import ADDRESS, KEY
from tests.stories.stage import Stage, stage

pytestmark = pytest.mark.anyio

VECTORIZE = {"accountId": ACCOUNT, "apiToken": TOKEN, "indexName": "articles"}
WEAVIATE = {"url": ADDRESS, "apiKey": KEY, "collectionName": "Article"}
GOOD = {"vectorize": VECTORIZE, "weaviate": WEAVIATE}
UNKNOWN = "emulated000000000000000000000vectorize99"
INDEX = {"accountId": ACCOUNT, "apiToken": TOKEN, "name": "ships", "dimensions": 2, "metric": "cosine"}
REFUSED = (
    ("vectorize", {"accountId": "f" * 32}, 400, "CREDENTIALS_REJECTED", "may not act on this account"),
    ("vectorize", {"apiToken": UNKNOWN}, 400, "CREDENTIALS_REJECTED", "knows no such token"),
    ("vectorize", {"apiToken": DISABLED}, 400, "CREDENTIALS_REJECTED", "this token is disabled"),
    ("vectorize", {"apiToken": WITHOUT_VECTORIZE}, 400, "CREDENTIALS_REJECTED", "lacks the permission Vectorize"),
    ("vectorize", {"indexName": "nowhere"}, 400, "INDEX_NOT_FOUND", "no index of this name"),
    ("weaviate", {"apiKey": "another-key-of-nobody"}, 400, "CREDENTIALS_REJECTED", "does not accept this API key"),
    ("weaviate", {"apiKey": None}, 400, "CREDENTIALS_REJECTED", "lets nobody in without an API key"),
    ("weaviate", {"collectionName": "Nowhere"}, 400, "COLLECTION_NOT_FOUND", "no collection of this name"),
)
MALFORMED = (
    ("vectorize", {"accountId": "F" * 32}, "accountId"),
    ("vectorize", {"accountId": "abc"}, "accountId"),
    ("vectorize", {"apiToken": "short"}, "apiToken"),
    ("vectorize", {"apiToken": f"{TOKEN}\n"}, "apiToken"),
    ("vectorize", {"indexName": "Articles"}, "indexName"),
    ("vectorize", {"indexName": "a"}, "indexName"),
    ("vectorize", {"indexName": "a" * 65}, "indexName"),
    ("vectorize", {"name": ""}, "name"),
    ("vectorize", {"name": "a\nb"}, "name"),
    ("vectorize", {"isDefault": "yes"}, "isDefault"),
    ("vectorize", {"strange": 1}, "strange"),
    ("weaviate", {"url": "https://user:pass@x.example"}, "url"),
    ("weaviate", {"url": "ftp://x.example"}, "url"),
    ("weaviate", {"collectionName": "article"}, "collectionName"),
    ("weaviate", {"collectionName": "Article { x }"}, "collectionName"),
    ("weaviate", {"headers": {"Authorization": "x"}}, "headers.Authorization"),
    ("weaviate", {"headers": {"Host": "x"}}, "headers.Host"),
    ("weaviate", {"headers": {"X-A": "a\r\nB: c"}}, "headers"),
    ("weaviate", {"headers": {"X-A": "one", "X-a": "two"}}, "headers"),
)


@pytest.fixture(scope="module")
async def on(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder: Path = tmp_path_factory.mktemp("stage")
    async with stage(folder, {"vectorize": Vectorize(), "weaviate": Weaviate()}, rate_limit_key=0) as made:
        for kind, body in GOOD.items():
            await made.ok("POST", f"/{kind}", 201, json={"name": "Good", **body})
        yield made


@pytest.fixture(autouse=True)
async def _untouched(on: Stage) -> AsyncIterator[None]:
    """Whatever a test does, the good ones are as before, and no others are there."""
    before = [await on.ok("GET", f"/{kind}") for kind in GOOD]
    yield
    for kind in GOOD:
        await on.unscript(kind)
    assert [without_times(await on.ok("GET", f"/{kind}")) for kind in GOOD] == [without_times(each) for each in before]
    assert len(await on.rows("SELECT 1 FROM credentials")) == 2


def without_times(listed: dict[str, Any]) -> dict[str, Any]:
    data = [{name: value for name, value in each.items() if not name.endswith("At")} for each in listed["data"]]
    return {**listed, "data": data}


@pytest.mark.parametrize(("kind", "wrong", "status", "code", "words"), REFUSED)
async def test_what_does_not_work_is_not_stored(
    on: Stage, kind: str, wrong: dict[str, Any], status: int, code: str, words: str
) -> None:
    body = {"name": "New", **GOOD[kind], **wrong}
    assert words in (await on.no("POST", f"/{kind}", status, code, json=body))["error"]
    del body["name"]
    tested = await on.ok("POST", f"/{kind}/test", json=body)
    assert (tested["valid"], tested["code"]) == (False, code)
    assert words in tested["error"]
    [good] = (await on.ok("GET", f"/{kind}"))["data"]
    await on.no("PUT", f"/{kind}/{good['id']}", status, code, json=wrong)


@pytest.mark.parametrize(("kind", "wrong", "place"), MALFORMED)
async def test_what_has_the_wrong_form_is_named_and_nobody_is_asked(
    on: Stage, kind: str, wrong: dict[str, Any], place: str
) -> None:
    await on.script(kind, status=500)
    answer = await on.client.post(f"/v1/integrations/{kind}", json={"name": "New", **GOOD[kind], **wrong})
    assert answer.status_code == 400, answer.text
    problem = answer.json()
    assert problem["code"] in ("INVALID_BODY", "INVALID_CREDENTIALS")
    assert [detail["field"] for detail in problem["details"]] == [place]


@pytest.mark.parametrize(
    ("script", "status", "code"),
    [
        ({"status": 500, "body": {"error": "x"}}, 502, "PROVIDER_ERROR"),
        ({"status": 429, "headers": {"retry-after": "9"}, "body": ""}, 502, "PROVIDER_ERROR"),
        ({"garbage": True}, 502, "PROVIDER_ERROR"),
        ({"drop": True}, 502, "PROVIDER_ERROR"),
        ({"delayMs": 4000}, 504, "PROVIDER_TIMEOUT"),
        ({"status": 302, "headers": {"location": "http://127.0.0.1:9/"}}, 502, "PROVIDER_ERROR"),
    ],
)
@pytest.mark.parametrize("kind", GOOD)
async def test_a_store_that_cannot_be_asked_is_said_so(
    on: Stage, kind: str, script: dict[str, Any], status: int, code: str
) -> None:
    await on.script(kind, **script)
    await on.no("POST", f"/{kind}", status, code, json={"name": "New", **GOOD[kind]})
    tested = await on.ok("POST", f"/{kind}/test", json=GOOD[kind])
    assert (tested["valid"], tested["code"]) == (False, code)


@pytest.mark.parametrize("kind", GOOD)
async def test_a_taken_name_is_a_conflict(on: Stage, kind: str) -> None:
    await on.no("POST", f"/{kind}", 409, "NAME_TAKEN", json={"name": "Good", **GOOD[kind]})


@pytest.mark.parametrize("kind", GOOD)
async def test_an_unknown_environment_lists_the_known_ones(on: Stage, kind: str) -> None:
    body = {"name": "New", **GOOD[kind], "environment": "moon"}
    assert "staging" in (await on.no("POST", f"/{kind}", 400, "INVALID_ENVIRONMENT", json=body))["error"]


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize(
    "place", ["nowhere", "vec_01kb0h6v3m8x2q4r5s6t7v8w9x", "wev_01kb0h6v3m8x2q4r5s6t7v8w9x", "..%2f"]
)
async def test_an_unknown_configuration_is_404(on: Stage, kind: str, place: str) -> None:
    for method, more in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/test")):
        answer = await on.client.request(method, f"/v1/integrations/{kind}/{place}{more}", json={})
        assert answer.status_code == 404, answer.text


async def test_without_an_index_only_token_and_account_are_looked_at(on: Stage) -> None:
    tested = await on.ok("POST", "/vectorize/test", json={"accountId": ACCOUNT, "apiToken": TOKEN})
    assert (tested["valid"], tested["metadata"]["indexFound"]) == (True, None)


async def test_a_plan_without_vectorize_is_told(on: Stage) -> None:
    await on.script("vectorize", status=403, body=NOT_ENTITLED.body)
    refused = await on.no("POST", "/vectorize", 400, "INVALID_REQUEST", json={"name": "New", **VECTORIZE})
    assert "does not include Vectorize" in refused["error"]
    assert refused["details"] == [{"field": "provider", "message": "1005"}]


async def test_ten_thousand_means_a_refusal_only_where_the_call_failed(on: Stage) -> None:
    message = {"code": 10000, "message": "This API Token is valid and active"}
    body = {"success": True, "errors": [], "messages": [message], "result": [{"name": "articles"}]}
    await on.script("vectorize", body=body, path=f"/accounts/{ACCOUNT}/vectorize/v2/indexes")
    assert (await on.ok("POST", "/vectorize/test", json=VECTORIZE))["valid"]


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"name": "articles"}, 409, "INDEX_EXISTS"),
        ({"apiToken": READ_ONLY}, 400, "CREDENTIALS_REJECTED"),
        ({"name": "Ships"}, 400, "INVALID_BODY"),
        ({"name": "s"}, 400, "INVALID_BODY"),
        ({"name": "s" * 65}, 400, "INVALID_BODY"),
        ({"dimensions": 0}, 400, "INVALID_BODY"),
        ({"dimensions": 1537}, 400, "INVALID_BODY"),
        ({"metric": "manhattan"}, 400, "INVALID_BODY"),
        ({"dimensions": None}, 400, "INVALID_BODY"),
        ({"preset": "@cf/baai/bge-base-en-v1.5"}, 400, "INVALID_BODY"),
        ({"dimensions": None, "metric": None, "preset": "gpt"}, 400, "INVALID_BODY"),
        ({"configId": "vec_01kb0h6v3m8x2q4r5s6t7v8w9x"}, 400, "INVALID_BODY"),
        ({"accountId": None}, 400, "INVALID_BODY"),
        ({"accountId": None, "apiToken": None}, 400, "INVALID_BODY"),
        ({"accountId": None, "apiToken": None, "configId": "vec_01kb0h6v3m8x2q4r5s6t7v8w9x"}, 400, "INVALID_REQUEST"),
    ],
)
async def test_an_index_that_cannot_be_made_is_said_so(
    on: Stage, wrong: dict[str, Any], status: int, code: str
) -> None:
    await on.no("POST", "/vectorize/indexes", status, code, json={**INDEX, **wrong})
    listed = await on.ok("POST", "/vectorize/indexes/list", json={"accountId": ACCOUNT, "apiToken": TOKEN})
    assert [index["name"] for index in listed["indexes"]] == ["articles"]


async def test_indexes_are_made_and_listed_with_the_token_of_a_configuration(on: Stage) -> None:
    [good] = (await on.ok("GET", "/vectorize"))["data"]
    wish = {"configId": good["id"], "name": "by-preset", "preset": "@cf/baai/bge-small-en-v1.5"}
    made = (await on.ok("POST", "/vectorize/indexes", 201, json=wish))["index"]
    assert (made["dimensions"], made["metric"], made["preset"]) == (384, "cosine", "@cf/baai/bge-small-en-v1.5")
    listed = await on.ok("POST", "/vectorize/indexes/list", json={"configId": good["id"]})
    assert {index["name"] for index in listed["indexes"]} == {"articles", "by-preset"}


@pytest.mark.parametrize(
    ("tool", "parameters", "place"),
    [
        ("query", {"vector": [1.0]}, "parameters.vector"),
        ("query", {"vector": [1, 2, 3], "topK": 21, "returnValues": True}, "parameters.topK"),
        ("query", {"vector": [1, 2, 3], "topK": 21, "returnMetadata": "all"}, "parameters.topK"),
        ("query", {"vector": [1, 2, 3], "topK": 101}, "parameters.topK"),
        ("upsert", {"vectors": [{"id": "a", "values": [1, 2]}]}, "parameters.vectors.0.values"),
        ("upsert", {"vectors": [{"id": "é" * 40, "values": [1, 2, 3]}]}, "parameters.vectors.0.id"),
        (
            "upsert", {"vectors": [{"id": "a", "values": [1, 2, 3], "metadata": {"t": "x" * 10_240}}]},
            "parameters.vectors.0.metadata",
        ),
        ("get_by_ids", {"ids": ["é" * 40]}, "parameters.ids.0"),
        ("query", {"vector": [1, 2, 3], "index_name": "../../secrets"}, "parameters.index_name"),
    ],
)  # fmt: skip
async def test_what_the_index_would_refuse_is_found_before_the_call(
    on: Stage, tool: str, parameters: dict[str, Any], place: str
) -> None:
    await on.script("vectorize", status=500)
    body = {"parameters": parameters}
    refused = await on.no("POST", f"/vectorize/tools/{tool}/execute", 400, "INVALID_PARAMETERS", json=body)
    assert [detail["field"] for detail in refused["details"]] == [place]


async def test_another_index_is_asked_in_its_own_dimensions(on: Stage) -> None:
    found = await on.run("vectorize_query", {"vector": [1.0], "index_name": "nowhere"})
    assert (found["isError"], found["result"]["answer"]["errors"][0]["code"]) == (True, 3000)
    misfit = await on.run("vectorize_query", {"vector": [1.0, 2.0, 3.0]})
    assert misfit["success"]


@pytest.mark.parametrize("collection", ["article", "Article { x }", "../meta", "A" * 256])
async def test_a_collection_that_is_no_name_is_refused_before_the_call(on: Stage, collection: str) -> None:
    await on.script("weaviate", status=500)
    body = {"parameters": {"query": "x", "collection": collection}}
    await on.no("POST", "/weaviate/tools/bm25/execute", 400, "INVALID_PARAMETERS", json=body)


async def test_where_no_configuration_answers_the_hint_names_the_call_that_makes_one(on: Stage) -> None:
    [good] = (await on.ok("GET", "/weaviate"))["data"]
    run = await on.run("weaviate_bm25", {"query": "x"}, place=good["id"])
    assert run["success"]
    moved = await on.ok("PUT", f"/weaviate/{good['id']}", json={"environment": "staging"})
    try:
        hint = (await on.run("weaviate_bm25", {"query": "x"}, "production"))["hint"]
        assert hint["code"] == "CREDENTIALS_MISSING"
        assert "POST /v1/integrations/weaviate" in hint["message"]
    finally:
        await on.ok("PUT", f"/weaviate/{moved['id']}", json={"environment": None})


async def test_one_of_several_configurations_is_named_in_the_integrations_place(on: Stage) -> None:
    [good] = (await on.ok("GET", "/weaviate"))["data"]
    found = await on.run("weaviate_bm25", {"query": "herring"}, place=good["id"])
    assert found["success"]
    await on.no(
        "POST", "/wev_01kb0h6v3m8x2q4r5s6t7v8w9x/tools/bm25/execute", 404, "INTEGRATION_NOT_FOUND",
        json={"parameters": {"query": "x"}},
    )  # fmt: skip
