"""Every call of the OpenAPI document, as every kind of caller; a call that is new and not listed here fails."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.http.belongings import Belongings, belongings
from tests.http.judge import Judge, problem
from tests.http.world import Answer, Client, World, living, new_key, reserve
from tests.sessions.minting import ISSUER, member_of, pem, token

pytestmark = pytest.mark.anyio

READ, WRITE, EXECUTE = "INTEGRATIONS:READ", "INTEGRATIONS:WRITE", "INTEGRATIONS:EXECUTE"
KEYS, AUDIT = "KEYS:ADMIN", "AUDIT:READ"
USUAL = {"get": READ, "post": WRITE, "put": WRITE, "patch": WRITE, "delete": WRITE}
SCOPES = {
    "executeAnIntegrationTool": EXECUTE, "connectSlackAppAgain": WRITE,
    "createApiKey": KEYS, "listApiKeys": KEYS, "rotateApiKey": KEYS, "revokeApiKey": KEYS, "listAuditEvents": AUDIT,
}  # fmt: skip
"""Where a call wants another scope than its method tells."""

NOBODY_S = "01kb0h6v3m8x2q4r5s6t7v8w9x"
PLACES = {
    "integrationId": "harbour", "toolId": "list_ships", "category": "search", "keyId": f"key_{NOBODY_S}",
    "requestId": f"tmb_{NOBODY_S}", "eventId": f"evt_{NOBODY_S}", "from": "staging", "to": "production",
}  # fmt: skip
INDEXES = {"accountId": "0123456789abcdef0123456789abcdef", "apiToken": "x" * 40}
BODIES: dict[str, dict[str, Any]] = {
    "rotateSlackCredentials": {"integrationId": f"intg_{NOBODY_S}", "signingSecret": INDEXES["accountId"]},
    "createVectorizeIndex": {**INDEXES, "name": "documents", "dimensions": 3, "metric": "cosine"},
    "listVectorizeIndexes": INDEXES,
    "createApiKey": {"name": "one more", "scopes": ["KEYS:ADMIN"]},
}
"""Where the required fields with the document's examples are no call, or one that wants more."""

FREE_OF_ENVIRONMENTS = {"testNewVectorizeConfiguration", "testNewWeaviateConfiguration"}
"""They try what they are given and store nothing, wherever it may stand later."""

SOUGHT_FIRST = {"updateVectorizeConfiguration", "updateWeaviateConfiguration"}
"""What they would move to another environment is not there: that is said, whatever the environment."""

