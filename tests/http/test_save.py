"""Call 34: save credentials."""

import asyncio
from typing import Any

import pytest

from tests.http.judge import problem
from tests.http.shapes import ACCOUNT, SAVED, TIME
from tests.http.world import ENVIRONMENTS, Answer, Client, World, harbour_key, reserve, save, saved, status

pytestmark = pytest.mark.anyio

PATH = "/v1/integrations/harbour/credentials"
OWN_CALLS = ("quay", "slack", "telegram", "vectorize", "weaviate")
UNABLE = {
    "down": (502, "PROVIDER_ERROR"),
    "busy": (502, "PROVIDER_ERROR"),
    "garbage": (502, "PROVIDER_ERROR"),
    "empty": (502, "PROVIDER_ERROR"),
    "odd": (502, "PROVIDER_ERROR"),
    "moved": (502, "PROVIDER_ERROR"),
    "broken": (502, "PROVIDER_ERROR"),
    "slow": (504, "PROVIDER_TIMEOUT"),
}


async def post(client: Client, body: object, path: str = PATH) -> Answer:
    return await client.post(path, json=body)


async def save_beacon(client: Client, **fields: str) -> Answer:
    return await post(client, {"credentials": fields, "verify": False}, "/v1/integrations/beacon/credentials")


def fields_of(answer: Answer) -> set[str]:
    return {detail["field"] for detail in problem(answer)["details"]}


async def test_a_save_answers_what_the_contract_lists(admin: Client) -> None:
    body = await saved(admin, verify=True, environment="production")
    assert set(body) == SAVED
    assert body["success"] is True
    assert (body["integrationId"], body["environment"]) == ("harbour", "production")
    assert body["message"]
    assert set(body["account"]) == ACCOUNT
    assert body["account"] == {"id": "acct_7", "label": "Harbour Ltd"}
    assert TIME.fullmatch(body["verifiedAt"])


async def test_the_provider_is_asked_unless_told_otherwise(world: World, admin: Client) -> None:
    before = len(world.provider.calls)
    key = harbour_key()
    assert (await post(admin, {"credentials": {"apiKey": key}})).status_code == 200
    assert len(world.provider.calls) == before + 1
    assert f"Bearer {key}" in world.provider.calls[-1]
    assert world.provider.calls[-1].startswith("GET /me ")


async def test_with_verify_false_nobody_is_asked(world: World, admin: Client) -> None:
    before = len(world.provider.calls)
    body = await saved(admin, key=harbour_key("refused"), verify=False)
    assert set(body) == SAVED
    assert (body["account"], body["verifiedAt"]) == (None, None)
    assert len(world.provider.calls) == before


@pytest.mark.parametrize("word", ["refused", "echo"])
async def test_rejected_credentials_are_not_stored(admin: Client, word: str) -> None:
    answer = await save(admin, key=harbour_key(word), verify=True)
    assert answer.status_code == 400
    assert problem(answer)["code"] == "CREDENTIALS_REJECTED"
    assert (await status(admin))["configured"] is False


async def test_a_rejection_tells_the_provider_s_word_and_never_its_body(admin: Client) -> None:
    answer = await save(admin, key=harbour_key("refused"), verify=True)
    assert "invalid_key" in [detail["message"] for detail in problem(answer)["details"]]
    assert "nobody shall repeat" not in answer.text


@pytest.mark.parametrize("word", list(UNABLE))
async def test_nothing_is_stored_when_the_provider_cannot_be_asked(admin: Client, word: str) -> None:
    answer = await save(admin, key=harbour_key(word), verify=True)
    assert (answer.status_code, problem(answer)["code"]) == UNABLE[word]
    assert (await status(admin))["configured"] is False


@pytest.mark.parametrize("word", ["refused", "down", "slow"])
async def test_a_failed_save_leaves_the_earlier_credentials_as_they_were(admin: Client, word: str) -> None:
    await saved(admin, key=harbour_key(tail="KEEP"), verify=True)
    before = await status(admin)
    await save(admin, key=harbour_key(word), verify=True)
    assert await status(admin) == before
    assert before["fields"]["apiKey"]["preview"] == "hb_…KEEP"


@pytest.mark.parametrize("body", [{}, {"environment": None}])
async def test_no_environment_means_all_of_them(admin: Client, body: dict[str, Any]) -> None:
    answer = await saved(admin, **body)
    assert answer["environment"] is None
    assert (await status(admin))["environments"] == [None]


async def test_the_same_place_is_written_over_and_the_whole_set_replaced(admin: Client) -> None:
    token = harbour_key()
    assert (await save_beacon(admin, accountId="abcd1234", apiToken=token, region="north")).status_code == 200
    assert set((await status(admin, "beacon"))["fields"]) == {"accountId", "apiToken", "region"}
    assert (await save_beacon(admin, accountId="abcd1234", apiToken=token)).status_code == 200
    entry = await status(admin, "beacon")
    assert set(entry["fields"]) == {"accountId", "apiToken"}
    assert entry["environments"] == [None]


