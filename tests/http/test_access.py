"""What a key may do: scopes, environments, networks, its end; and what is written down of a refusal."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.http.judge import Judge, problem
from tests.http.world import Answer, Client, World, harbour_key, living, new_key, reserve, save, saved, status

pytestmark = pytest.mark.anyio

SAVE = "/v1/integrations/harbour/credentials"
BODY = {"credentials": {"apiKey": harbour_key()}, "verify": False}
READ, WRITE, KEYS, AUDIT = "INTEGRATIONS:READ", "INTEGRATIONS:WRITE", "KEYS:ADMIN", "AUDIT:READ"

CALLS = {
    ("GET", "/v1/integrations"): READ,
    ("POST", "/v1/integrations"): WRITE,
    ("GET", "/v1/integrations/category/search"): READ,
    ("GET", "/v1/integrations/credentials/status"): READ,
    ("GET", "/v1/integrations/tools"): READ,
    ("GET", "/v1/integrations/harbour"): READ,
    ("GET", "/v1/integrations/harbour/resolve"): READ,
    ("GET", "/v1/integrations/diff?from=staging&to=production"): READ,
    ("POST", SAVE): WRITE,
    ("DELETE", SAVE): WRITE,
    ("GET", "/v1/integrations/harbour/tools"): READ,
    ("GET", "/v1/integrations/harbour/tools/moor_ship"): READ,
    ("GET", "/v1/audit-events"): AUDIT,
    ("GET", "/v1/api-keys"): KEYS,
    ("POST", "/v1/api-keys"): KEYS,
    ("POST", "/v1/api-keys/key_01kb0h6v3m8x2q4r5s6t7v8w9x/rotate"): KEYS,
    ("DELETE", "/v1/api-keys/key_01kb0h6v3m8x2q4r5s6t7v8w9x"): KEYS,
}
BODIES: dict[str, Any] = {
    SAVE: BODY,
    "/v1/integrations": {"type": "harbour"},
    "/v1/api-keys": {"name": "x", "scopes": [KEYS]},
    "/v1/api-keys/key_01kb0h6v3m8x2q4r5s6t7v8w9x/rotate": {},
}
COVERED = {
    READ: {READ},
    WRITE: {READ, WRITE},
    "INTEGRATIONS:EXECUTE": set[str](),
    KEYS: {KEYS},
    AUDIT: {AUDIT},
    "*": {READ, WRITE, KEYS, AUDIT},
}


async def call(client: Client, method: str, path: str) -> Answer:
    return await client.request(method, path, json=BODIES.get(path) if method == "POST" else None)


@pytest.mark.parametrize("scope", list(COVERED))
@pytest.mark.parametrize(("method", "path"), list(CALLS))
async def test_every_call_wants_its_scope_and_names_it(
    world: World, admin: Client, method: str, path: str, scope: str
) -> None:
    caller = world.client((await new_key(admin, scope))["key"])
    answer = await call(caller, method, path)
    if CALLS[method, path] in COVERED[scope]:
        assert answer.status_code in (200, 201, 404)
    else:
        assert (answer.status_code, problem(answer)["code"]) == (403, "MISSING_SCOPE")
        assert CALLS[method, path] in problem(answer)["error"]


@pytest.mark.parametrize(("method", "path"), [item for item in CALLS if item[0] != "GET"])
async def test_a_refused_call_is_written_down(alone: World, method: str, path: str) -> None:
    made = await new_key(alone.client(), "AUDIT:READ")
    await call(alone.client(made["key"], address="203.0.113.9"), method, path)
    rows = alone.rows("SELECT actor, outcome, address, request_id, subject FROM audit WHERE kind = 'call.denied'")
    assert len(rows) == 1
    actor, outcome, address, request_id, subject = rows[0]
    assert (actor, outcome, address) == (made["id"], "MISSING_SCOPE", "203.0.113.9")
    assert request_id.startswith("req_")
    assert method in subject


async def test_a_refused_read_is_written_down_too(alone: World) -> None:
    made = await new_key(alone.client(), "INTEGRATIONS:EXECUTE")
    await alone.client(made["key"]).get("/v1/integrations")
    bound = await new_key(alone.client(), READ, environments=["staging"])
    await alone.client(bound["key"]).get("/v1/integrations/tools?environment=production")
    placed = await new_key(alone.client(), READ, networks=["203.0.113.0/24"])
    await alone.client(placed["key"]).get("/v1/integrations")
    rows = alone.rows("SELECT actor, outcome FROM audit WHERE kind = 'call.denied' ORDER BY sequence")
    assert rows == [
        (made["id"], "MISSING_SCOPE"),
        (bound["id"], "ENVIRONMENT_FORBIDDEN"),
        (placed["id"], "ADDRESS_FORBIDDEN"),
    ]


async def test_a_refused_call_writes_no_secret_down(alone: World) -> None:
    key = harbour_key()
    made = await new_key(alone.client(), "INTEGRATIONS:EXECUTE")
    caller = alone.client(made["key"])
    await caller.delete(f"/v1/integrations/{key}/credentials")
    await caller.get(f"/v1/integrations?q={key}")
    await caller.post(f"/v1/integrations/{key}/credentials", json=BODY)
    await caller.get(f"/v1/integrations/harbour/tools/{key}")
    assert len(alone.rows("SELECT 1 FROM audit WHERE kind = 'call.denied'")) == 4
    assert [row for row in alone.rows("SELECT * FROM audit") if any(key in str(cell) for cell in row)] == []


async def test_changes_are_written_down_with_who_and_from_where(alone: World) -> None:
    admin = alone.client(address="203.0.113.7")
    installation = (await reserve(admin, environment="staging"))["id"]
    made = await new_key(admin, WRITE)
    writer = alone.client(made["key"], address="203.0.113.8")
    await saved(writer, environment="production")
    await writer.delete(f"{SAVE}?environment=production")
    await admin.delete(f"/v1/api-keys/{made['id']}")
    await admin.delete(f"/v1/integrations/{installation}/credentials")
    rows = alone.rows(
        "SELECT kind, actor, subject, environment, address FROM audit WHERE kind <> 'owner.created' ORDER BY sequence"
    )
    assert [(kind, subject, address) for kind, _, subject, _, address in rows] == [
        ("installation.reserved", installation, "203.0.113.7"),
        ("key.created", made["id"], "203.0.113.7"),
        ("credentials.saved", "harbour", "203.0.113.8"),
        ("credentials.deleted", "harbour", "203.0.113.8"),
        ("key.revoked", made["id"], "203.0.113.7"),
        ("installation.removed", installation, "203.0.113.7"),
    ]
    assert [row[1] for row in rows[2:4]] == [made["id"]] * 2
    assert [row[3] for row in rows[2:4]] == ["production"] * 2


async def test_a_failed_change_leaves_no_entry_of_a_change(alone: World) -> None:
    admin = alone.client()
    before = alone.rows("SELECT count(*) FROM audit")
    await save(admin, key=harbour_key("refused"), verify=True)
    await admin.delete(SAVE)
    await admin.post("/v1/integrations", json={"type": "nowhere"})
    assert alone.rows("SELECT count(*) FROM audit") == before


class TestBoundToEnvironments:
    async def bound(self, world: World, admin: Client, *environments: str) -> Client:
        return world.client((await new_key(admin, "*", environments=environments))["key"])

    @pytest.mark.parametrize("environment", ["production", None])
    async def test_it_saves_in_no_other(self, world: World, admin: Client, environment: str | None) -> None:
        caller = await self.bound(world, admin, "staging", "development")
        answer = await save(caller, environment=environment)
        assert (answer.status_code, problem(answer)["code"]) == (403, "ENVIRONMENT_FORBIDDEN")
        assert "staging" in problem(answer)["error"]
        assert (await saved(caller, environment="staging"))["environment"] == "staging"

    @pytest.mark.parametrize("query", ["", "?environment=production"])
    async def test_it_deletes_in_no_other(self, world: World, admin: Client, query: str) -> None:
        for place in (None, "staging", "production"):
            await saved(admin, environment=place)
        caller = await self.bound(world, admin, "staging")
        answer = await caller.delete(f"{SAVE}{query}")
        assert (answer.status_code, problem(answer)["code"]) == (403, "ENVIRONMENT_FORBIDDEN")
        assert (await caller.delete(f"{SAVE}?environment=staging")).status_code == 200
        assert (await status(admin))["environments"] == [None, "production"]

    async def test_it_reserves_in_no_other(self, world: World, admin: Client) -> None:
        caller = await self.bound(world, admin, "staging")
        for body in ({"type": "harbour"}, {"type": "harbour", "environment": "production"}):
            assert (await caller.post("/v1/integrations", json=body)).status_code == 403
        assert (await reserve(caller, environment="staging"))["environment"] == "staging"

    @pytest.mark.parametrize(
        "path",
        [
            "/v1/integrations?environment=production",
            "/v1/integrations/tools?environment=production",
            "/v1/integrations/credentials/status?environment=production",
        ],
    )
    async def test_it_asks_about_no_other(self, world: World, admin: Client, path: str) -> None:
        caller = await self.bound(world, admin, "staging")
        answer = await caller.get(path)
        assert (answer.status_code, problem(answer)["code"]) == (403, "ENVIRONMENT_FORBIDDEN")
        assert (await caller.get(path.replace("production", "staging"))).status_code == 200

    async def test_it_sees_nothing_of_the_others(self, world: World, admin: Client) -> None:
        await saved(admin, environment="production", key=harbour_key(tail="PROD"))
        theirs = (await reserve(admin, environment="production", name="Hidden ship"))["id"]
        caller = await self.bound(world, admin, "staging")
        for path in ("/v1/integrations", "/v1/integrations/harbour", "/v1/integrations/credentials/status"):
            text = (await caller.get(path)).text
            assert "PROD" not in text
            assert "production" not in text
            assert theirs not in text
        assert (await status(caller))["environments"] == []

    async def test_another_environment_s_installation_is_out_of_reach(self, world: World, admin: Client) -> None:
        theirs = (await reserve(admin, environment="production"))["id"]
        caller = await self.bound(world, admin, "staging")
        for method, path in (("GET", ""), ("GET", "/tools"), ("GET", "/tools/moor_ship"), ("DELETE", "/credentials")):
            answer = await caller.request(method, f"/v1/integrations/{theirs}{path}")
            assert answer.status_code in (403, 404)
        assert (await save(caller, theirs)).status_code in (403, 404)
        assert (await admin.get(f"/v1/integrations/{theirs}")).status_code == 200

    async def test_it_cannot_uninstall_what_also_serves_the_others(self, world: World, admin: Client) -> None:
        installation = (await reserve(admin))["id"]
        await saved(admin, installation)
        caller = await self.bound(world, admin, "staging")
        assert (await caller.delete(f"/v1/integrations/{installation}/credentials")).status_code == 403
        assert (await status(admin, installation))["configured"] is True

    async def test_it_makes_only_keys_bound_as_it_is(self, world: World, admin: Client) -> None:
        caller = await self.bound(world, admin, "staging", "development")
        for environments in (None, ["production"], ["staging", "production"]):
            body = {"name": "x", "scopes": [READ], "environments": environments}
            answer = await caller.post("/v1/api-keys", json=body)
            assert (answer.status_code, problem(answer)["code"]) == (403, "ENVIRONMENT_FORBIDDEN")
        assert (await new_key(caller, READ, environments=["staging"]))["environments"] == ["staging"]


class TestBoundToNetworks:
    @pytest.mark.parametrize(
        ("network", "address", "good"),
        [
            ("203.0.113.0/24", "203.0.113.77", True),
            ("203.0.113.0/24", "203.0.114.77", False),
            ("203.0.113.0/24", "::ffff:203.0.113.77", True),
            ("203.0.113.7/32", "203.0.113.8", False),
            ("2001:db8::/32", "2001:db8::9", True),
            ("2001:db8::/32", "203.0.113.77", False),
            ("2001:db8::/32", "2001:db9::9", False),
        ],
    )
    async def test_it_is_good_only_from_there(
        self, world: World, admin: Client, *, network: str, address: str, good: bool
    ) -> None:
        made = await new_key(admin, "*", networks=[network])
        answer = await world.client(made["key"], address).get("/v1/integrations")
        if good:
            assert answer.status_code == 200
        else:
            assert (answer.status_code, problem(answer)["code"]) == (403, "ADDRESS_FORBIDDEN")

    async def test_a_header_does_not_move_a_caller(self, world: World, admin: Client) -> None:
        made = await new_key(admin, "*", networks=["203.0.113.0/24"])
        told = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "X-Real-Ip": "203.0.113.9"}
        caller = world.client(made["key"], "198.51.100.1", **told)
        assert (await caller.get("/v1/integrations")).status_code == 403

    async def test_a_bound_key_makes_no_key_that_is_freer(self, world: World, admin: Client) -> None:
        made = await new_key(admin, "*", networks=["203.0.113.0/24"])
        caller = world.client(made["key"], "203.0.113.9")
        for networks in (None, ["0.0.0.0/0"], ["198.51.100.0/24"]):
            answer = await caller.post("/v1/api-keys", json={"name": "x", "scopes": [READ], "networks": networks})
            assert answer.status_code == 403, f"a key bound to a network made one for {networks}"


class TestItsEnd:
    async def test_a_key_whose_time_is_over_is_nobody_s(self, alone: World) -> None:
        soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        made = await new_key(alone.client(), "*", expiresAt=soon)
        caller = alone.client(made["key"])
        assert (await caller.get("/v1/integrations")).status_code == 200
        fresh = await new_key(alone.client(), "*", expiresAt=soon)
        alone.change("UPDATE api_keys SET expires_at = 1000 WHERE id = ?", fresh["id"])
        assert (await alone.client(fresh["key"]).get("/v1/integrations")).status_code == 401

    async def test_a_key_ends_by_itself_while_in_use(self, world: World, admin: Client) -> None:
        end = datetime.now(UTC) + timedelta(seconds=3)  # long enough for a busy machine to make one call before it
        caller = world.client((await new_key(admin, "*", expiresAt=end.isoformat()))["key"])
        assert (await caller.get("/v1/integrations")).status_code == 200
        await asyncio.sleep((end - datetime.now(UTC)).total_seconds() + 0.01)
        assert (await caller.get("/v1/integrations")).status_code == 401

    async def test_a_key_that_ends_makes_no_key_that_does_not(self, world: World, admin: Client) -> None:
        end = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        caller = world.client((await new_key(admin, "*", expiresAt=end))["key"])
        answer = await caller.post("/v1/api-keys", json={"name": "x", "scopes": [READ]})
        assert answer.status_code == 403, "a key that ends in an hour made one that never ends"

    async def test_a_revoked_key_is_refused_at_once(self, world: World, admin: Client) -> None:
        made = await new_key(admin, "*")
        caller = world.client(made["key"])
        assert (await caller.get("/v1/integrations")).status_code == 200
        assert (await admin.delete(f"/v1/api-keys/{made['id']}")).status_code == 200
        assert (await caller.get("/v1/integrations")).status_code == 401

    async def test_a_key_can_revoke_itself(self, world: World, admin: Client) -> None:
        made = await new_key(admin, KEYS)
        caller = world.client(made["key"])
        assert (await caller.delete(f"/v1/api-keys/{made['id']}")).status_code == 200
        assert (await caller.get("/v1/api-keys")).status_code == 401

    async def test_a_key_revoked_by_another_process_is_refused_at_once(self, data_dir: Path, judge: Judge) -> None:
        async with living(data_dir, judge) as here, living(data_dir, judge) as there:
            made = await new_key(here.client(), "*")
            for world in (here, there):
                assert (await world.client(made["key"]).get("/v1/integrations")).status_code == 200
            await there.client().delete(f"/v1/api-keys/{made['id']}")
            for world in (there, here):
                assert (await world.client(made["key"]).get("/v1/integrations")).status_code == 401

    async def test_a_key_made_by_another_process_is_good_at_once(self, data_dir: Path, judge: Judge) -> None:
        async with living(data_dir, judge) as here, living(data_dir, judge) as there:
            made = await new_key(there.client(), "*")
            assert (await here.client(made["key"]).get("/v1/integrations")).status_code == 200
