"""slack_sdk, which knows nothing of us, drives Slack's stand-in over loopback and judges what it signs."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx2
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.oauth import AuthorizeUrlGenerator
from slack_sdk.signature import Clock, SignatureVerifier

from moorings.domain.bot import SlashCommand
from moorings.emulators.server import EmulatorServer
from moorings.emulators.slack import Slack
from moorings.emulators.slack.apps import CLIENT_ID, CLIENT_SECRET, CONFIGURATION_TOKEN, PERSONS_TOKEN, TOKEN
from moorings.emulators.slack.workspace import ALEX, CLOSED, FIRST_QUESTION, GENERAL, QUIET
from moorings.providers.slack.app_manifest import app_manifest
from tests.contract.listener import Heard, Listener, listening
from tests.contract.loopback import serving

pytestmark = pytest.mark.anyio

BACK = "https://hub.example.com/hooks/slack/oauth/callback"


@pytest.fixture(scope="module")
def emulator() -> Slack:
    return Slack()


@pytest.fixture(scope="module")
def address(emulator: Slack) -> Iterator[str]:
    with serving(EmulatorServer({"slack": emulator})) as base:
        yield base


@pytest.fixture(autouse=True)
async def control(address: str, emulator: Slack) -> AsyncIterator[httpx2.AsyncClient]:
    """The control path; every test begins anew, and in a hurry."""
    emulator.reset()
    async with httpx2.AsyncClient(base_url=f"{address}/__control", trust_env=False, timeout=5) as made:
        (await made.put("/delivery", json={"pace": 0.001})).raise_for_status()
        yield made
        await made.delete("/slack")


@pytest.fixture
def bot(address: str) -> WebClient:
    return client(address, TOKEN)


def client(address: str, token: str | None = None) -> WebClient:
    return WebClient(token, base_url=f"{address}/slack/", retry_handlers=[], timeout=5)


async def play(control: httpx2.AsyncClient, deed: str, **form: Any) -> Any:
    answer = await control.post(f"/slack/{deed}", json=form)
    assert answer.status_code == 200, answer.text
    return answer.json()


@asynccontextmanager
async def app(control: httpx2.AsyncClient) -> AsyncIterator[tuple[Mapping[str, Any], Listener]]:
    """An app that was made of our manifest, and a listener at its address for events."""
    async with listening() as (url, listener):
        manifest = app_manifest("Harbour", f"{url}/hooks/slack/intg_1", BACK)
        yield await play(control, "create-app", manifest=manifest), listener


def genuine(heard: Heard, secret: str, at: float | None = None) -> bool:
    class Then(Clock):
        def now(self) -> float:
            return at or super().now()

    return SignatureVerifier(secret, Then()).is_valid_request(heard.body, dict(heard.headers))


def word_of(call: Callable[[], Any]) -> Any:
    with pytest.raises(SlackApiError) as refusal:
        call()
    return refusal.value.response["error"]


async def test_a_bot_knows_itself(bot: WebClient) -> None:
    said = await asyncio.to_thread(bot.auth_test)
    assert (said["team_id"], said["bot_id"]) == ("T0EMULATED", "B0EMULATED")
    assert "chat:write" in said.headers["x-oauth-scopes"]


@pytest.mark.parametrize(
    ("token", "word"),
    [(None, "not_authed"), (f"{TOKEN}x", "invalid_auth"), ("xapp-1-emulated", "not_allowed_token_type")],
)
async def test_a_token_that_is_none_is_refused(address: str, token: str | None, word: str) -> None:
    assert word_of(client(address, token).auth_test) == word


async def test_a_persons_token_has_no_bot(address: str) -> None:
    assert "bot_id" not in client(address, PERSONS_TOKEN).auth_test().data


@pytest.mark.parametrize(
    "word", ["account_inactive", "token_revoked", "token_expired", "missing_scope", "accesslimited", "fatal_error"]
)
async def test_a_token_gets_every_word_that_somebody_wishes(
    bot: WebClient, control: httpx2.AsyncClient, word: str
) -> None:
    await play(control, "token", error=word)
    assert word_of(bot.auth_test) == word
    await play(control, "token")
    assert bot.auth_test()["ok"]


async def test_too_many_calls_say_when_to_come_again(bot: WebClient, control: httpx2.AsyncClient) -> None:
    script = {"status": 429, "body": {"ok": False, "error": "ratelimited"}, "headers": {"Retry-After": "1"}, "times": 1}
    await control.put("/slack", json=script)
    bot.retry_handlers = [RateLimitErrorRetryHandler(max_retry_count=1)]
    assert (await asyncio.to_thread(bot.auth_test))["ok"]


async def test_messages_are_posted_changed_and_deleted(bot: WebClient) -> None:
    posted = bot.chat_postMessage(channel=GENERAL, text="The ship is in.", thread_ts=FIRST_QUESTION)
    assert posted["message"]["thread_ts"] == FIRST_QUESTION
    assert bot.chat_update(channel=GENERAL, ts=posted["ts"], text="The ship is out.")["text"] == "The ship is out."
    thread = bot.conversations_replies(channel=GENERAL, ts=FIRST_QUESTION)["messages"]
    assert [message["text"] for message in thread][::2] == ["Is the build done?", "The ship is out."]
    bot.chat_delete(channel=GENERAL, ts=posted["ts"])
    assert word_of(lambda: bot.chat_delete(channel=GENERAL, ts=posted["ts"])) == "message_not_found"
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*Out*"}}]
    assert bot.chat_postMessage(channel="#general", blocks=blocks, text="Out")["message"]["blocks"] == blocks
    assert bot.chat_postMessage(channel=ALEX, text="Between us")["channel"].startswith("D")


async def test_what_cannot_be_done_is_refused_with_slacks_word(bot: WebClient) -> None:
    refused = {
        "channel_not_found": lambda: bot.chat_postMessage(channel="C0999999999", text="Hello"),
        "not_in_channel": lambda: bot.chat_postMessage(channel=QUIET, text="Hello"),
        "no_text": lambda: bot.api_call("chat.postMessage", data={"channel": GENERAL}),
        "msg_too_long": lambda: bot.chat_postMessage(channel=GENERAL, text="x" * 40_001),
        "invalid_blocks": lambda: bot.api_call("chat.postMessage", data={"channel": GENERAL, "blocks": "[1]"}),
        "cant_update_message": lambda: bot.chat_update(channel=GENERAL, ts=FIRST_QUESTION, text="Mine"),
        "cant_delete_message": lambda: bot.chat_delete(channel=GENERAL, ts=FIRST_QUESTION),
        "invalid_name": lambda: bot.reactions_add(channel=GENERAL, timestamp=FIRST_QUESTION, name="no emoji"),
        "thread_not_found": lambda: bot.conversations_replies(channel=GENERAL, ts="1.000000"),
        "users_not_found": lambda: bot.users_lookupByEmail(email="nobody@example.com"),
        "invalid_cursor": lambda: bot.users_list(cursor="!"),
        "invalid_limit": lambda: bot.users_list(limit=0),
        "file_not_found": lambda: bot.files_completeUploadExternal(files=[{"id": "F0", "title": "No"}]),
        "invalid_arguments": lambda: bot.files_getUploadURLExternal(filename="a.txt", length=0),
        "unknown_method": lambda: bot.api_call("chat.dance"),
    }
    assert {word: word_of(call) for word, call in refused.items()} == {word: word for word in refused}


async def test_a_reaction_is_given_once(bot: WebClient) -> None:
    bot.reactions_add(channel=GENERAL, timestamp=FIRST_QUESTION, name="thumbsup")
    assert word_of(lambda: bot.reactions_add(channel=GENERAL, timestamp=FIRST_QUESTION, name="thumbsup")) == (
        "already_reacted"
    )
    [message] = bot.conversations_history(channel=GENERAL)["messages"]
    assert message["reactions"] == [{"name": "thumbsup", "users": ["U0EMULATED"], "count": 1}]


async def test_history_is_read_between_two_moments(bot: WebClient) -> None:
    stamps = [bot.chat_postMessage(channel=GENERAL, text=str(number))["ts"] for number in range(3)]
    between = bot.conversations_history(channel=GENERAL, oldest=stamps[0], latest=stamps[2])["messages"]
    assert [message["ts"] for message in between] == [stamps[1]]
    all_three = bot.conversations_history(channel=GENERAL, oldest=stamps[0], latest=stamps[2], inclusive=True)
    assert [message["ts"] for message in all_three["messages"]] == stamps[::-1]


async def test_listings_are_turned_by_a_cursor(bot: WebClient, control: httpx2.AsyncClient) -> None:
    assert [len(page["members"]) for page in bot.users_list(limit=2)] == [2, 1]
    channels = [entry["name"] for page in bot.conversations_list(limit=1) for entry in page["channels"]]
    assert channels == ["general", "random", "quiet"]
    assert [entry["id"] for entry in bot.conversations_list(types="private_channel")["channels"]] == [CLOSED]
    await play(control, "membership", channel=CLOSED, member=False)
    assert bot.conversations_list(types="private_channel")["channels"] == []
    assert word_of(lambda: bot.conversations_history(channel=CLOSED)) == "channel_not_found"
    assert bot.users_lookupByEmail(email="sam@example.com")["user"]["real_name"] == "Sam Example"


async def test_a_file_is_uploaded_in_three_steps(bot: WebClient, emulator: Slack) -> None:
    sent = bot.files_upload_v2(content="Tides", filename="tides.txt", title="Tides", channel=GENERAL)
    [file] = sent["files"]
    assert (file["title"], emulator.workspace.uploads[file["id"]].content) == ("Tides", b"Tides")
    [message, _] = bot.conversations_history(channel=GENERAL)["messages"]
    assert message["files"] == [{"id": file["id"], "title": "Tides"}]


async def test_an_upload_of_another_length_is_refused(bot: WebClient) -> None:
    place = bot.files_getUploadURLExternal(filename="tides.txt", length=9)
    async with httpx2.AsyncClient(trust_env=False) as web:
        assert (await web.post(str(place["upload_url"]), content=b"Tides")).status_code == 400
    assert word_of(lambda: bot.files_completeUploadExternal(files=[{"id": place["file_id"], "title": "No"}])) == (
        "file_not_found"
    )


async def test_a_revoked_token_is_dead(bot: WebClient) -> None:
    assert not bot.auth_revoke(test=True)["revoked"]
    assert bot.auth_revoke()["revoked"]
    assert word_of(bot.auth_test) == "token_revoked"


async def agreed(address: str, decision: str = "allow", state: str = "of-this-browser") -> dict[str, list[str]]:
    """What comes back when a person follows the link of slack_sdk and decides."""
    made = AuthorizeUrlGenerator(client_id=CLIENT_ID, scopes=["chat:write", "users:read"], redirect_uri=BACK)
    link = urlsplit(made.generate(state))
    async with httpx2.AsyncClient(base_url=f"{address}/slack/@slack.com", trust_env=False) as browser:
        page = await browser.get(f"{link.path}?{link.query}")
        assert (page.status_code, "Allow" in page.text) == (200, True)
        decided = await browser.get(f"{link.path}?{link.query}&{urlencode({'decision': decision})}")
    assert decided.status_code == 302
    back = urlsplit(decided.headers["location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == BACK
    return parse_qs(back.query)


async def test_a_person_lets_the_app_in_once(address: str) -> None:
    back = await agreed(address)
    assert back["state"] == ["of-this-browser"]
    given: dict[str, Any] = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uri": BACK}
    code = back["code"][0]
    asked = client(address)
    elsewhere = {**given, "redirect_uri": "https://elsewhere.example.com"}
    assert word_of(lambda: asked.oauth_v2_access(**elsewhere, code=code)) == "bad_redirect_uri"
    granted = asked.oauth_v2_access(**given, code=code)
    assert (granted["scope"], granted["token_type"]) == ("chat:write,users:read", "bot")
    assert "refresh_token" not in granted.data
    assert word_of(lambda: asked.oauth_v2_access(**given, code=code)) == "code_already_used"
    child = client(address, granted["access_token"])
    assert child.auth_test()["bot_id"] == "B0EMULATED"
    assert word_of(child.conversations_list) == "missing_scope"


async def test_a_person_may_cancel(address: str) -> None:
    assert await agreed(address, "cancel") == {"error": ["access_denied"], "state": ["of-this-browser"]}


async def test_a_code_lives_for_ten_minutes(address: str, control: httpx2.AsyncClient) -> None:
    back = await agreed(address)
    await play(control, "clock", aheadSeconds=601)
    given: dict[str, Any] = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uri": BACK}
    assert word_of(lambda: client(address).oauth_v2_access(**given, code=back["code"][0])) == "invalid_code"


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"client_secret": "wrong"}, "bad_client_secret"),
        ({"grant_type": "word"}, "invalid_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "xoxe-1-none"}, "invalid_refresh_token"),
        ({"code": "none"}, "invalid_code"),
    ],
)
async def test_who_is_not_the_app_gets_no_token(address: str, changed: dict[str, str], word: str) -> None:
    given: dict[str, Any] = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **changed}
    assert word_of(lambda: client(address).oauth_v2_access(**given)) == word


async def test_tokens_are_exchanged_and_refreshed_once(address: str, control: httpx2.AsyncClient) -> None:
    given: dict[str, Any] = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    asked = client(address)
    assert word_of(lambda: asked.oauth_v2_exchange(**given, token=TOKEN)) == "token_rotation_not_enabled"
    await play(control, "rotation")
    first = asked.oauth_v2_exchange(**given, token=TOKEN)
    assert (first["expires_in"], str(first["access_token"])[:10]) == (43200, "xoxe.xoxb-")
    assert word_of(client(address, TOKEN).auth_test) == "token_revoked"
    wish = {**given, "grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = asked.oauth_v2_access(**wish)
    assert word_of(lambda: asked.oauth_v2_access(**wish)) == "invalid_refresh_token"
    assert client(address, second["access_token"]).auth_test()["expires_in"] > 43000
    await play(control, "clock", aheadSeconds=43201)
    assert word_of(client(address, second["access_token"]).auth_test) == "token_expired"
    third = asked.oauth_v2_access(**{**wish, "refresh_token": second["refresh_token"]})
    assert client(address, third["access_token"]).auth_test()["ok"]


async def test_our_manifest_makes_an_app_and_another_does_not(address: str, control: httpx2.AsyncClient) -> None:
    asked = client(address, CONFIGURATION_TOKEN)
    good = dict(app_manifest("Harbour", "https://hub.example.com/hooks/slack/1", BACK))
    assert asked.apps_manifest_validate(manifest=good)["ok"]
    bad = {**good, "display_information": {}, "settings": {"event_subscriptions": {"request_url": "http://a.example"}}}
    with pytest.raises(SlackApiError) as refusal:
        asked.apps_manifest_validate(manifest=bad)
    pointers = [entry["pointer"] for entry in refusal.value.response["errors"]]
    assert pointers == ["/display_information/name", "/settings/event_subscriptions/request_url"]
    answer = await control.post("/slack/create-app", json={"manifest": bad})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_manifest")
    made = await play(control, "create-app", manifest=good, team="T0ANOTHER")
    assert client(address, made["botToken"]).auth_test()["team_id"] == "T0ANOTHER"


async def test_commands_are_taken_as_slack_takes_them(address: str) -> None:
    asked, hook = client(address, CONFIGURATION_TOKEN), "https://hub.example.com/hooks/slack/1"
    good = app_manifest("Harbour", hook, BACK, [SlashCommand("/ask", "Ask", "[question]")])
    assert asked.apps_manifest_validate(manifest=dict(good))["ok"]
    commands = [{"command": "ask", "url": "http://a.example", "usage_hint": "", "odd": True}]
    bad = {**good, "features": {**good["features"], "slash_commands": commands}, "oauth_config": {}}
    with pytest.raises(SlackApiError) as refusal:
        asked.apps_manifest_validate(manifest=bad)
    assert [entry["pointer"] for entry in refusal.value.response["errors"]] == [
        "/oauth_config/scopes/bot", "/features/slash_commands/0", "/features/slash_commands/0/command",
        "/features/slash_commands/0/description", "/features/slash_commands/0/usage_hint",
        "/features/slash_commands/0/url",
    ]  # fmt: skip


async def test_a_command_and_a_button_come_signed_as_forms_and_once(control: httpx2.AsyncClient) -> None:
    async with listening() as (url, listener):
        listener.says(500, 500)
        manifest = app_manifest("Harbour", f"{url}/here", BACK, [SlashCommand("/ask", "Ask")])
        made = await play(control, "create-app", manifest=manifest)
        await play(control, "command", app=made["appId"], command="/ask", text="A & B=C")
        await play(control, "press", app=made["appId"], value="yes", channel="general")
        typed, pressed = [await listener.heard() for _ in range(2)]
        await asyncio.sleep(0.1)
        assert listener.silent()
        strange = await control.post("/slack/command", json={"app": made["appId"], "command": "/other"})
    assert strange.status_code == 404
    for heard in (typed, pressed):
        assert genuine(heard, made["signingSecret"])
        assert heard.headers["content-type"] == "application/x-www-form-urlencoded"
    form = dict(parse_qsl(typed.body.decode(), keep_blank_values=True))
    assert (form["command"], form["text"], form["user_id"]) == ("/ask", "A & B=C", ALEX)
    payload = json.loads(dict(parse_qsl(pressed.body.decode()))["payload"])
    assert (payload["type"], payload["actions"][0]["value"]) == ("block_actions", "yes")


async def test_an_event_arrives_signed_and_in_its_envelope(control: httpx2.AsyncClient) -> None:
    async with app(control) as (made, listener):
        await play(control, "message", app=made["appId"], text=f"Grüße, <@{made['botUserId']}>", channel="random")
        heard, mention = await listener.heard(), await listener.heard()
    envelope = heard.json()
    assert genuine(heard, made["signingSecret"])
    assert not genuine(heard, "another secret")
    assert (heard.path, envelope["type"], envelope["api_app_id"]) == (
        "/hooks/slack/intg_1", "event_callback", made["appId"],
    )  # fmt: skip
    assert (envelope["event"]["channel_type"], envelope["event"]["user"]) == ("channel", ALEX)
    assert mention.json()["event"]["type"] == "app_mention"
    assert envelope["event_id"] != mention.json()["event_id"]


async def test_an_app_hears_what_its_own_bot_posts_and_no_more_than_it_asked_for(
    address: str, control: httpx2.AsyncClient
) -> None:
    async with app(control) as (made, listener):
        child = client(address, made["botToken"])
        await asyncio.to_thread(child.chat_postMessage, channel="random", text="By myself")
        event = (await listener.heard()).json()["event"]
        assert (event["bot_id"], event["text"]) == (made["botId"], "By myself")
        deaf = dict(app_manifest("Deaf", f"http://{listener.host}/", BACK))
        deaf["settings"]["event_subscriptions"]["bot_events"] = ["app_mention"]
        other = await play(control, "create-app", manifest=deaf)
        await play(control, "message", app=other["appId"], text="To nobody")
        await play(control, "message", app=other["appId"], text=f"To <@{other['botUserId']}>")
        assert (await listener.heard()).json()["event"]["type"] == "app_mention"


async def test_an_address_is_verified_by_its_challenge(control: httpx2.AsyncClient) -> None:
    async with app(control) as (made, listener):
        for reply in (b'{"challenge": "other"}', b""):
            listener.reply = reply
            await play(control, "request-url", app=made["appId"])
            heard = await listener.heard()
            assert genuine(heard, made["signingSecret"])
            assert (await shown(control, made))["requestUrlVerified"] is False
        listener.echo = lambda heard: str(heard.json()["challenge"]).encode()
        await play(control, "request-url", app=made["appId"])
        await listener.heard()
        assert (await shown(control, made))["requestUrlVerified"] is True


async def shown(control: httpx2.AsyncClient, made: Mapping[str, Any]) -> Any:
    await asyncio.sleep(0.05)
    apps = (await control.get("/slack/apps")).json()["apps"]
    return next(entry for entry in apps if entry["appId"] == made["appId"])


async def test_an_event_is_tried_four_times_with_its_reason(control: httpx2.AsyncClient) -> None:
    async with app(control) as (made, listener):
        listener.says(500, 503, 404, 500)
        await play(control, "message", app=made["appId"], text="Hello")
        tries = [await listener.heard() for _ in range(4)]
        await asyncio.sleep(0.1)
        assert listener.silent()
    assert [heard.headers.get("x-slack-retry-num") for heard in tries] == [None, "1", "2", "3"]
    assert {heard.headers.get("x-slack-retry-reason") for heard in tries[1:]} == {"http_error"}
    assert len({heard.json()["event_id"] for heard in tries}) == 1
    assert all(genuine(heard, made["signingSecret"]) for heard in tries)
    [delivery] = (await control.get("/slack/deliveries")).json()["deliveries"]
    assert [entry["status"] for entry in delivery["tries"]] == [500, 503, 404, 500]


@pytest.mark.parametrize("manner", ["late", "forged", "unsigned", "previous"])
async def test_an_event_comes_as_somebody_else_would_send_it(control: httpx2.AsyncClient, manner: str) -> None:
    async with app(control) as (made, listener):
        old = made["signingSecret"]
        new = (await play(control, "signing-secret", app=made["appId"]))["signingSecret"]
        await play(control, "event", app=made["appId"], event={"type": "team_join"}, manner=manner)
        heard = await listener.heard()
    assert not genuine(heard, new)
    assert genuine(heard, old) == (manner == "previous")
    if manner == "late":
        assert genuine(heard, new, at=float(heard.headers["x-slack-request-timestamp"]))


async def test_garbage_and_a_time_that_is_none_are_signed_all_the_same(control: httpx2.AsyncClient) -> None:
    async with app(control) as (made, listener):
        await play(control, "event", app=made["appId"], event={"type": "team_join"}, manner="garbage")
        await play(control, "event", app=made["appId"], event={"type": "team_join"}, manner="timeless")
        garbage, timeless = sorted([await listener.heard(), await listener.heard()], key=lambda one: one.body[:1])[::-1]
    with pytest.raises(UnicodeDecodeError):
        garbage.body.decode()
    assert timeless.headers["x-slack-request-timestamp"] == "soon"


async def test_an_app_that_is_removed_is_told(address: str, control: httpx2.AsyncClient) -> None:
    async with app(control) as (made, listener):
        await play(control, "uninstall", app=made["appId"])
        told = {(await listener.heard()).json()["event"]["type"] for _ in range(2)}
    assert told == {"tokens_revoked", "app_uninstalled"}
    assert word_of(client(address, made["botToken"]).auth_test) == "account_inactive"


async def test_an_app_that_is_installed_anew_has_another_token_of_the_same_bot(
    address: str, control: httpx2.AsyncClient
) -> None:
    made = await play(control, "reinstall")
    assert made["botToken"] != TOKEN
    assert client(address, made["botToken"]).auth_test()["bot_id"] == "B0EMULATED"
    assert word_of(client(address, TOKEN).auth_test) == "token_revoked"


async def test_the_last_event_comes_once_more(control: httpx2.AsyncClient) -> None:
    async with app(control) as (made, listener):
        await play(control, "event", app=made["appId"], event={"type": "team_join"})
        first = await listener.heard()
        await play(control, "repeat", times=2)
        again = [await listener.heard() for _ in range(2)]
    assert {heard.json()["event_id"] for heard in [first, *again]} == {first.json()["event_id"]}