async def test_a_replacement_needs_every_required_field_again(admin: Client) -> None:
    assert (await save_beacon(admin, accountId="abcd1234", apiToken=harbour_key())).status_code == 200
    answer = await save_beacon(admin, accountId="abcd1234")
    assert answer.status_code == 400
    assert fields_of(answer) == {"credentials.apiToken"}


async def test_saving_in_one_environment_leaves_the_others_alone(admin: Client) -> None:
    for place in (None, *ENVIRONMENTS):
        await saved(admin, environment=place, key=harbour_key(tail=f"{place or 'null'}"[:4]))
    await saved(admin, environment="staging", key=harbour_key(tail="NEWS"))
    found = {place: (await status(admin, environment=place))["fields"]["apiKey"]["preview"] for place in ENVIRONMENTS}
    assert found == {"development": "hb_…deve", "staging": "hb_…NEWS", "production": "hb_…prod"}
    assert (await status(admin))["fields"]["apiKey"]["preview"] == "hb_…null"


async def test_all_wrong_fields_are_listed_at_once(admin: Client) -> None:
    answer = await save_beacon(admin, accountId="NOT GOOD", colour="red")
    assert answer.status_code == 400
    assert problem(answer)["code"] == "INVALID_CREDENTIALS"
    assert fields_of(answer) == {"credentials.accountId", "credentials.apiToken", "credentials.colour"}
    assert "NOT GOOD" not in answer.text


@pytest.mark.parametrize(
    "value",
    ["", " ", "hb_", "xx_0123456789", "hb_ with spaces", " hb_0123456789", "hb_0123456789\n", "hb_\x00abcdefgh"],
)
async def test_a_malformed_value_is_refused_before_anybody_is_asked(world: World, admin: Client, value: str) -> None:
    before = len(world.provider.calls)
    answer = await post(admin, {"credentials": {"apiKey": value}})
    assert answer.status_code == 400
    assert fields_of(answer) == {"credentials.apiKey"}
    assert len(world.provider.calls) == before


@pytest.mark.parametrize("environment", ["moon", "", "PRODUCTION", "null", "production ", "*", "all"])
async def test_an_unknown_environment_is_400_and_lists_the_valid_ones(admin: Client, environment: str) -> None:
    answer = await save(admin, environment=environment)
    assert answer.status_code == 400
    assert problem(answer)["code"] == "INVALID_ENVIRONMENT"
    assert all(name in answer.text for name in ENVIRONMENTS)


@pytest.mark.parametrize("place", ["nowhere", "intg_01kb0h6v3m8x2q4r5s6t7v8w9x", "intg_", "Harbour", "credential"])
async def test_an_unknown_integration_is_404(admin: Client, place: str) -> None:
    answer = await save(admin, place)
    assert answer.status_code == 404
    assert problem(answer)["code"] == "INTEGRATION_NOT_FOUND"


@pytest.mark.parametrize("integration", OWN_CALLS)
async def test_what_has_an_install_call_of_its_own_refuses_to_be_saved(admin: Client, integration: str) -> None:
    fields = (await admin.get(f"/v1/integrations/{integration}")).json()["credentialFields"]
    credentials = {field["name"]: field["example"] or harbour_key() for field in fields}
    answer = await post(admin, {"credentials": credentials}, f"/v1/integrations/{integration}/credentials")
    assert answer.status_code == 400
    assert problem(answer)["code"] == "OWN_INSTALL_CALL"
    assert f"/v1/integrations/{integration}" in problem(answer)["error"]
    assert (await status(admin, integration))["configured"] is False


async def test_saving_under_an_installation_completes_it(admin: Client) -> None:
    pending = await reserve(admin)
    body = await saved(admin, pending["id"], verify=True)
    assert (body["integrationId"], body["environment"]) == (pending["id"], None)
    [installation] = (await admin.get("/v1/integrations/harbour")).json()["installations"]
    assert installation["status"] == "connected"
    assert installation["expiresAt"] is None
    assert installation["verifiedAt"] == body["verifiedAt"]
    assert installation["account"] == {"id": "acct_7", "label": "Harbour Ltd"}
    assert installation["createdAt"] == pending["createdAt"]


async def test_a_save_that_ends_after_the_uninstall_stores_nothing(alone: World) -> None:
    admin = alone.client()
    place = (await reserve(admin))["id"]
    saving = asyncio.create_task(save(admin, place, harbour_key("late"), verify=True))
    await alone.provider.called.wait()
    assert (await admin.delete(f"/v1/integrations/{place}/credentials")).status_code == 200
    answer = await saving
    assert (answer.status_code, problem(answer)["code"]) == (404, "INTEGRATION_NOT_FOUND")
    assert alone.rows("SELECT integration_id FROM credentials") == []


async def test_a_large_but_allowed_value_is_stored(admin: Client) -> None:
    assert (await save(admin, key="hb_" + "x" * 9000)).status_code == 200
    assert (await save(admin, key="hb_" + "x" * 600_000)).status_code == 400
