"""The calls that make, list and revoke the keys of one's own owner."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moorings.domain.api_key import well_formed
from tests.http.judge import CANARY, problem
from tests.http.shapes import KEY_ID, TIME
from tests.http.world import Client, World, files, new_key

pytestmark = pytest.mark.anyio

SHOWN = {
    "id",
    "name",
    "preview",
    "scopes",
    "environments",
    "networks",
    "createdAt",
    "expiresAt",
    "revokedAt",
    "lastUsedAt",
}


async def test_a_new_key_is_shown_once(admin: Client) -> None:
    made = await new_key(admin, "INTEGRATIONS:READ")
    assert set(made) == SHOWN | {"key"}
    assert KEY_ID.fullmatch(made["id"])
    assert re.fullmatch(r"mrg_[0-9A-Za-z]{36}", made["key"])
    assert well_formed(made["key"])
    listed = (await admin.get("/v1/api-keys")).json()
    assert set(listed) == {"data", "total", "nextCursor"}
    assert listed["total"] == len(listed["data"]) == 2
    assert all(set(key) == SHOWN for key in listed["data"])
    assert made["key"] not in str(listed)
    assert {name: made[name] for name in SHOWN} in listed["data"]


async def test_only_the_end_of_a_key_is_shown_later(admin: Client) -> None:
    made = await new_key(admin, "*")
    assert made["preview"].endswith(made["key"][-4:])
    assert made["key"][4:-4] not in made["preview"]


async def test_only_a_hash_of_a_key_is_stored(alone: World) -> None:
    made = await new_key(alone.client(), "*")
    held = b"".join(files(alone.data_dir).values())
    assert made["id"].encode() in held
    assert made["key"].encode() not in held
    assert made["key"][4:-6].encode() not in held


async def test_a_key_says_what_it_is_bound_to(admin: Client) -> None:
    end = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="milliseconds")
    bound = {
        "environments": ["staging", "production"],
        "networks": ["203.0.113.0/24", "2001:db8::/32"],
        "expiresAt": end,
    }
    made = await new_key(admin, "INTEGRATIONS:WRITE", "AUDIT:READ", **bound)
    assert set(made["scopes"]) == {"INTEGRATIONS:WRITE", "AUDIT:READ"}
    assert set(made["environments"]) == {"staging", "production"}
    assert set(made["networks"]) == {"203.0.113.0/24", "2001:db8::/32"}
    assert TIME.fullmatch(made["expiresAt"])
    assert datetime.fromisoformat(made["expiresAt"]) == datetime.fromisoformat(end)
    assert made["revokedAt"] is None


async def test_a_time_in_another_zone_is_the_same_moment(admin: Client) -> None:
    made = await new_key(admin, "*", expiresAt="2999-01-01T02:00:00+02:00")
    assert made["expiresAt"].startswith("2999-01-01T00:00:00")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": ["*"]}, "name"),
        ({"name": "", "scopes": ["*"]}, "name"),
        ({"name": 5, "scopes": ["*"]}, "name"),
        ({"name": "x\x00y", "scopes": ["*"]}, "name"),
        ({"name": "x" * 300, "scopes": ["*"]}, "name"),
        ({"name": "x"}, "scopes"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": "*"}, "scopes"),
        ({"name": "x", "scopes": [f"{CANARY}"]}, "scopes"),
        ({"name": "x", "scopes": [7]}, "scopes"),
        ({"name": "x", "scopes": ["*"], "environments": []}, "environments"),
        ({"name": "x", "scopes": ["*"], "environments": "staging"}, "environments"),
        ({"name": "x", "scopes": ["*"], "environments": [7]}, "environments"),
        ({"name": "x", "scopes": ["*"], "networks": []}, "networks"),
        ({"name": "x", "scopes": ["*"], "networks": ["nonsense"]}, "networks"),
        ({"name": "x", "scopes": ["*"], "networks": ["10.0.0.1/8"]}, "networks"),
        ({"name": "x", "scopes": ["*"], "networks": [167772160]}, "networks"),
        ({"name": "x", "scopes": ["*"], "expiresAt": "tomorrow"}, "expiresAt"),
        ({"name": "x", "scopes": ["*"], "expiresAt": 4102444800}, "expiresAt"),
        ({"name": "x", "scopes": ["*"], "expiresAt": "2999-01-01T00:00:00"}, "expiresAt"),
        ({"name": "x", "scopes": ["*"], "owner": "org_x"}, "owner"),
        ({"name": "x", "scopes": ["*"], "key": f"mrg_{CANARY}"}, "key"),
    ],
)
async def test_a_wrong_wish_is_400_and_names_the_field(admin: Client, body: Any, field: str) -> None:
    answer = await admin.post("/v1/api-keys", json=body)
    assert answer.status_code == 400, answer.text
    assert {detail["field"].partition(".")[0].partition("[")[0] for detail in problem(answer)["details"]} == {field}
    assert (await admin.get("/v1/api-keys")).json()["total"] == 1


async def test_an_unknown_environment_is_400(admin: Client) -> None:
    answer = await admin.post("/v1/api-keys", json={"name": "x", "scopes": ["*"], "environments": ["moon"]})
    assert (answer.status_code, problem(answer)["code"]) == (400, "INVALID_ENVIRONMENT")


async def test_a_key_cannot_be_born_dead(admin: Client) -> None:
    body = {"name": "x", "scopes": ["*"], "expiresAt": "2020-01-01T00:00:00Z"}
    assert (await admin.post("/v1/api-keys", json=body)).status_code == 400


@pytest.mark.parametrize("wanted", ["*", "INTEGRATIONS:READ", "INTEGRATIONS:WRITE", "AUDIT:READ"])
async def test_nobody_hands_out_more_than_they_may_do(world: World, admin: Client, wanted: str) -> None:
    caller = world.client((await new_key(admin, "KEYS:ADMIN"))["key"])
    answer = await caller.post("/v1/api-keys", json={"name": "x", "scopes": [wanted, "KEYS:ADMIN"]})
    assert (answer.status_code, problem(answer)["code"]) == (403, "MISSING_SCOPE")
    assert wanted in problem(answer)["error"]


async def test_whoever_writes_may_hand_out_reading(world: World, admin: Client) -> None:
    caller = world.client((await new_key(admin, "KEYS:ADMIN", "INTEGRATIONS:WRITE"))["key"])
    assert (await new_key(caller, "INTEGRATIONS:READ"))["scopes"] == ["INTEGRATIONS:READ"]


async def test_a_revoked_key_is_listed_with_its_end(admin: Client) -> None:
    made = await new_key(admin, "*")
    answer = await admin.delete(f"/v1/api-keys/{made['id']}")
    assert answer.status_code == 200
    assert set(answer.json()) == {"success", "id", "message"}
    assert (answer.json()["success"], answer.json()["id"]) == (True, made["id"])
    [found] = [key for key in (await admin.get("/v1/api-keys")).json()["data"] if key["id"] == made["id"]]
    assert TIME.fullmatch(found["revokedAt"])


@pytest.mark.parametrize("key_id", ["key_01kb0h6v3m8x2q4r5s6t7v8w9x", "nonsense", "key_", "%00", "admin-key"])
async def test_an_unknown_key_is_404(admin: Client, key_id: str) -> None:
    answer = await admin.delete(f"/v1/api-keys/{key_id}")
    assert (answer.status_code, problem(answer)["code"]) == (404, "KEY_NOT_FOUND")


async def test_a_key_is_revoked_once(admin: Client) -> None:
    made = await new_key(admin, "*")
    assert (await admin.delete(f"/v1/api-keys/{made['id']}")).status_code == 200
    assert (await admin.delete(f"/v1/api-keys/{made['id']}")).status_code == 404


async def test_a_key_with_an_empty_object_as_body_is_revoked(admin: Client) -> None:
    made = await new_key(admin, "*")
    assert (await admin.request("DELETE", f"/v1/api-keys/{made['id']}", json={})).status_code == 200


async def test_keys_are_listed_in_pages_each_once(admin: Client) -> None:
    made = {(await new_key(admin, "*"))["id"] for _ in range(4)}
    found, cursor = [], None
    for _ in range(3):
        asked = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await admin.get("/v1/api-keys", params=asked)).json()
        assert page["total"] == 5
        found += [key["id"] for key in page["data"]]
        cursor = page["nextCursor"]
    assert cursor is None
    assert found == sorted(found)
    assert made < set(found)
    assert len(found) == 5


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "cursor=x", f"cursor=org_{26 * '0'}"])
async def test_a_page_that_is_none_is_refused(admin: Client, query: str) -> None:
    assert (await admin.get(f"/v1/api-keys?{query}")).status_code == 400


async def test_a_key_shows_when_it_was_last_used(world: World, admin: Client) -> None:
    made = await new_key(admin, "INTEGRATIONS:READ")
    assert made["lastUsedAt"] is None
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    await world.client(made["key"]).get("/v1/integrations/tools")
    [shown] = [key for key in (await admin.get("/v1/api-keys")).json()["data"] if key["id"] == made["id"]]
    assert before <= datetime.fromisoformat(shown["lastUsedAt"]) <= datetime.now(UTC)


async def rotated(client: Client, key_id: str, **body: object) -> Any:
    answer = await client.post(f"/v1/api-keys/{key_id}/rotate", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_rotated_key_has_the_same_bounds_and_the_old_one_works_on_for_a_while(
    world: World, admin: Client
) -> None:
    old = await new_key(admin, "INTEGRATIONS:READ", environments=["staging"], networks=["127.0.0.0/8"])
    new = await rotated(admin, old["id"])
    assert set(new) == SHOWN | {"key", "previousId", "previousValidUntil"}
    for name in ("name", "scopes", "environments", "networks", "expiresAt"):
        assert new[name] == old[name]
    assert (new["previousId"], new["key"] == old["key"]) == (old["id"], False)
    left = datetime.fromisoformat(new["previousValidUntil"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    for key in (old["key"], new["key"]):
        assert (await world.client(key).get("/v1/integrations/tools")).status_code == 200


async def test_without_grace_the_old_key_ends_at_once(world: World, admin: Client) -> None:
    old = await new_key(admin, "INTEGRATIONS:READ")
    caller = world.client(old["key"])
    assert (await caller.get("/v1/integrations/tools")).status_code == 200
    new = await rotated(admin, old["id"], graceSeconds=0)
    assert (await caller.get("/v1/integrations/tools")).status_code == 401
    assert (await world.client(new["key"]).get("/v1/integrations/tools")).status_code == 200
    assert (await admin.post(f"/v1/api-keys/{old['id']}/rotate", json={})).status_code == 404


async def test_a_rotated_key_never_works_longer_than_it_would_have(admin: Client) -> None:
    end = (datetime.now(UTC) + timedelta(minutes=5)).isoformat(timespec="milliseconds")
    old = await new_key(admin, "INTEGRATIONS:READ", expiresAt=end)
    new = await rotated(admin, old["id"], expiresAt="2999-01-01T00:00:00Z")
    assert datetime.fromisoformat(new["previousValidUntil"]) == datetime.fromisoformat(end)
    assert new["expiresAt"].startswith("2999")


async def test_nobody_rotates_another_owner_s_key_or_a_freer_one(world: World, admin: Client) -> None:
    old = await new_key(admin, "*")
    stranger = await world.owner()
    narrow = world.client((await new_key(admin, "KEYS:ADMIN"))["key"])
    for client, status, code in ((stranger, 404, "KEY_NOT_FOUND"), (narrow, 403, "MISSING_SCOPE")):
        answer = await client.post(f"/v1/api-keys/{old['id']}/rotate", json={})
        assert (answer.status_code, problem(answer)["code"]) == (status, code)
    assert (await world.client(old["key"]).get("/v1/integrations/tools")).status_code == 200


@pytest.mark.parametrize("body", [{"graceSeconds": -1}, {"graceSeconds": 2_592_001}, {"graceSeconds": "1"}, {"x": 1}])
async def test_a_rotation_that_is_none_is_refused(admin: Client, body: Any) -> None:
    old = await new_key(admin, "*")
    assert (await admin.post(f"/v1/api-keys/{old['id']}/rotate", json=body)).status_code == 400


async def test_a_rotation_is_written_down(alone: World) -> None:
    old = await new_key(alone.client(), "*")
    new = await rotated(alone.client(), old["id"])
    rows = alone.rows("SELECT kind, actor, subject FROM audit WHERE kind LIKE 'key.%' ORDER BY sequence")
    assert rows[1:] == [("key.rotated", "admin-key", old["id"]), ("key.created", "admin-key", new["id"])]


async def test_a_key_is_rotated_once_and_then_its_successor_is(world: World, admin: Client) -> None:
    old = await new_key(admin, "INTEGRATIONS:READ")
    new = await rotated(admin, old["id"])
    answer = await admin.post(f"/v1/api-keys/{old['id']}/rotate", json={})
    assert (answer.status_code, problem(answer)["code"]) == (409, "KEY_REPLACED")
    assert new["id"] in problem(answer)["error"]
    newest = await rotated(admin, new["id"])
    assert (newest["expiresAt"], newest["previousId"]) == (None, new["id"])
    assert (await world.client(newest["key"]).get("/v1/integrations/tools")).status_code == 200


async def test_of_rotations_at_the_same_time_one_counts(admin: Client) -> None:
    old = await new_key(admin, "INTEGRATIONS:READ")
    calls = [admin.post(f"/v1/api-keys/{old['id']}/rotate", json={}) for _ in range(6)]
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    [made] = [answer.json() for answer in answers if answer.status_code == 201]
    assert made["expiresAt"] is None


@pytest.mark.parametrize(
    ("bound", "code"),
    [
        ({"environments": ["staging"]}, "ENVIRONMENT_FORBIDDEN"),
        ({"networks": ["127.0.0.0/8"]}, "ADDRESS_FORBIDDEN"),
        ({"expiresAt": "2999-01-01T00:00:00Z"}, "FORBIDDEN"),
        ({}, "MISSING_SCOPE"),
    ],
)
async def test_nobody_revokes_a_freer_key(world: World, admin: Client, bound: Any, code: str) -> None:
    free = await new_key(admin, "KEYS:ADMIN", "*")
    scopes = ["KEYS:ADMIN"] if code == "MISSING_SCOPE" else ["KEYS:ADMIN", "*"]
    narrow = await new_key(admin, *scopes, **bound)
    client = world.client(narrow["key"])
    answer = await client.delete(f"/v1/api-keys/{free['id']}")
    assert (answer.status_code, problem(answer)["code"]) == (403, code)
    assert (await world.client(free["key"]).get("/v1/integrations/tools")).status_code == 200
    assert (await client.delete(f"/v1/api-keys/{narrow['id']}")).status_code == 200


@pytest.mark.parametrize("end", ["9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59-00:01", "0001-01-01T00:00:00+14:00"])
async def test_an_end_that_no_calendar_has_is_refused_and_the_list_stays_readable(admin: Client, end: str) -> None:
    body = {"name": "x", "scopes": ["INTEGRATIONS:READ"], "expiresAt": end}
    answer = await admin.post("/v1/api-keys", json=body)
    assert answer.status_code == 400
    assert problem(answer)["details"][0]["field"] == "expiresAt"
    old = await new_key(admin, "INTEGRATIONS:READ")
    assert (await admin.post(f"/v1/api-keys/{old['id']}/rotate", json={"expiresAt": end})).status_code == 400
    assert (await admin.get("/v1/api-keys")).status_code == 200


async def test_the_last_moment_of_the_calendar_is_an_end(admin: Client) -> None:
    made = await new_key(admin, "INTEGRATIONS:READ", expiresAt="9999-12-31T23:59:59Z")
    assert made["expiresAt"] == "9999-12-31T23:59:59.000Z"
    assert (await admin.get("/v1/api-keys")).status_code == 200
