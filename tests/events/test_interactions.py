"""Commands and buttons of Slack, which come as forms, are proven, kept once and passed on as any event."""

import json

import pytest

from tests.events.harbour import Harbour
from tests.events.providers import Sent, command, form, pressed, slack
from tests.http.judge import CANARY, problem
from tests.http.world import Client

pytestmark = pytest.mark.anyio


async def test_a_command_is_kept_in_the_normal_form(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner, environment="production")
    answer = await shared.send(installation, form(command("what is the tide?")))
    assert (answer.status_code, answer.content) == (200, b""), "Slack would show what stands in the answer"
    [event] = await shared.settled(owner, installation)
    assert (event["type"], event["channel"], event["sender"], event["text"]) == (
        "slash_command", "C2147483705", "U2147483697", "/ask what is the tide?",
    )  # fmt: skip
    assert event["raw"]["response_url"] == "https://hooks.slack.com/commands/1234/5678"
    assert json.loads(shared.program.deliveries[-1].body)["text"] == "/ask what is the tide?"
    assert CANARY not in json.dumps(event), "the verification token is as good as a secret"


async def test_a_command_alone_has_no_blank_behind_it(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner)
    assert (await shared.send(installation, form(command("")))).status_code == 200
    assert [event["text"] for event in await shared.settled(owner, installation)] == ["/ask"]


async def test_a_button_tells_who_pressed_what_and_where(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner)
    answer = await shared.send(installation, form(pressed(bot_access_token=f"xwfp-{CANARY}")))
    assert (answer.status_code, answer.content) == (200, b"")
    [event] = await shared.settled(owner, installation)
    assert (event["type"], event["channel"], event["sender"], event["text"]) == (
        "block_actions", "CBR2V3XEX", "UA8RXUSPL", "click_me_123",
    )  # fmt: skip
    assert event["raw"]["actions"][0]["action_id"] == "WaXA"
    assert CANARY not in json.dumps(event)


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"actions": [{"type": "static_select", "selected_option": {"value": "three"}}]}, "three"),
        ({"type": "shortcut", "actions": None, "channel": None, "container": None, "callback_id": "new"}, None),
        ({"type": "view_submission", "actions": [], "user": "nobody"}, None),
        ({"actions": ["odd", {"value": 7}]}, "7"),
    ],
    ids=["a menu", "a shortcut", "a window", "odd"],
)
async def test_other_deeds_are_kept_too(
    shared: Harbour, owner: Client, changed: dict[str, object], text: str | None
) -> None:
    installation = await shared.install(owner)
    assert (await shared.send(installation, form(pressed(**changed)))).status_code == 200
    [event] = await shared.settled(owner, installation)
    assert (event["type"], event["text"]) == (changed.get("type", "block_actions"), text)


async def test_the_same_bytes_are_one_deed_and_the_same_words_again_are_two(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner)
    sent = form(command("once"))
    for one in (sent, sent, form(command("once"))):
        assert (await shared.send(installation, one)).status_code == 200
    assert len(await shared.settled(owner, installation)) == 2


async def test_slacks_check_of_the_certificate_is_answered_and_not_kept(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner)
    assert (await shared.send(installation, form({"ssl_check": "1", "token": "T"}))).status_code == 200
    assert (await shared.events(owner, installation))["data"] == []


FORGED = {"another secret": form(command(), secret="another"), "no signature": Sent(form(command()).body)}


@pytest.mark.parametrize("sent", FORGED.values(), ids=FORGED)
async def test_a_form_that_is_not_slacks_is_refused(shared: Harbour, owner: Client, sent: Sent) -> None:
    installation = await shared.install(owner)
    answer = await shared.send(installation, sent)
    assert (answer.status_code, problem(answer)["code"]) == (401, "WEBHOOK_REFUSED")


@pytest.mark.parametrize(
    "body",
    [
        b"text=alone", b"payload=no+json", b"payload=[]", b"payload=", b"command=", b"&".join([b"a=1"] * 200),
        b"command=%2Fask&x=" + b"1" * 9 + "\u00e9".encode(),
    ],
    ids=lambda body: repr(body[:16]),
)  # fmt: skip
async def test_a_form_that_says_nothing_is_400(shared: Harbour, owner: Client, body: bytes) -> None:
    installation = await shared.install(owner)
    answer = await shared.send(installation, slack(body))
    assert (answer.status_code, problem(answer)["code"]) == (400, "INVALID_BODY")
