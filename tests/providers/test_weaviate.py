"""The adapter of Weaviate: what it sends, judged by the published document, and what it makes of every answer."""

import json
import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import pytest

from moorings.domain.run import Run
from moorings.domain.secret import Secret
from moorings.emulators.contract import Answer
from moorings.emulators.weaviate import Weaviate, answers
from moorings.emulators.weaviate.server import ADDRESS, KEY
from moorings.errors import CredentialsRejected, InvalidCredentials, InvalidParameters, MooringsError, ProviderFailed
from moorings.providers.request import PreparedRequest
from moorings.providers.running import Limits
from moorings.providers.transport import Reply, Transport
from moorings.providers.weaviate import address
from moorings.providers.weaviate.adapter import Store
from tests.contract import parameters, published, sent
from tests.contract.asking import written
from tests.contract.catalogue import call_of, integration

pytestmark = pytest.mark.anyio

ENTRY = integration("weaviate")
MODULE_KEY = "sk-emulated-module-key-of-a-model"
FIELDS = {
    "url": Secret(ADDRESS), "apiKey": Secret(KEY), "collectionName": Secret("Article"),
    "headers.X-OpenAI-Api-Key": Secret(MODULE_KEY),
}  # fmt: skip
SHIP = "0b6f4f0a-6c1e-4c53-9d0b-5b8d4f5a1c2d"
VERSIONS = ("1.27.0", "1.38.9", "1.39.2", "1.40.0-dev", "1.41.3")
ANY_JSON = re.compile(r"\$\.(results\[\d+\]\.properties|data)\..*is not of type 'object'")
"""What the document calls a JsonObject may be any JSON."""
HTML = {"content-type": "text/html"}


class Asked:
    """In the transport's place: asks the stand-in, and holds question and answer against the published document."""

    def __init__(self, emulator: Weaviate, says: Mapping[str, Answer] | None = None) -> None:
        self.emulator, self.says = emulator, says or {}
        self.requests: list[PreparedRequest] = []

    async def send(self, request: PreparedRequest, **_: Any) -> Reply:
        self.requests.append(request)
        path = urlsplit(request.url).path
        answer = self.says.get(path) or self.emulator.answer(call_of(request, ADDRESS))
        if path not in self.says:
            judge(request, answer)
        headers = {"content-type": "application/json", **answer.headers} if answer.body is not None else answer.headers
        return Reply(int(answer.status), headers, b"" if answer.body is None else written(answer))

    async def judge(self, url: str) -> None:
        raise AssertionError("nothing stands in the server's place")


def judge(request: PreparedRequest, answer: Answer) -> None:
    """By the document of 1.40; an older server does not have all of its paths."""
    if not published.FOLDER.exists():
        return
    operation = published.operation(ENTRY, request, request.method)
    assert sent.problems(request, operation) == []
    schema = operation.answer(int(answer.status))
    if schema is not None and answer.body is not None:
        problems = operation.document.problems(schema, answer.body, "writeOnly")
        assert [problem for problem in problems if not ANY_JSON.match(problem)] == []


def store(asked: Asked) -> Store:
    return Store(cast("Transport", asked), ENTRY, None, Limits(2, 100_000))


async def run(asked: Asked, tool: str, values: Mapping[str, Any], version: str | None = None) -> Run:
    facts = {"version": version or asked.emulator.version}
    return await store(asked).knowing(facts).run(ENTRY.tool(tool), FIELDS, values)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("tool", [tool.id for tool in ENTRY.tools])
async def test_every_tool_runs_on_every_version_as_the_document_has_it(tool: str, version: str) -> None:
    asked = Asked(Weaviate(version))
    values = parameters.fewest(ENTRY.tool(tool).parameters)
    if tool == "near_vector":
        values = {"collection": "Ship", "target_vector": "kind", "vector": [0.1, 0.2, 0.9]}
    found = await run(asked, tool, values)
    assert not found.is_error, found
    assert {request.headers["Authorization"] for request in asked.requests} == {f"Bearer {KEY}"}
    assert {request.headers["X-OpenAI-Api-Key"] for request in asked.requests} == {MODULE_KEY}
    assert {request.hosts for request in asked.requests} == {frozenset({urlsplit(ADDRESS).hostname})}


