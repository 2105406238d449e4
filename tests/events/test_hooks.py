"""What providers send is verified, kept once and answered as they want it; what others send is refused alike."""

import asyncio
import json
import time
from typing import Any

import httpx2
import pytest

from tests.events.harbour import FIELDS, Harbour
from tests.events.providers import SIGNING, Sent, envelope, message, slack, telegram, update
from tests.http.judge import CANARY, problem
from tests.http.world import Client, reserve

pytestmark = pytest.mark.anyio

UNKNOWN = "intg_01kb0h6v3m8x2q4r5s6t7v8w9x"


def refused(answer: httpx2.Response) -> None:
    assert answer.status_code == 401
    assert problem(answer)["code"] == "WEBHOOK_REFUSED"


async def texts(shared: Harbour, owner: Client, installation: str) -> list[str]:
    return [event["text"] for event in (await shared.events(owner, installation))["data"]]


async def test_a_message_of_slack_is_kept_in_the_normal_form(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner, environment="production")
    answer = await shared.send(installation, slack(message("Hello", event_id="Ev1")))
    assert (answer.status_code, answer.content) == (200, b"")
    [event] = await shared.settled(owner, installation)
    assert (event["type"], event["channel"], event["sender"], event["text"]) == (
        "message", "C024BE91L", "U2147483697", "Hello",
    )  # fmt: skip
    assert (event["integrationId"], event["environment"]) == (installation, "production")
    assert event["raw"]["event"]["channel_type"] == "channel"
    assert "token" not in event["raw"], "the verification token is as good as a secret"


async def test_a_message_of_telegram_is_kept_in_the_normal_form(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner, "telegram")
    answer = await shared.send(installation, telegram(update("Ahoy", chat=7)), "telegram")
    assert (answer.status_code, answer.content) == (200, b""), "Telegram would carry out what stands in the answer"
    [event] = await shared.settled(owner, installation)
    assert (event["type"], event["channel"], event["sender"], event["text"]) == ("message", "7", "7", "Ahoy")
    assert (event["integrationId"], event["environment"]) == (installation, None)


