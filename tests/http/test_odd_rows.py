"""Rows that somebody changed past the server: one that cannot be read is shown as such and hides no other."""

from pathlib import Path
from typing import Any

import pytest

from tests.http.judge import Judge, problem
from tests.http.world import Client, World, living, new_key, reserve, saved

pytestmark = pytest.mark.anyio

STATUS = "/v1/integrations/credentials/status"


async def found(client: Client, path: str) -> Any:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    "change",
    ["expires_at = 99999999999999999", "updated_at = 'abc'", "verified_at = x'00'", "status = 'odd'", "failures = 'x'",
     "account_label = x'ff00'", "last_used_at = -99999999999999999", "previews = x'ff'"],
)  # fmt: skip
async def test_a_credential_that_cannot_be_read_hides_no_other(alone: World, change: str) -> None:
    admin = alone.client()
    await saved(admin, environment="staging")
    await saved(admin, "firecrawl", environment="staging", credentials={"apiKey": f"fc-{'a' * 32}"})
    alone.change(f"UPDATE credentials SET {change} WHERE integration_id = 'harbour'")  # noqa: S608 - our own text
    entries = {entry["integrationId"]: entry for entry in (await found(admin, STATUS))["data"]}
    assert entries["harbour"]["status"] == "unreadable"
    assert entries["firecrawl"]["status"] == "unverified"
    await found(admin, "/v1/integrations")
    assert await alone.hub.soundness.odd() == {"credentials": 1}
    assert (await admin.delete("/v1/integrations/harbour/credentials?environment=staging")).status_code == 200
    assert await alone.hub.soundness.odd() == {}


@pytest.mark.parametrize("change", ["status = 'odd'", "name = x'ff00'", "created_at = 'abc'", "updated_at = 1e30"])
async def test_an_installation_that_cannot_be_read_is_failing_and_says_why(alone: World, change: str) -> None:
    admin = alone.client()
    odd, sound = (await reserve(admin))["id"], (await reserve(admin))["id"]
    alone.change(f"UPDATE installations SET {change} WHERE id = ?", odd)  # noqa: S608 - our own text
    shown = {entry["id"]: entry for entry in (await found(admin, "/v1/integrations"))["data"]}
    assert sound in str(shown)
    one = await found(admin, f"/v1/integrations/{odd}")
    assert "cannot be read" in str(one)
    assert (await admin.delete(f"/v1/integrations/{odd}/credentials")).status_code == 200
    assert await alone.hub.soundness.odd() == {}


@pytest.mark.parametrize(
    "change",
    [
        "expires_at = 99999999999999999",
        "scopes = '[\"ALL\"]'",
        "scopes = '{'",
        "networks = '[{}]'",
        "environments = '7'",
    ],
)
async def test_a_key_that_cannot_be_read_is_good_for_nothing_and_hides_no_other(alone: World, change: str) -> None:
    admin = alone.client()
    odd, sound = await new_key(admin, "*"), await new_key(admin, "INTEGRATIONS:READ")
    alone.change(f"UPDATE api_keys SET {change} WHERE id = ?", odd["id"])  # noqa: S608 - our own text
    names = {key["id"]: key["name"] for key in (await found(admin, "/v1/api-keys"))["data"]}
    assert "cannot be read" in names[odd["id"]]
    assert names[sound["id"]] == "a key"
    assert (await alone.client(odd["key"]).get(STATUS)).status_code == 401
    assert (await admin.post(f"/v1/api-keys/{odd['id']}/rotate", json={})).status_code == 404
    assert (await admin.delete(f"/v1/api-keys/{odd['id']}")).status_code == 200


async def test_an_entry_of_the_audit_that_cannot_be_read_hides_no_other(alone: World) -> None:
    admin = alone.client()
    await saved(admin)
    alone.change("UPDATE audit SET at = 99999999999999999 WHERE sequence = 1")
    events = (await found(admin, "/v1/audit-events"))["data"]
    assert [event["sequence"] for event in events][-1] == 1
    assert events[-1]["at"] == "1970-01-01T00:00:00.000Z"


async def test_what_stands_in_an_environment_that_was_taken_away_is_shown_and_can_go(
    data_dir: Path, judge: Judge
) -> None:
    async with living(data_dir, judge) as world:
        await saved(world.client(), environment="staging")
        await saved(world.client(), environment="production")
    async with living(data_dir, judge, environments="development,production") as world:
        admin = world.client()
        [left] = await world.hub.soundness.left()
        assert left[1:] == ("staging", 1)
        assert (await found(admin, f"{STATUS}?environment=staging&integrationId=harbour"))["data"][0]["configured"]
        answer = await admin.post(
            "/v1/integrations/harbour/credentials", json={"credentials": {"apiKey": "x"}, "environment": "staging"}
        )
        assert problem(answer)["code"] == "INVALID_ENVIRONMENT"
        place = "/v1/integrations/harbour/credentials?environment=staging"
        assert (await admin.delete(place)).status_code == 200
        assert await world.hub.soundness.left() == []
        assert problem(await admin.delete(place))["code"] == "INVALID_ENVIRONMENT"
        assert problem(await admin.get(f"{STATUS}?environment=staging"))["code"] == "INVALID_ENVIRONMENT"