@pytest.mark.parametrize(
    ("version", "tool", "rest"),
    [
        ("1.38.9", "near_text", False), ("1.39.0", "near_text", True), ("1.39.0", "hybrid", False),
        ("1.40.0-dev", "hybrid", True), ("1.40.1", "bm25", True), ("2.0.0", "bm25", True), ("nonsense", "bm25", False),
    ],
)  # fmt: skip
async def test_the_version_decides_how_it_is_asked(version: str, tool: str, *, rest: bool) -> None:
    asked = Asked(Weaviate("1.41.0"))
    found = await run(asked, tool, {"query": "ship harbour"}, version)
    assert found.result[0]["id"] == SHIP
    assert ("/v1/search/" in asked.requests[-1].url) == rest
    assert asked.requests[-1].url.endswith("/v1/graphql") == (not rest)


@pytest.mark.parametrize("tool", ["near_text", "bm25", "hybrid"])
async def test_both_ways_give_the_same(tool: str) -> None:
    values = {"query": "ship today", "limit": 2, "properties": ["title"]}
    in_rest, in_graphql = [
        (await run(Asked(Weaviate("1.41.0")), tool, values, version)).result for version in ("1.41.0", "1.30.0")
    ]
    assert in_rest == in_graphql
    assert len(in_rest) == 2


async def test_a_version_that_promised_too_much_is_asked_in_graphql() -> None:
    asked = Asked(Weaviate("1.38.0"))
    found = await run(asked, "near_text", {"query": "ship"}, "1.40.0")
    assert not found.is_error
    assert [urlsplit(request.url).path.split("/")[2] for request in asked.requests] == ["search", "schema", "graphql"]


async def test_a_collection_that_is_not_there_is_told_and_not_asked_for_again() -> None:
    asked = Asked(Weaviate("1.40.0"))
    found = await run(asked, "bm25", {"query": "ship", "collection": "Nowhere"})
    assert (found.is_error, found.status, len(asked.requests)) == (True, 404, 1)


async def test_a_refusal_in_graphql_comes_with_200_and_is_one_all_the_same() -> None:
    asked = Asked(Weaviate())
    values = {"vector": [0.5], "collection": "Ship", "properties": ["name"]}
    found = await run(asked, "near_vector", values)
    assert found.is_error
    assert "no target vectors" in json.dumps(found.result)
    misfit = await run(asked, "near_vector", {**values, "target_vector": "kind"})
    assert "vector lengths don't match" in json.dumps(misfit.result)


async def test_without_a_collection_anywhere_one_is_wanted() -> None:
    fields = {name: value for name, value in FIELDS.items() if name != "collectionName"}
    with pytest.raises(InvalidParameters) as refusal:
        await store(Asked(Weaviate())).knowing({}).run(ENTRY.tool("bm25"), fields, {"query": "x"})
    assert refusal.value.details[0].field == "parameters.collection"


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        ({"/v1/.well-known/ready": Answer(503)}, ProviderFailed),
        ({"/v1/.well-known/ready": Answer(404)}, ProviderFailed),
        ({"/v1/.well-known/ready": Answer(302, None, {"location": "http://127.0.0.1/"})}, ProviderFailed),
        ({"/v1/meta": answers.REFUSED}, CredentialsRejected),
        ({"/v1/meta": answers.NO_KEY}, CredentialsRejected),
        ({"/v1/meta": Answer(200, b"<html>", HTML)}, ProviderFailed),
        ({"/v1/meta": Answer(200)}, ProviderFailed),
        ({"/v1/meta": Answer(200, {})}, ProviderFailed),
        ({"/v1/meta": Answer(200, ["no", "object"])}, ProviderFailed),
        ({"/v1/meta": Answer(200, {"version": "v" * 1_000})}, ProviderFailed),
        ({"/v1/meta": Answer(500, {"error": [{"message": "broken"}]})}, ProviderFailed),
        ({"/v1/schema": answers.FORBIDDEN}, CredentialsRejected),
        ({"/v1/schema": Answer(403, b"<html>", HTML)}, ProviderFailed),
        ({"/v1/schema": Answer(429)}, ProviderFailed),
        ({"/v1/schema": Answer(200, {"classes": "none"})}, ProviderFailed),
    ],
)
async def test_the_examination_tells_what_is_wrong(says: Mapping[str, Answer], kind: type[MooringsError]) -> None:
    with pytest.raises(kind) as error:
        await store(Asked(Weaviate(), says)).examine(FIELDS)
    assert KEY not in error.value.message
    assert "<html>" not in error.value.message


