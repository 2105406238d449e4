"""Call 2: reserve an installation, whose id exists before any secret does."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.http.judge import problem
from tests.http.shapes import INSTALLATION, INSTALLATION_ID, TIME
from tests.http.world import ENVIRONMENTS, Client, World, reserve, save, saved, status

pytestmark = pytest.mark.anyio

DAY_AGO = "UPDATE installations SET expires_at = created_at - 1, created_at = created_at - 86400001"


async def test_the_answer_is_a_pending_installation(admin: Client) -> None:
    body = await reserve(admin, name="Our harbour", environment="staging", forwardUrl="https://example.com/in")
    assert set(body) == INSTALLATION
    assert INSTALLATION_ID.fullmatch(body["id"])
    assert (body["type"], body["name"], body["status"]) == ("harbour", "Our harbour", "pending")
    assert (body["environment"], body["forwardUrl"]) == ("staging", "https://example.com/in")
    assert (body["account"], body["verifiedAt"]) == (None, None)
    assert all(TIME.fullmatch(body[name]) for name in ("createdAt", "updatedAt", "expiresAt"))


async def test_only_the_type_is_needed(admin: Client) -> None:
    body = await reserve(admin)
    assert body["name"]
    assert (body["environment"], body["forwardUrl"]) == (None, None)


async def test_it_ends_after_a_day(admin: Client) -> None:
    body = await reserve(admin)
    made, ends = (datetime.fromisoformat(body[name]) for name in ("createdAt", "expiresAt"))
    assert ends - made == timedelta(hours=24)


async def test_an_ended_reservation_is_gone_everywhere(alone: World) -> None:
    admin = alone.client()
    installation = (await reserve(admin))["id"]
    alone.change(DAY_AGO)
    for answer in (
        await admin.get(f"/v1/integrations/{installation}"),
        await admin.get(f"/v1/integrations/{installation}/tools"),
        await save(admin, installation),
        await admin.delete(f"/v1/integrations/{installation}/credentials"),
    ):
        assert (answer.status_code, problem(answer)["code"]) == (404, "INTEGRATION_NOT_FOUND")
    harbour = (await admin.get("/v1/integrations/harbour")).json()
    assert (harbour["installations"], harbour["status"]) == ([], "available")


async def test_a_completed_one_does_not_end(alone: World) -> None:
    admin = alone.client()
    installation = (await reserve(admin))["id"]
    await saved(admin, installation)
    alone.change(DAY_AGO)
    assert (await status(admin, installation))["configured"] is True
    assert (await admin.get(f"/v1/integrations/{installation}")).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "type"),
        ({"type": "nowhere"}, "type"),
        ({"type": None}, "type"),
        ({"type": 7}, "type"),
        ({"type": ["harbour"]}, "type"),
        ({"type": "harbour", "name": 7}, "name"),
        ({"type": "harbour", "name": ""}, "name"),
        ({"type": "harbour", "name": "x" * 5000}, "name"),
        ({"type": "harbour", "name": "a\x00b"}, "name"),
        ({"type": "harbour", "forwardUrl": "not an address"}, "forwardUrl"),
        ({"type": "harbour", "forwardUrl": "javascript:alert(1)"}, "forwardUrl"),
        ({"type": "harbour", "forwardUrl": "ftp://example.com/"}, "forwardUrl"),
        ({"type": "harbour", "forwardUrl": "https://user:pass@example.com/"}, "forwardUrl"),
        ({"type": "harbour", "forwardUrl": "https://example.com[/in"}, "forwardUrl"),
        ({"type": "harbour", "forwardUrl": "https://2130706433/in"}, "forwardUrl"),
        ({"type": "harbour", "forwardUrl": "https://0x7f.1/in"}, "forwardUrl"),
        ({"type": "harbour", "forwardUrl": "https://0/in"}, "forwardUrl"),
        ({"type": "harbour", "forwardUrl": "https://hafen.b\u00fccher.example/in"}, "forwardUrl"),
        ({"type": "harbour", "forwardUrl": "https://example.com:99999/in"}, "forwardUrl"),
        ({"type": "harbour", "colour": "red"}, "colour"),
    ],
)
async def test_a_wrong_body_is_400_and_names_the_field(admin: Client, body: Any, field: str) -> None:
    answer = await admin.post("/v1/integrations", json=body)
    assert answer.status_code == 400, answer.text
    assert [detail["field"] for detail in problem(answer)["details"]] == [field]
    assert (await admin.get("/v1/integrations/harbour")).json()["installations"] == []


async def test_an_unknown_environment_is_400(admin: Client) -> None:
    answer = await admin.post("/v1/integrations", json={"type": "harbour", "environment": "moon"})
    assert (answer.status_code, problem(answer)["code"]) == (400, "INVALID_ENVIRONMENT")
    assert all(name in answer.text for name in ENVIRONMENTS)


async def test_an_installation_for_one_environment_takes_credentials_only_there(admin: Client) -> None:
    installation = (await reserve(admin, environment="staging"))["id"]
    answer = await save(admin, installation, environment="production")
    assert answer.status_code == 400
    assert (await saved(admin, installation))["environment"] == "staging"
    assert (await status(admin, installation, "staging"))["source"] == "environment"
    assert (await status(admin, installation, "production"))["source"] is None


async def test_many_installations_of_one_integration_stand_side_by_side(admin: Client) -> None:
    ids = [(await reserve(admin))["id"] for _ in range(3)]
    assert len(set(ids)) == 3
    for place in ids:
        await saved(admin, place)
    await admin.delete(f"/v1/integrations/{ids[1]}/credentials")
    left = (await admin.get("/v1/integrations/harbour")).json()["installations"]
    assert {entry["id"] for entry in left} == {ids[0], ids[2]}


@pytest.mark.parametrize("integration", ["slack", "telegram"])
async def test_a_messenger_has_its_webhook_address_before_any_secret(admin: Client, integration: str) -> None:
    body = await reserve(admin, integration)
    assert body["webhookUrl"].endswith(f"/hooks/{integration}/{body['id']}")


async def test_an_installation_alone_does_not_configure_the_integration(admin: Client) -> None:
    await reserve(admin)
    entry = (await admin.get("/v1/integrations/harbour")).json()
    assert (entry["configured"], entry["environments"]) == (False, [])