NOWHERE = "http://127.0.0.1:9"
OPEN = {"health", "healthLive", "healthReady"}


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the document, with what it wants to be told."""

    name: str
    method: str
    path: str
    scope: str
    body: dict[str, Any] | None
    query: dict[str, str]
    fields: frozenset[str] = field(default_factory=frozenset)

    @property
    def takes_environment(self) -> bool:
        return "environment" in self.fields

    async def by(self, client: Client, **more: Any) -> Answer:
        """Its answer to this caller; with `environment` it is told that."""
        query, body = dict(self.query), None if self.body is None else dict(self.body)
        if more and body is not None:
            body |= more
        elif more:
            query |= more
        return await client.request(self.method.upper(), self.path, params=query, json=body)


def calls(document: Any) -> Iterator[Call]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if operation["operationId"] not in OPEN:
                yield call_of(document, path, method, operation)


def call_of(document: Any, path: str, method: str, operation: Any) -> Call:
    name = operation["operationId"]
    places = dict(PLACES)
    if "configId" in path:
        places["configId"] = f"{'vec' if 'vectorize' in path else 'wev'}_{NOBODY_S}"
    given = [one for one in operation.get("parameters", []) if one["in"] == "query"]
    query = {one["name"]: places.get(one["name"]) or one["example"] for one in given if one["required"]}
    for place, value in places.items():
        path = path.replace(f"{{{place}}}", value)
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    fields = schema_of(document, schema).get("properties", {}) if schema else {}
    body = None if schema is None else BODIES.get(name) or examples(document, schema)
    asked = frozenset(fields) if body is not None else frozenset(one["name"] for one in given)
    return Call(name, method, path, SCOPES.get(name, USUAL[method]), body, query, asked)


def schema_of(document: Any, schema: Any) -> Any:
    reference = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"][reference] if reference else schema


def examples(document: Any, schema: Any) -> dict[str, Any]:
    found = schema_of(document, schema)
    return {name: found["properties"][name]["examples"][0] for name in found.get("required", ())}


@pytest.fixture(scope="module")
async def world(anyio_backend: str, fresh: tuple[Path, Any], judge: Judge) -> AsyncIterator[World]:
    """A server with a session issuer, whose providers of bots and vector stores nobody answers for."""
    folder = Path(shutil.copytree(fresh[0], fresh[0].with_name("matrix")))
    nowhere = dict.fromkeys(("harbour", "firecrawl", "slack", "telegram", "vectorize", "weaviate"), NOWHERE)
    async with living(folder, judge, clerk_issuer=ISSUER, clerk_jwt_key=pem(), upstreams=nowhere) as found:
        yield found


@pytest.fixture(scope="module")
def matrix(openapi: Any) -> list[Call]:
    return list(calls(openapi))


@pytest.fixture(scope="module")
async def ended(anyio_backend: str, world: World) -> dict[str, str]:
    """Credentials that nobody should be let in with."""
    admin = world.client()
    revoked = await new_key(admin, "*")
    await admin.delete(f"/v1/api-keys/{revoked['id']}")
    end = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    expired = (await new_key(admin, "*", expiresAt=end))["key"]
    late = datetime.now(UTC) - timedelta(minutes=5)
    await asyncio.sleep(1)
    return {
        "nothing": "", "garbage": "x" * 40, "a key that never was": "mrg_" + "0" * 36, "revoked": revoked["key"],
        "expired": expired, "a session that ended": token(late), "a forged session": token(datetime.now(UTC), "x"),
    }  # fmt: skip


def test_the_matrix_holds_every_call(matrix: list[Call], openapi: Any) -> None:
    assert len(matrix) == sum(len(operations) for operations in openapi["paths"].values()) - len(OPEN) > 50
    assert SCOPES.keys() <= {call.name for call in matrix}


async def test_without_good_credentials_every_call_is_401(
    world: World, matrix: list[Call], ended: dict[str, str]
) -> None:
    told = set()
    for kind, key in ended.items():
        client = world.client(key or None)
        for call in matrix:
            answer = await call.by(client)
            assert answer.status_code == 401, f"{call.name}: {kind}"
            if "session" not in kind and kind != "nothing":
                told.add(problem(answer)["error"])
    assert len(told) == 1


async def test_every_call_wants_its_scope_and_no_other_will_do(world: World, matrix: list[Call]) -> None:
    admin, wrong = world.client(), []
    clients = {
        scope: world.client((await new_key(admin, scope))["key"]) for scope in (READ, WRITE, EXECUTE, KEYS, AUDIT)
    }
    for call in matrix:
        enough = {READ, WRITE} if call.scope == READ else {call.scope}
        for scope, client in clients.items():
            answer = await call.by(client)
            if (answer.status_code == 403) == (scope in enough):
                wrong.append(f"{call.name} as {scope}: {answer.status_code} {answer.text[:120]}")
            elif answer.status_code == 403 and problem(answer)["code"] != "MISSING_SCOPE":
                wrong.append(f"{call.name} as {scope}: {answer.text[:120]}")
    assert not wrong, "\n".join(wrong)


async def test_a_role_does_what_it_may_and_is_named_where_it_may_not(world: World, matrix: list[Call]) -> None:
    wrong = []
    for role, allowed in (("member", {READ, EXECUTE}), ("guest", {READ})):
        client = world.client(token(datetime.now(UTC), **member_of(f"org_{role}", role)))
        for call in matrix:
            answer = await call.by(client)
            refused = answer.status_code == 403 and problem(answer)["code"] == "MISSING_ROLE"
            if refused == (call.scope in allowed):
                wrong.append(f"{call.name} as {role}: {answer.status_code} {answer.text[:120]}")
    assert not wrong, "\n".join(wrong)


async def test_a_bound_key_is_refused_in_every_other_environment(world: World, matrix: list[Call]) -> None:
    bound = world.client((await new_key(world.client(), "*", environments=["staging"]))["key"])
    asked = [call for call in matrix if call.takes_environment and call.name not in FREE_OF_ENVIRONMENTS | SOUGHT_FIRST]
    assert len(asked) > 12
    wrong = []
    for call in asked:
        answer = await call.by(bound, environment="production")
        if answer.status_code != 403 or problem(answer)["code"] != "ENVIRONMENT_FORBIDDEN":
            wrong.append(f"{call.name}: {answer.status_code} {answer.text[:120]}")
    assert not wrong, "\n".join(wrong)


async def test_another_owner_s_things_are_as_those_that_do_not_exist(world: World, matrix: list[Call]) -> None:
    admin, stranger = await world.owner(), await world.owner()
    theirs, own = await belongings(world, admin), (await reserve(stranger))["id"]
    asked, wrong = 0, []
    for call in matrix:
        for path, nowhere in substitutes(call.path, theirs, own):
            heard, expected = (
                await replace(call, path=path).by(stranger),
                await replace(call, path=nowhere).by(stranger),
            )
            same = heard.status_code == expected.status_code == 404
            same = same and problem(heard)["error"] == problem(expected)["error"]
            asked += 1
            if not same:
                wrong.append(f"{call.name} {path}: {heard.status_code} {heard.text[:100]} / {expected.status_code}")
    assert not wrong, "\n".join(wrong)
    assert asked > 25
    for place in (
        f"/{theirs.installation}",
        f"/vectorize/{theirs.vectorize}",
        f"/weaviate/{theirs.weaviate}",
        f"/telegram/managed/{theirs.request}/status",
    ):
        assert (await admin.get(f"/v1/integrations{place}")).status_code == 200
    assert world.rows("SELECT state FROM events WHERE id = ?", theirs.event) == [("undelivered",)]


def substitutes(path: str, theirs: Belongings, own: str) -> Iterator[tuple[str, str]]:
    """A call's path with another owner's ids, and the same with ids that do not exist."""
    names = {
        "harbour": (theirs.installation, f"intg_{NOBODY_S}"), PLACES["keyId"]: (theirs.key, PLACES["keyId"]),
        f"vec_{NOBODY_S}": (theirs.vectorize, f"vec_{NOBODY_S}"),
        f"wev_{NOBODY_S}": (theirs.weaviate, f"wev_{NOBODY_S}"),
        PLACES["requestId"]: (theirs.request, PLACES["requestId"]),
        PLACES["eventId"]: (theirs.event, PLACES["eventId"]),
    }  # fmt: skip
    parts = path.split("/")
    if names.keys().isdisjoint(parts):
        return
    given = [names.get(part, (part, part)) for part in parts]
    yield "/".join(each[0] for each in given), "/".join(each[1] for each in given)
    if PLACES["eventId"] in parts:
        beside = path.replace("harbour", own)
        yield beside.replace(PLACES["eventId"], theirs.event), beside