async def test_a_server_that_makes_things_up_does_not_fill_what_is_kept() -> None:
    modules: dict[str, Any] = {
        name: {} for name in ("text2vec-openai", "x" * 1_000, *(f"made-up-{number}" for number in range(500)))
    }
    says = {"/v1/meta": Answer(200, {"version": "1.40.0-rc.1+build", "modules": modules})}
    found = (await store(Asked(Weaviate(), says)).examine(FIELDS)).facts
    assert found["version"] == "1.40.0-rc.1+build"
    assert len(json.dumps(found)) < 3_000


async def test_no_key_is_shown_to_who_is_only_asked_whether_it_is_ready() -> None:
    asked = Asked(Weaviate())
    await store(asked).examine(FIELDS)
    [ready, *others] = asked.requests
    assert "Authorization" not in ready.headers
    assert "X-OpenAI-Api-Key" not in ready.headers
    assert all("Authorization" in request.headers for request in others)


async def test_a_server_that_lets_anyone_in_needs_no_key() -> None:
    asked = Asked(Weaviate(key=None))
    found = await store(asked).examine({"url": FIELDS["url"]})
    assert found.facts["collectionCount"] == 2
    assert all("Authorization" not in request.headers for request in asked.requests)


async def test_no_echo_of_a_secret_comes_back() -> None:
    echo = {"results": [{"id": SHIP, "properties": {"title": f"{KEY} and {MODULE_KEY}"}}], "tookMs": 1}
    asked = Asked(Weaviate("1.40.0"), {"/v1/search/Article/bm25": Answer(200, echo)})
    found = await run(asked, "bm25", {"query": "x"})
    assert found.result[0]["properties"]["title"] == "[secret removed] and [secret removed]"
    refused = Asked(Weaviate("1.40.0"), {"/v1/search/Article/bm25": Answer(401, {"code": 401, "message": KEY})})
    found = await run(refused, "bm25", {"query": "x"})
    assert KEY not in json.dumps(found.result)
    assert found.suspect


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ("https://x.weaviate.cloud", "https://x.weaviate.cloud"),
        ("x.weaviate.cloud", "https://x.weaviate.cloud"),
        (" https://X.Weaviate.Cloud/ ", "https://x.weaviate.cloud"),
        ("https://x.weaviate.cloud/v1", "https://x.weaviate.cloud"),
        ("x.weaviate.cloud:8443/v1/", "https://x.weaviate.cloud:8443"),
        ("http://weaviate.internal:8080/v1/", "http://weaviate.internal:8080"),
        ("https://proxy.example/weaviate/v1", "https://proxy.example/weaviate"),
        ("https://[2001:db8::1]:8080/", "https://[2001:db8::1]:8080"),
        ("localhost:8080", "https://localhost:8080"),
    ],
)
def test_an_address_is_put_right(given: str, right: str) -> None:
    assert address.put_right(given) == right


@pytest.mark.parametrize(
    "given",
    [
        "", " ", "https://", "ftp://x.example", "file:///etc/passwd", "gopher://x", "javascript:alert(1)",
        "https://user@x.example", "https://user:secret@x.example", "https://x.example?y", "https://x.example/#z",
        "https://x.example\\@evil.example", "https://x.example/../admin", "https://x.example/%2e%2e/",
        "https://x example", "https://x.example\r\nHost: evil", "https://x..example", "https://x.example:99999",
        "https://x.example:port", "https://[::1", "https://ex\u00e4mple.example", "//x.example",
        "https:///x.example", "https://x.example/v1;a", "h" * 3000, "https://\u2488.example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(InvalidCredentials) as refusal:
        address.put_right(given)
    assert [detail.field for detail in refusal.value.details] == ["url"]
    assert "secret" not in str(refusal.value.details)


def test_another_server_is_another_place() -> None:
    known = store(Asked(Weaviate()))
    for other in ("https://other.weaviate.cloud", ADDRESS.replace("https", "http"), f"{ADDRESS}:8443"):
        assert not known.same_place(FIELDS, {**FIELDS, "url": Secret(other)})
    assert known.same_place(FIELDS, {**FIELDS, "url": Secret(f"{ADDRESS}:443/below")})
