"""A defect of ours that nobody foresaw: an answer of the one shape, a trace in the log, and the server goes on."""

from dataclasses import replace

import pytest

from moorings.domain.credential import Verification
from moorings.domain.secret import SecretFields
from moorings.http import application
from tests.http.judge import problem
from tests.http.world import Client, World, harbour_key, save, status

pytestmark = pytest.mark.anyio


class Defective:
    """A verifier with a programming error in it."""

    async def verify(self, fields: SecretFields) -> Verification:
        raise ZeroDivisionError("the adapter counts wrong")


@pytest.fixture
def broken(world: World, admin: Client) -> Client:
    """The same owner's administrator, on a server whose adapter has a defect."""
    credentials = replace(world.hub.credentials, verifiers={"harbour": Defective()})
    served = replace(world, application=application.create(replace(world.hub, credentials=credentials)))
    return served.client(admin.headers["Authorization"].removeprefix("Bearer "))


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "once"}])
async def test_it_is_a_500_of_the_one_shape(broken: Client, headers: dict[str, str]) -> None:
    body = {"credentials": {"apiKey": harbour_key()}}
    answer = await broken.post("/v1/integrations/harbour/credentials", json=body, headers=headers)
    assert (answer.status_code, problem(answer)["code"]) == (500, "INTERNAL_ERROR")
    assert "counts wrong" not in answer.text
    assert "ZeroDivision" not in answer.text
    assert (await status(broken))["configured"] is False


async def test_its_trace_stands_in_the_log_under_the_request_id(
    broken: Client, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await save(broken, verify=True)
    told = [record for record in caplog.records if record.exc_info and "counts wrong" in str(record.exc_info[1])]
    assert told
    assert [vars(record).get("request_id") for record in told] == [answer.headers["x-request-id"]]


async def test_the_next_call_is_answered(broken: Client) -> None:
    await save(broken, verify=True)
    assert (await save(broken, verify=False)).status_code == 200
