"""Events go on to the user's program, signed so that any library of Standard Webhooks agrees."""

import base64
import hashlib
import hmac
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from tests.events.harbour import Harbour, harbour
from tests.events.program import Delivery
from tests.events.providers import message, slack, telegram, update
from tests.http.judge import Judge, problem
from tests.http.world import Client, new_key, reserve

pytestmark = pytest.mark.anyio


async def secret_of(client: Client, installation: str, **body: Any) -> Any:
    answer = await client.post(f"/v1/integrations/{installation}/forward-secret", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def change(client: Client, installation: str, **body: Any) -> Any:
    answer = await client.patch(f"/v1/integrations/{installation}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def signature(delivery: Delivery, secret: str) -> str:
    """The scheme in its own words: https://www.standardwebhooks.com."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{delivery.headers['webhook-id']}.{delivery.headers['webhook-timestamp']}.".encode() + delivery.body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


async def test_the_library_of_standard_webhooks_accepts_what_the_program_gets(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner, environment="production")
    secret = (await secret_of(owner, installation))["secret"]
    await shared.send(installation, slack(message("Grüße \U0001f600")))
    [delivery] = await shared.program.until(1)
    event = delivery.verified(secret)
    assert set(event) == {
        "id", "type", "integrationId", "environment", "channel", "sender", "text", "raw", "receivedAt"
    }  # fmt: skip
    assert (event["text"], event["integrationId"], event["environment"]) == (
        "Grüße \U0001f600",
        installation,
        "production",
    )
    assert delivery.headers["webhook-id"] == event["id"]
    assert delivery.headers["content-type"] == "application/json"
    assert delivery.headers["webhook-signature"] == signature(delivery, secret)
    with pytest.raises(WebhookVerificationError):
        delivery.verified("whsec_" + base64.b64encode(b"another secret").decode())


async def test_after_a_renewal_both_secrets_verify_for_the_grace_time(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner, "telegram")
    first = await secret_of(owner, installation)
    second = await secret_of(owner, installation)
    assert (first["previousValidUntil"], bool(second["previousValidUntil"])) == (None, True)
    await shared.send(installation, telegram(update()), "telegram")
    [delivery] = await shared.program.until(1)
    assert delivery.verified(first["secret"]) == delivery.verified(second["secret"])
    third = await secret_of(owner, installation, graceSeconds=0)
    await shared.send(installation, telegram(update()), "telegram")
    delivery = (await shared.program.until(2))[-1]
    assert delivery.verified(third["secret"])
    with pytest.raises(WebhookVerificationError):
        delivery.verified(second["secret"])


async def test_a_secret_that_nobody_was_shown_needs_no_grace(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner)
    await shared.send(installation, slack(message()))
    await shared.program.until(1)
    assert (await secret_of(owner, installation))["previousValidUntil"] is None


async def test_a_message_is_sent_again_until_it_is_taken_and_every_try_is_listed(
    shared: Harbour, owner: Client
) -> None:
    installation = await shared.install(owner)
    shared.program.answers += [503]
    await shared.send(installation, slack(message()))
    [event] = await shared.settled(owner, installation)
    tries = event["delivery"]["tries"]
    assert [(each["status"], each["error"]) for each in tries] == [(503, "REFUSED"), (200, None)]
    assert all(each["durationMs"] >= 0 for each in tries)
    assert (event["delivery"]["state"], event["delivery"]["nextTryAt"]) == ("delivered", None)
    assert len({delivery.headers["webhook-id"] for delivery in shared.program.deliveries}) == 1


async def test_a_redirect_is_not_followed(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner)
    shared.program.answers += [302]
    shared.program.headers = f"Location: {shared.program.url}\r\n"
    await shared.send(installation, slack(message()))
    await shared.program.until(1)
    shared.program.headers = ""
    [event] = await shared.settled(owner, installation)
    assert event["delivery"]["tries"][0]["error"] == "REDIRECTED"


async def test_a_program_that_is_gone_is_sent_nothing_more_until_it_is_named_anew(
    shared: Harbour, owner: Client
) -> None:
    installation = await shared.install(owner)
    shared.program.answers += [410]
    await shared.send(installation, slack(message("refused")))
    await shared.settled(owner, installation)
    [shown] = (await owner.get(f"/v1/integrations/{installation}")).json()["installations"]
    assert (shown["status"], "410" in shown["problem"]) == ("failing", True)
    await shared.send(installation, slack(message("kept")))
    [kept, _] = (await shared.events(owner, installation))["data"]
    assert (kept["text"], kept["delivery"]["state"]) == ("kept", "kept")
    answer = await owner.post(f"/v1/integrations/{installation}/events/{kept['id']}/redeliver", json={})
    assert (answer.status_code, problem(answer)["code"]) == (409, "NOT_FORWARDED")
    changed = await change(owner, installation, forwardUrl=shared.program.url)
    assert (changed["status"], changed["problem"]) == ("connected", None)
    await shared.send(installation, slack(message("taken")))
    assert (await shared.program.until(2))[-1].event["text"] == "taken"


async def test_an_event_is_sent_again_by_a_call_under_the_same_id(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner)
    await shared.send(installation, slack(message("again")))
    [event] = await shared.settled(owner, installation)
    answer = await owner.post(f"/v1/integrations/{installation}/events/{event['id']}/redeliver", json={})
    assert (answer.status_code, answer.json()["delivery"]["state"]) == (202, "waiting")
    first, second = await shared.program.until(2)
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == event["id"]
    [event] = await shared.settled(owner, installation)
    assert [each["status"] for each in event["delivery"]["tries"]] == [200, 200]


async def test_what_was_kept_is_sent_on_demand_once_there_is_an_address(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner, forward_url=None)
    await shared.send(installation, slack(message("early")))
    [event] = (await shared.events(owner, installation))["data"]
    assert event["delivery"] == {"state": "kept", "nextTryAt": None, "tries": []}
    await change(owner, installation, forwardUrl=shared.program.url)
    assert shared.program.deliveries == []
    await owner.post(f"/v1/integrations/{installation}/events/{event['id']}/redeliver", json={})
    assert (await shared.program.until(1))[0].event["text"] == "early"


async def test_connections_to_the_program_are_used_again(shared: Harbour, owner: Client) -> None:
    installation, before = await shared.install(owner), shared.program.connections
    for number in range(20):
        await shared.send(installation, slack(message(str(number))))
    await shared.program.until(20)
    assert [delivery.event["text"] for delivery in shared.program.deliveries] == [str(number) for number in range(20)]
    assert shared.program.connections - before <= 2


async def test_an_installation_is_renamed_and_its_address_taken_away(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner)
    renamed = await change(owner, installation, name="Support")
    assert (renamed["name"], renamed["forwardUrl"]) == ("Support", shared.program.url)
    without = await change(owner, installation, forwardUrl=None)
    assert (without["name"], without["forwardUrl"]) == ("Support", None)
    await shared.send(installation, slack(message()))
    [event] = (await shared.events(owner, installation))["data"]
    assert event["delivery"]["state"] == "kept"


PRIVATE = [
    "https://127.0.0.2/in", "https://10.0.0.1/", "https://169.254.169.254/latest/meta-data", "https://[::1]/",
    "https://[::ffff:10.0.0.1]/", "https://192.168.1.1:8443/x", "http://hooks.example.com/in",
]  # fmt: skip


@pytest.mark.parametrize("url", PRIVATE)
async def test_an_address_in_a_private_network_or_without_tls_is_refused(
    shared: Harbour, owner: Client, url: str
) -> None:
    installation = await shared.install(owner)
    token = {"botToken": "xoxb-1-1-aaaaaaaaaaaaaaaaaaaaaaaa", "signingSecret": "0" * 32}
    for answer in (
        await owner.patch(f"/v1/integrations/{installation}", json={"forwardUrl": url}),
        await owner.post("/v1/integrations", json={"type": "slack", "forwardUrl": url}),
        await owner.post("/v1/integrations/slack/install", json={**token, "forwardUrl": url}),
    ):
        assert (answer.status_code, problem(answer)["code"]) == (400, "ADDRESS_REFUSED")
        assert [detail["field"] for detail in answer.json()["details"]] == ["forwardUrl"]
        assert url not in answer.text
    [shown] = (await owner.get(f"/v1/integrations/{installation}")).json()["installations"]
    assert shown["forwardUrl"] == shared.program.url


async def test_a_name_that_leads_into_a_private_network_is_not_connected_to(data_dir: Path, judge: Judge) -> None:
    async with harbour(data_dir, judge, egress_allow=()) as guarded:
        owner = await guarded.world.owner()
        port = guarded.program.url.rpartition(":")[2]
        installation = await guarded.install(owner, forward_url=f"https://localhost:{port}")
        await guarded.send(installation, slack(message()))
        tries = await guarded.tried(owner, installation)
        assert (tries[0]["status"], tries[0]["error"]) == (None, "ADDRESS_REFUSED")
        assert guarded.program.connections == 0


@pytest.mark.parametrize("body", [{"forwardUrl": "nonsense"}, {"name": ""}, {"colour": "red"}, {"forwardUrl": 7}])
async def test_a_wrong_change_is_400(shared: Harbour, owner: Client, body: Any) -> None:
    installation = await shared.install(owner)
    answer = await owner.patch(f"/v1/integrations/{installation}", json=body)
    assert answer.status_code == 400
    assert [detail["field"] for detail in problem(answer)["details"]] == list(body)


async def test_a_catalogue_id_is_no_installation(shared: Harbour, owner: Client) -> None:
    for answer in (
        await owner.patch("/v1/integrations/slack", json={"name": "x"}),
        await owner.post("/v1/integrations/slack/forward-secret", json={}),
    ):
        assert (answer.status_code, problem(answer)["code"]) == (400, "INVALID_REQUEST")


async def test_only_who_may_write_there_changes_an_installation(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner, environment="production")
    reader = shared.world.client((await new_key(owner, "INTEGRATIONS:READ"))["key"])
    bound = shared.world.client((await new_key(owner, "INTEGRATIONS:WRITE", environments=["staging"]))["key"])
    stranger = await shared.world.owner()
    for client, status in ((reader, 403), (bound, 403), (stranger, 404)):
        for answer in (
            await client.patch(f"/v1/integrations/{installation}", json={"name": "x"}),
            await client.post(f"/v1/integrations/{installation}/forward-secret", json={}),
        ):
            assert answer.status_code == status, answer.text


async def test_changes_and_renewals_stand_in_the_audit(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner)
    await change(owner, installation, name="x")
    await secret_of(owner, installation)
    kinds = shared.world.rows("SELECT kind FROM audit WHERE subject = ? ORDER BY sequence", installation)
    assert [kind for (kind,) in kinds][-2:] == ["installation.changed", "forward-key.renewed"]


async def test_the_secret_stands_nowhere_in_the_open(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner)
    secret = (await secret_of(owner, installation))["secret"]
    kept = b"".join(path.read_bytes() for path in shared.world.data_dir.iterdir() if path.is_file())
    assert secret.removeprefix("whsec_").encode() not in kept
    assert base64.b64decode(secret.removeprefix("whsec_")) not in kept


async def test_a_reserved_installation_can_be_given_its_secret_early(shared: Harbour, owner: Client) -> None:
    waiting = (await reserve(owner, "slack"))["id"]
    assert (await secret_of(owner, waiting))["secret"].startswith("whsec_")


async def test_what_waits_for_its_next_try_is_sent_at_once_to_an_address_that_was_put_right(
    shared: Harbour, owner: Client
) -> None:
    installation = await shared.install(owner)
    shared.program.headers = "Retry-After: 1800\r\n"
    shared.program.answers += [503]
    await shared.send(installation, slack(message("first")))
    await shared.program.until(1)
    await shared.send(installation, slack(message("second")))
    shared.program.headers = ""
    await change(owner, installation, forwardUrl=f"{shared.program.url}/again")
    taken = await shared.program.until(3)
    assert [delivery.event["text"] for delivery in taken[1:]] == ["first", "second"]
