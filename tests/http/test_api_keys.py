"""The calls that make, list and revoke the keys of one's own owner."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moorings.domain.api_key import well_formed
from tests.http.judge import CANARY, problem
from tests.http.shapes import KEY_ID, TIME
from tests.http.world import Client, World, files, new_key

pytestmark = pytest.mark.anyio

SHOWN = {"id", "name", "preview", "scopes", "environments", "networks", "createdAt", "expiresAt", "revokedAt"}


async def test_a_new_key_is_shown_once(admin: Client) -> None:
    made = await new_key(admin, "INTEGRATIONS:READ")
    assert set(made) == SHOWN | {"key"}
    assert KEY_ID.fullmatch(made["id"])
    assert re.fullmatch(r"mrg_[0-9A-Za-z]{36}", made["key"])
    assert well_formed(made["key"])
    listed = (await admin.get("/v1/api-keys")).json()
    assert set(listed) == {"data", "total"}
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
