"""Slack from the first word to the last: reserve, manifest, install, hear, answer, rotate, uninstall."""

import asyncio
import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import httpx2
import pytest

from moorings.emulators.slack.workspace import ALEX, GENERAL
from tests.stories.town import Api, Program, Town, people_of, program, town, until, user_of

pytestmark = pytest.mark.anyio

FORGED = {"late": 401, "forged": 401, "unsigned": 401, "timeless": 401, "garbage": 400}
"""What each manner meets; garbage is signed all the same, and so Slack is told what is wrong with it."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("slack")) as found:
        yield found


async def test_the_whole_story_of_slack(place: Town) -> None:
    async with user_of(place) as user, people_of(place, "slack") as people, program() as listening:
        reserved = await user(
            "POST", "/v1/integrations", {"type": "slack", "name": "Harbour", "forwardUrl": listening.url}
        )
        app = await _made_of_our_manifest(user, people, reserved)
        installed = await _installed(user, app, reserved["id"])
        secret = (await user("POST", f"/v1/integrations/{installed['integrationId']}/forward-secret", {}))["secret"]
        story = Story(user, people, listening, installed["integrationId"], secret)
        await story.the_address_answers_slacks_challenge(app)
        event = await story.a_message_comes_in_and_is_passed_on(app, f"Is the <@{app['botUserId']}> there?")
        await story.the_reply_goes_out(event)
        await story.a_command_and_a_button_come_in(app)
        await story.what_slack_did_not_send_is_refused(app)
        await story.what_comes_twice_is_passed_on_once(app)
        await story.the_old_signing_secret_is_good_for_a_while(app)
        await story.the_token_is_replaced(app)
        await story.another_bot_is_refused(app)
        await story.it_ends(app)
    assert place.leaks([app["signingSecret"], app["botToken"]]) == []


async def _made_of_our_manifest(user: Api, people: Api, reserved: Any) -> Any:
    assert (reserved["status"], reserved["account"]) == ("pending", None)
    wish = {"integrationId": reserved["id"], "commands": [{"command": "/ask", "description": "Ask the harbour"}]}
    offered = await user("POST", "/v1/integrations/slack/manifest", wish)
    app = await people("POST", "create-app", {"manifest": offered["manifest"]})
    assert app["requestUrl"] == reserved["webhookUrl"] == offered["webhookUrl"]
    return app


async def _installed(user: Api, app: Any, reserved: str) -> Any:
    wish = {"botToken": app["botToken"], "signingSecret": app["signingSecret"], "integrationId": reserved}
    dead = await user("POST", "/v1/integrations/slack/install", {**wish, "botToken": f"{app['botToken']}x"}, 400)
    assert dead["code"] == "CREDENTIALS_REJECTED"
    installed = await user("POST", "/v1/integrations/slack/install", wish)
    assert (installed["integrationId"], installed["teamId"], installed["botId"]) == (
        reserved, app["teamId"], app["botId"],
    )  # fmt: skip
    again = await user("POST", "/v1/integrations/slack/install", {**wish, "integrationId": None}, 409)
    assert again["code"] == "ALREADY_INSTALLED"
    return installed


class Story:
    """The chapters that follow the installation."""

    def __init__(self, user: Api, people: Api, listening: Program, integration_id: str, secret: str) -> None:
        self._user, self._people, self._listening = user, people, listening
        self._id, self._secret = integration_id, secret

    async def the_address_answers_slacks_challenge(self, app: Any) -> None:
        await self._people("POST", "request-url", {"app": app["appId"]})

        async def verified() -> bool:
            apps = (await self._people("GET", "apps"))["apps"]
            return bool(next(entry for entry in apps if entry["appId"] == app["appId"])["requestUrlVerified"])

        await until(verified, "the address is verified")

    async def a_message_comes_in_and_is_passed_on(self, app: Any, text: str, **manner: Any) -> Any:
        """Two events: the message, and that it mentions the bot."""
        sent = await self._people("POST", "message", {"app": app["appId"], "text": text, **manner})
        heard = [await self._listening.hears(self._secret) for _ in range(2 if "<@" in text else 1)]
        event = next(entry for entry in heard if entry["type"] == "message")
        assert (event["integrationId"], event["channel"], event["sender"], event["text"]) == (
            self._id, GENERAL, ALEX, text,
        )  # fmt: skip
        assert event["raw"]["event"]["ts"] == sent["ts"]
        return event

    async def the_reply_goes_out(self, event: Any) -> None:
        wish = {"channel": event["channel"], "text": "Here I am.", "threadTs": event["raw"]["event"]["ts"]}
        path = f"/v1/integrations/{self._id}/tools/post_message/execute"
        ran = await self._user("POST", path, {"parameters": wish})
        assert ran["success"], ran
        messages = (await self._people("GET", "messages"))["messages"]
        assert (messages[-1]["text"], messages[-1]["thread_ts"]) == ("Here I am.", wish["threadTs"])
        own = await self._listening.hears(self._secret)
        assert (own["text"], own["raw"]["event"]["bot_id"]) == ("Here I am.", messages[-1]["bot_id"])

    async def a_command_and_a_button_come_in(self, app: Any) -> None:
        await self._people("POST", "command", {"app": app["appId"], "command": "/ask", "text": "Which berth?"})
        asked = await self._listening.hears(self._secret)
        assert (asked["type"], asked["channel"], asked["sender"], asked["text"]) == (
            "slash_command", GENERAL, ALEX, "/ask Which berth?",
        )  # fmt: skip
        await self._people("POST", "press", {"app": app["appId"], "value": "berth 7"})
        pressed = await self._listening.hears(self._secret)
        assert (pressed["type"], pressed["channel"], pressed["text"]) == ("block_actions", GENERAL, "berth 7")

    async def what_slack_did_not_send_is_refused(self, app: Any) -> None:
        for manner in FORGED:
            await self._people("POST", "message", {"app": app["appId"], "text": "Let me in", "manner": manner})

        async def refused() -> bool:
            deliveries = (await self._people("GET", "deliveries"))["deliveries"]
            met = {entry["manner"]: entry["tries"] for entry in deliveries if entry["manner"] in FORGED}
            return all({"status": status} in met.get(manner, ()) for manner, status in FORGED.items())

        await until(refused, "every forged event is refused")
        assert self._listening.listener.silent()

    async def what_comes_twice_is_passed_on_once(self, app: Any) -> None:
        event = await self.a_message_comes_in_and_is_passed_on(app, "Once and no more")
        await self._people("POST", "repeat", {"times": 3})
        await asyncio.sleep(0.2)
        assert self._listening.listener.silent()
        path = f"/v1/integrations/{self._id}/events"
        listed = (await self._user("GET", path))["data"]
        assert [entry["id"] for entry in listed if entry["text"] == "Once and no more"] == [event["id"]]
        assert listed[0]["delivery"]["state"] == "delivered"
        await self._user("POST", f"{path}/{event['id']}/redeliver", {})
        assert (await self._listening.hears(self._secret))["id"] == event["id"]

    async def the_old_signing_secret_is_good_for_a_while(self, app: Any) -> None:
        renewed = await self._people("POST", "signing-secret", {"app": app["appId"]})
        wish = {"integrationId": self._id, "signingSecret": renewed["signingSecret"]}
        rotated = await self._user("POST", "/v1/integrations/slack/rotate", wish)
        assert rotated["previousValidUntil"] > rotated["rotatedAt"]
        await self.a_message_comes_in_and_is_passed_on(app, "Under the new secret")
        await self.a_message_comes_in_and_is_passed_on(app, "Under the old secret", manner="previous")
        await self._user("POST", "/v1/integrations/slack/rotate", {**wish, "graceSeconds": 0}, 200)

    async def the_token_is_replaced(self, app: Any) -> None:
        renewed = await self._people("POST", "reinstall", {"app": app["appId"]})
        wish = {"integrationId": self._id, "botToken": renewed["botToken"]}
        await self._user("POST", "/v1/integrations/slack/rotate", wish)
        path = f"/v1/integrations/{self._id}/tools/list_channels/execute"
        assert (await self._user("POST", path, {"parameters": {}}))["success"]
        await self.a_message_comes_in_and_is_passed_on(app, "After the new token")

    async def another_bot_is_refused(self, app: Any) -> None:
        other = (await self._people("GET", "apps"))["apps"][0]
        wish = {"integrationId": self._id, "botToken": other["botToken"]}
        refused = await self._user("POST", "/v1/integrations/slack/rotate", wish, 400)
        assert refused["code"] == "DIFFERENT_ACCOUNT"
        await self.a_message_comes_in_and_is_passed_on(app, "As if nothing had happened")

    async def it_ends(self, app: Any) -> None:
        gone = await self._user("DELETE", f"/v1/integrations/{self._id}/credentials", {})
        assert gone["message"].endswith("Slack has confirmed that they are revoked.")
        shown = next(each for each in (await self._people("GET", "apps"))["apps"] if each["appId"] == app["appId"])
        assert shown["botToken"] is None

        async def heard() -> Any:
            sent = (await self._people("GET", "deliveries"))["deliveries"]
            return [each["tries"] for each in sent if "tokens_revoked" in each["body"] and each["tries"]]

        [tries] = await until(heard, "Slack tells that the token is revoked")
        assert tries[0]["status"] in {200, 401}, "it comes before our end or after it, and does no harm"
        await self._people("POST", "message", {"app": app["appId"], "text": "Is anybody there?"})

        async def refused() -> Any:
            last = (await self._people("GET", "deliveries"))["deliveries"][-1]
            return "Is anybody there?" in last["body"] and {"status": 401} in last["tries"]

        await until(refused, "nobody listens any more")
        assert self._listening.listener.silent()
        await self._user("GET", f"/v1/integrations/{self._id}", status=404)


async def test_slack_takes_the_app_away(place: Town) -> None:
    async with user_of(place) as user, people_of(place, "slack") as people:
        offered = await user("POST", "/v1/integrations/slack/manifest", {"name": "Short-lived"})
        app = await people("POST", "create-app", {"manifest": offered["manifest"]})
        installed = await _installed(user, app, offered["integrationId"])
        await people("POST", "uninstall", {"app": app["appId"]})

        async def failing() -> bool:
            shown = await user("GET", f"/v1/integrations/{installed['integrationId']}")
            return bool(shown["status"] == "failing")

        await until(failing, "the installation is failing")


async def test_a_receiver_that_stumbles_hears_it_again(place: Town) -> None:
    async with user_of(place) as user, people_of(place, "slack") as people, program() as listening:
        wish = {"type": "slack", "name": "Stumbling", "forwardUrl": listening.url}
        reserved = await user("POST", "/v1/integrations", wish)
        app = await _made_of_our_manifest(user, people, reserved)
        await _installed(user, app, reserved["id"])
        secret = (await user("POST", f"/v1/integrations/{reserved['id']}/forward-secret", {}))["secret"]
        listening.listener.says(503)
        await people("POST", "message", {"app": app["appId"], "text": "Patience"})
        first, second = await listening.hears(secret), await listening.hears(secret)
        assert first == second


async def test_nobody_without_the_key_learns_what_was_said(place: Town) -> None:
    async with httpx2.AsyncClient(base_url=place.live.url, trust_env=False) as stranger:
        answer = await stranger.get("/v1/integrations/slack/events")
        assert answer.status_code == 401
        unknown = await stranger.post("/hooks/slack/intg_01kb0h6v3m8x2q4r5s6t7v8w9x", content=b"{}")
        assert unknown.status_code == 401


def test_no_secret_stands_in_what_the_hub_keeps(place: Town) -> None:
    secrets = [secret for app in place.slack.apps.apps.values() for secret in app.signing_secrets]
    assert secrets
    assert place.slack.apps.grants
    assert place.leaks([*secrets, *place.slack.apps.grants]) == []


async def test_a_person_lets_the_app_in_on_slacks_own_page(place: Town) -> None:
    async with user_of(place) as user, people_of(place, "slack") as people:
        offered = await user("POST", "/v1/integrations/slack/manifest", {"name": "By its page"})
        app = await people("POST", "create-app", {"manifest": offered["manifest"]})
        await people("POST", "rotation", {"app": app["appId"]})
        secrets = {name: app[name] for name in ("clientId", "clientSecret", "signingSecret")}
        wish = {"integrationId": offered["integrationId"], **secrets}
        begun = await user("POST", "/v1/integrations/slack/connect", wish)
        for decision, page in (("cancel", "Slack is not connected"), ("allow", "Slack is connected")):
            if decision == "allow":
                path = f"/v1/integrations/slack/connect?integrationId={begun['integrationId']}"
                begun = await user("GET", path)
            assert page in await _decided(begun["authorizeUrl"], decision)
        listed = f"/v1/integrations/{begun['integrationId']}/tools/list_channels/execute"
        assert (await user("POST", listed, {"parameters": {}}))["success"]
        again = await _decided(begun["authorizeUrl"], "allow")
        assert "Slack is not connected" in again, "a state is good once"


async def _decided(authorize_url: str, decision: str) -> str:
    """The page on which a person ends who decides so on Slack's."""
    async with httpx2.AsyncClient(trust_env=False) as browser:
        page = await browser.get(authorize_url)
        link = re.search(rf'id="{decision}" href="([^"]+)"', page.text)
        assert link, page.text
        back = await browser.get(urljoin(authorize_url, html.unescape(link[1])))
        return (await browser.get(back.headers["location"])).text