async def test_slacks_verification_of_the_address_is_answered_once_it_is_proven(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner)
    asked = {"type": "url_verification", "token": "T", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7"}
    answer = await shared.send(installation, slack(asked))
    assert (answer.status_code, answer.text) == (200, asked["challenge"])
    assert answer.headers["content-type"].startswith("text/plain")
    refused(await shared.send(installation, slack(asked, secret="another")))
    assert await texts(shared, owner, installation) == []


async def test_a_reserved_installation_without_a_secret_proves_nothing(shared: Harbour, owner: Client) -> None:
    waiting = (await reserve(owner, "slack"))["id"]
    refused(await shared.send(waiting, slack({"type": "url_verification", "challenge": "c"})))
    await shared.seal(owner, waiting, FIELDS["slack"])
    assert (await shared.send(waiting, slack({"type": "url_verification", "challenge": "c"}))).text == "c"


async def test_an_event_that_slack_sends_again_is_kept_once(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner)
    again = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    event = message("Once", event_id="EvSame")
    answers = [await shared.send(installation, slack(event, changed=headers)) for headers in ({}, again, again)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert await texts(shared, owner, installation) == ["Once"]


async def test_an_update_that_telegram_sends_again_is_kept_once(shared: Harbour, owner: Client) -> None:
    first, second = await shared.install(owner, "telegram"), await shared.install(owner, "telegram")
    for installation in (first, first, second):
        assert (await shared.send(installation, telegram(update("Once", number=9)), "telegram")).status_code == 200
    assert await texts(shared, owner, first) == await texts(shared, owner, second) == ["Once"]


async def test_repeats_that_come_at_once_are_kept_once(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner)
    sent = slack(message("Once", event_id="EvAtOnce"))
    answers = await asyncio.gather(*(shared.send(installation, sent) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert await texts(shared, owner, installation) == ["Once"]


FORGED = {
    "another secret": slack(message(), secret="not the secret"),
    "six minutes old": slack(message(), at=time.time() - 360),
    "a day ahead": slack(message(), at=time.time() + 86_400),  # made before the tests, which may take their time
    "another body": Sent(json.dumps(message("Changed")).encode(), slack(message()).headers),
    "no signature": Sent(b"{}", {"Content-Type": "application/json"}),
    "no timestamp": slack(message(), changed={"X-Slack-Request-Timestamp": ""}),
    "a timestamp that is no number": slack(message(), changed={"X-Slack-Request-Timestamp": "noon"}),
    "a timestamp of other digits": slack(message(), changed={"X-Slack-Request-Timestamp": "\u00b2"}),
    "a timestamp without end": slack(message(), changed={"X-Slack-Request-Timestamp": "9" * 5000}),
    "a negative timestamp": slack(message(), at=-1),
    "a body that is not UTF-8": Sent(b"\xff\xfe\x00", slack(message()).headers),
    "an empty body": Sent(b"", slack(message()).headers),
    "a signature that is none": slack(message(), changed={"X-Slack-Signature": "v0="}),
    "a signature of another version": slack(message(), changed={"X-Slack-Signature": "v1=" + "0" * 64}),
    "a signature of strange letters": slack(message(), changed={"X-Slack-Signature": "v0=\u00e9"}),
}


def _latin(sent: Sent) -> Sent:
    return Sent(sent.body, {name: value.encode("latin-1") for name, value in sent.headers.items()})  # type: ignore[misc]


@pytest.mark.parametrize("sent", FORGED.values(), ids=FORGED)
async def test_a_forged_or_late_call_to_slacks_address_is_refused(shared: Harbour, owner: Client, sent: Sent) -> None:
    installation = await shared.install(owner)
    refused(await shared.send(installation, _latin(sent)))
    assert await texts(shared, owner, installation) == []


@pytest.mark.parametrize("secret", ["", "wrong", "\u00e9", SIGNING])
async def test_a_forged_call_to_telegrams_address_is_refused(shared: Harbour, owner: Client, secret: str) -> None:
    installation = await shared.install(owner, "telegram")
    refused(await shared.send(installation, _latin(telegram(update(), secret)), "telegram"))
    assert await texts(shared, owner, installation) == []


async def test_a_bot_that_is_polled_takes_no_calls(shared: Harbour, owner: Client) -> None:
    polled = (await reserve(owner, "telegram"))["id"]
    await shared.seal(owner, polled, {"botToken": FIELDS["telegram"]["botToken"]})
    for secret in ("", "anything"):
        refused(await shared.send(polled, telegram(update(), secret), "telegram"))


SIGNED_GARBAGE = [
    b"\xff\xfe\x00",
    b"",
    b"[]",
    b'"text"',
    b"{",
    b"[" * 100_000,
    b'{"n": 1' + b"0" * 5_000 + b"}",
    b'{"n": NaN}',
]


@pytest.mark.parametrize("body", SIGNED_GARBAGE, ids=lambda body: repr(body[:12]))
async def test_garbage_with_a_good_signature_is_400_and_never_500(shared: Harbour, owner: Client, body: bytes) -> None:
    slack_one, telegram_one = await shared.install(owner), await shared.install(owner, "telegram")
    signed = slack(b"{}") if body == b"\xff\xfe\x00" else slack(body)
    answers = [await shared.send(telegram_one, telegram(body), "telegram")]
    if signed.body == body:  # Slack's library cannot sign what is not UTF-8
        answers.append(await shared.send(slack_one, signed))
    for answer in answers:
        assert (answer.status_code, problem(answer)["code"]) == (400, "INVALID_BODY")


@pytest.mark.parametrize(
    "body",
    [
        {}, {"type": "app_rate_limited", "minute_rate_limited": 1518467820}, {"type": "event_callback"},
        {"type": "event_callback", "event": [], "event_id": "Ev"},
        {"type": "event_callback", "event": {}, "event_id": 7},
    ],
    ids=str,
)  # fmt: skip
async def test_what_is_no_event_is_taken_and_not_kept(shared: Harbour, owner: Client, body: Any) -> None:
    installation = await shared.install(owner)
    assert (await shared.send(installation, slack(body))).status_code == 200
    assert await texts(shared, owner, installation) == []


async def test_strange_texts_are_kept_and_passed_on_as_they_are(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner)
    strange = "a\x00b \ud83d half \u2028 \U0001f600"
    sent = slack(json.dumps(message(strange, channel="C\x00\ud83d", event_id="Ev\ud83d" * 50)).encode())
    assert (await shared.send(installation, sent)).status_code == 200
    [event] = await shared.settled(owner, installation)
    assert (event["text"], event["channel"]) == (strange, "C\x00\ud83d")
    assert json.loads(shared.program.deliveries[-1].body)["text"] == strange


async def test_unknown_foreign_and_forged_calls_get_the_same_answer(shared: Harbour, owner: Client) -> None:
    slack_one = await shared.install(owner)
    answers = [
        await shared.send(slack_one, slack(message(), secret="wrong")),
        await shared.send(UNKNOWN, slack(message())),
        await shared.send("no-id", slack(message())),
        await shared.send("..%00", slack(message())),
        await shared.send(slack_one, telegram(update(), SIGNING), "telegram"),
    ]
    for answer in answers:
        refused(answer)
    assert len({answer.json()["error"] for answer in answers}) == 1


async def test_nobody_learns_from_the_time_whether_an_installation_exists(shared: Harbour, owner: Client) -> None:
    known, rounds = await shared.install(owner), 60
    times: dict[str, list[float]] = {known: [], UNKNOWN: []}
    for place in [known, UNKNOWN] * rounds:
        began = time.perf_counter()
        refused(await shared.send(place, slack(message(), secret="wrong")))
        times[place].append(time.perf_counter() - began)
    middle = {place: sorted(taken)[rounds // 2] for place, taken in times.items()}
    assert 0.6 < middle[known] / middle[UNKNOWN] < 1.7


async def test_an_address_of_no_provider_is_404(shared: Harbour) -> None:
    answer = await shared.send(UNKNOWN, Sent(b"{}"), "firecrawl")
    assert (answer.status_code, problem(answer)["code"]) == (404, "NOT_FOUND")


async def test_more_than_a_mebibyte_is_not_read(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner)
    answer = await shared.send(installation, slack(b" " * (1024 * 1024 + 1)))
    assert answer.status_code == 413


async def test_after_a_rotation_both_secrets_hold_until_the_grace_time_ends(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner)
    assert (await shared.send(installation, slack(message("before")))).status_code == 200
    rotated = {**FIELDS["slack"], "signingSecret": "the-new-one", "previousSigningSecret": SIGNING}
    await shared.seal(owner, installation, {**rotated, "previousValidUntil": "2999-01-01T00:00:00+00:00"})
    for secret in ("the-new-one", SIGNING):
        assert (await shared.send(installation, slack(message(secret[:3]), secret))).status_code == 200
    await shared.seal(owner, installation, {**rotated, "previousValidUntil": "2020-01-01T00:00:00+00:00"})
    refused(await shared.send(installation, slack(message("late"))))
    assert (await shared.send(installation, slack(message("now"), "the-new-one"))).status_code == 200
    assert sorted(await texts(shared, owner, installation)) == ["before", "now", "sig", "the"]


@pytest.mark.parametrize(
    ("event", "revoked"),
    [
        ({"type": "app_uninstalled"}, True),
        ({"type": "tokens_revoked", "tokens": {"bot": ["U1"]}}, True),
        ({"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}}, False),
        ({"type": "tokens_revoked"}, False),
    ],
    ids=str,
)
async def test_an_app_that_was_taken_out_is_failing_and_says_why(
    shared: Harbour, owner: Client, event: Any, revoked: bool  # noqa: FBT001 - what is expected
) -> None:  # fmt: skip
    installation = await shared.install(owner)
    assert (await shared.send(installation, slack(envelope(event)))).status_code == 200
    [shown] = (await owner.get(f"/v1/integrations/{installation}")).json()["installations"]
    [status] = (await owner.get("/v1/integrations/credentials/status", params={"integrationId": installation})).json()[
        "data"
    ]
    wanted = ("failing", "invalid", True) if revoked else ("connected", "valid", False)
    assert (shown["status"], status["status"], "uninstalled" in (shown["problem"] or "")) == wanted
    await shared.seal(owner, installation, FIELDS["slack"])
    [shown] = (await owner.get(f"/v1/integrations/{installation}")).json()["installations"]
    assert (shown["status"], shown["problem"]) == ("connected", None), "installed again, it works again"


async def test_an_uninstalled_one_takes_no_calls_and_its_events_are_gone(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner)
    await shared.send(installation, slack(message("gone soon")))
    assert (await owner.delete(f"/v1/integrations/{installation}/credentials")).status_code == 200
    refused(await shared.send(installation, slack(message())))
    assert shared.world.rows("SELECT id FROM events WHERE installation_id = ?", installation) == []


async def test_what_people_wrote_stands_nowhere_in_the_open(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner, forward_url=None)
    secret = "a-very-private-sentence"
    await shared.send(installation, slack(message(secret)))
    assert await texts(shared, owner, installation) == [secret]
    kept = b"".join(path.read_bytes() for path in shared.world.data_dir.iterdir() if path.is_file())
    assert secret.encode() not in kept
    assert CANARY.encode() not in kept


async def test_every_event_that_is_kept_stands_in_the_audit_once(shared: Harbour, owner: Client) -> None:
    installation = await shared.install(owner, forward_url=None)
    sent = slack(message())
    for _ in range(2):
        await shared.send(installation, sent)
    await shared.send(installation, slack(message(), secret="wrong"))
    [event] = (await shared.events(owner, installation))["data"]
    found = shared.world.rows(
        "SELECT actor, outcome, address FROM audit WHERE subject = ?", f"{installation}/{event['id']}"
    )
    assert found == [("slack", "ok", "127.0.0.1")]
