"""Call 35, which is published: to the letter."""

from pathlib import Path

import pytest

from tests.http.judge import Judge, problem
from tests.http.shapes import DELETED
from tests.http.world import ENVIRONMENTS, Answer, Client, World, files, living, reserve, saved, status

pytestmark = pytest.mark.anyio

PATH = "/v1/integrations/harbour/credentials"
BODIES = {"none": None, "braces": b"{}", "empty": b""}


async def deleted(client: Client, environment: str | None = None, path: str = PATH) -> Answer:
    return await client.delete(path, params={"environment": environment} if environment else None)


@pytest.mark.parametrize("body", list(BODIES))
@pytest.mark.parametrize("environment", [None, "production"])
async def test_the_answer_has_exactly_four_keys(admin: Client, body: str, environment: str | None) -> None:
    await saved(admin, environment=environment)
    headers = {} if body == "none" else {"Content-Type": "application/json"}
    query = {"environment": environment} if environment else None
    answer = await admin.request("DELETE", PATH, params=query, content=BODIES[body], headers=headers)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == DELETED
    assert answer.json()["success"] is True
    assert answer.json()["integrationId"] == "harbour"
    assert answer.json()["environment"] == environment
    assert isinstance(answer.json()["message"], str)
    assert answer.json()["message"]


async def test_the_bare_key_and_the_empty_object_work_as_published(world: World, admin: Client) -> None:
    await saved(admin)
    key = admin.headers["Authorization"].removeprefix("Bearer ")
    answer = await world.client(None, Authorization=key).request("DELETE", PATH, json={})
    assert answer.status_code == 200


async def test_without_an_environment_only_the_entry_for_all_goes(admin: Client) -> None:
    for place in (None, *ENVIRONMENTS):
        await saved(admin, environment=place)
    assert (await deleted(admin)).status_code == 200
    assert (await status(admin))["environments"] == list(ENVIRONMENTS)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
async def test_with_an_environment_only_its_entry_goes(admin: Client, environment: str) -> None:
    for place in (None, *ENVIRONMENTS):
        await saved(admin, environment=place)
    assert (await deleted(admin, environment)).status_code == 200
    assert set((await status(admin))["environments"]) == {None, *ENVIRONMENTS} - {environment}


async def test_after_a_deletion_the_entry_for_all_answers_again(admin: Client) -> None:
    await saved(admin)
    await saved(admin, environment="production")
    await deleted(admin, "production")
    assert (await status(admin, environment="production"))["source"] == "all"


async def test_an_unknown_integration_is_404(admin: Client) -> None:
    for place in ("nowhere", "intg_01kb0h6v3m8x2q4r5s6t7v8w9x"):
        answer = await deleted(admin, path=f"/v1/integrations/{place}/credentials")
        assert (answer.status_code, problem(answer)["code"]) == (404, "INTEGRATION_NOT_FOUND")


async def test_nothing_to_remove_is_404(admin: Client) -> None:
    answer = await deleted(admin)
    assert (answer.status_code, problem(answer)["code"]) == (404, "CREDENTIALS_NOT_FOUND")
    await saved(admin, environment="production")
    for environment in (None, "staging"):
        answer = await deleted(admin, environment)
        assert (answer.status_code, problem(answer)["code"]) == (404, "CREDENTIALS_NOT_FOUND")
    assert (await status(admin))["environments"] == ["production"]


async def test_a_second_deletion_is_404(admin: Client) -> None:
    await saved(admin)
    assert (await deleted(admin)).status_code == 200
    assert (await deleted(admin)).status_code == 404


@pytest.mark.parametrize("environment", ["moon", "null", "*"])
async def test_an_unknown_environment_is_400(admin: Client, environment: str) -> None:
    answer = await deleted(admin, environment)
    assert (answer.status_code, problem(answer)["code"]) == (400, "INVALID_ENVIRONMENT")
    assert all(name in answer.text for name in ENVIRONMENTS)


async def test_an_empty_environment_is_400_and_removes_nothing(admin: Client) -> None:
    await saved(admin)
    answer = await admin.delete(f"{PATH}?environment=")
    assert (answer.status_code, problem(answer)["code"]) == (400, "INVALID_ENVIRONMENT")
    assert (await status(admin))["configured"] is True


async def test_what_was_removed_can_be_saved_anew(admin: Client) -> None:
    await saved(admin)
    await deleted(admin)
    await saved(admin)
    assert (await status(admin))["configured"] is True


async def test_deleting_an_installation_uninstalls_it(admin: Client) -> None:
    installation = (await reserve(admin))["id"]
    await saved(admin, installation)
    answer = await deleted(admin, path=f"/v1/integrations/{installation}/credentials")
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == DELETED
    assert answer.json()["integrationId"] == installation
    assert (await admin.get(f"/v1/integrations/{installation}")).status_code == 404
    assert (await admin.get("/v1/integrations/harbour")).json()["installations"] == []
    assert (await deleted(admin, path=f"/v1/integrations/{installation}/credentials")).status_code == 404


async def test_deleting_a_pending_installation_takes_the_reservation_back(admin: Client) -> None:
    installation = (await reserve(admin, environment="staging"))["id"]
    answer = await deleted(admin, path=f"/v1/integrations/{installation}/credentials")
    assert answer.status_code == 200, answer.text
    assert (await admin.get(f"/v1/integrations/{installation}")).status_code == 404


async def test_what_is_installed_by_a_call_of_its_own_can_be_uninstalled(admin: Client) -> None:
    installation = (await reserve(admin, "quay"))["id"]
    assert (await deleted(admin, path=f"/v1/integrations/{installation}/credentials")).status_code == 200


async def test_the_sealed_bytes_are_gone_from_the_data_directory(data_dir: Path, judge: Judge) -> None:
    async with living(data_dir, judge) as world:
        await saved(world.client())
        [[sealed]] = world.rows("SELECT sealed FROM credentials")
        assert (await deleted(world.client())).status_code == 200
        assert world.rows("SELECT 1 FROM credentials") == []
    left = [name for name, content in files(data_dir).items() if sealed[-32:] in content]
    assert left == [], f"the sealed bytes are still in {left}"


async def test_the_search_for_sealed_bytes_finds_those_that_are_there(data_dir: Path, judge: Judge) -> None:
    async with living(data_dir, judge) as world:
        await saved(world.client())
        [[sealed]] = world.rows("SELECT sealed FROM credentials")
    assert any(sealed[-32:] in content for content in files(data_dir).values())
