"""The tools of Slack and Telegram, run against the stand-ins over loopback as an agent's calls would be."""

import base64
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from moorings.domain.request_form import RequestForm
from moorings.domain.run import Run
from moorings.emulators.contract import Answer, Call
from moorings.emulators.server import EmulatorServer
from moorings.emulators.slack import Slack
from moorings.emulators.slack.files import PATH
from moorings.emulators.slack.workspace import FIRST_QUESTION, GENERAL, QUIET
from moorings.emulators.telegram.world import ALEX
from moorings.errors import InvalidRequest, ManifestError, ProviderFailed
from moorings.providers.contract import ToolRunner
from moorings.providers.registry import providers
from moorings.providers.slack.upload import place_of
from moorings.providers.transport import Transport
from moorings.services.parameters import check
from tests.contract.catalogue import accepted, integration
from tests.contract.judged import JudgedTelegram
from tests.contract.loopback import serving
from tests.providers import made

pytestmark = pytest.mark.anyio


class Watched(Slack):
    """Keeps the headers of uploads, and may name another place for them or refuse the file."""

    def __init__(self) -> None:
        super().__init__()
        self.uploads: list[Call] = []
        self.place: str | None = None
        self.says: Answer | None = None

    def answer(self, call: Call) -> Answer:
        if call.path.startswith(PATH):
            self.uploads.append(call)
            return self.says or super().answer(call)
        said = super().answer(call)
        if self.place and call.path.endswith("getUploadURLExternal"):
            return Answer(200, {**said.body, "upload_url": self.place})
        return said


@pytest.fixture(scope="module")
def slack() -> Watched:
    return Watched()


@pytest.fixture(scope="module")
def telegram() -> JudgedTelegram:
    return JudgedTelegram()


@pytest.fixture(scope="module")
def address(slack: Watched, telegram: JudgedTelegram) -> Iterator[str]:
    with serving(EmulatorServer({"slack": slack, "telegram": telegram})) as base:
        yield base


@pytest.fixture(autouse=True)
def anew(slack: Watched, telegram: JudgedTelegram) -> None:
    slack.reset()
    telegram.reset()
    slack.uploads.clear()
    slack.place = slack.says = None


@pytest.fixture(scope="module")
async def runners(address: str) -> AsyncIterator[dict[str, ToolRunner]]:
    names = ("slack", "telegram")
    async with Transport(timeout=5) as transport:
        found = providers(map(integration, names), transport, {name: f"{address}/{name}" for name in names})
        yield {name: provider.runner for name, provider in found.items() if provider.runner}


class Agent:
    """Runs tools of one integration with parameters that were checked before."""

    def __init__(self, integration_id: str, runner: ToolRunner) -> None:
        self._id, self._runner = integration_id, runner

    async def run(self, tool_id: str, **parameters: Any) -> Run:
        tool = integration(self._id).tool(tool_id)
        check(tool, parameters)
        return await self._runner.run(tool, accepted(self._id), parameters)

    async def result(self, tool_id: str, **parameters: Any) -> Any:
        run = await self.run(tool_id, **parameters)
        assert not run.is_error, run.result
        return run.result


@pytest.fixture
def agent(runners: dict[str, ToolRunner]) -> Agent:
    return Agent("slack", runners["slack"])


@pytest.fixture
def bot(runners: dict[str, ToolRunner]) -> Agent:
    return Agent("telegram", runners["telegram"])


async def test_an_agent_finds_a_person_and_a_channel_writes_and_reads(agent: Agent) -> None:
    person = await agent.result("find_user_by_email", email="alex@example.com")
    listed = await agent.result("list_channels", limit=1, maxPages=3)
    assert [channel["name"] for channel in listed["channels"]] == ["general", "random", "quiet"]
    assert person["id"] in [entry["id"] for entry in (await agent.result("list_users"))["members"]]
    posted = await agent.result("post_message", channel=GENERAL, text="In a minute", threadTs=FIRST_QUESTION)
    await agent.result("add_reaction", channel=GENERAL, timestamp=FIRST_QUESTION, name="eyes")
    await agent.result("update_message", channel=GENERAL, ts=posted["ts"], text="Done")
    thread = (await agent.result("get_replies", channel=GENERAL, ts=FIRST_QUESTION))["messages"]
    assert [message["text"] for message in thread] == ["Is the build done?", "The build is done.", "Done"]
    [question] = (await agent.result("get_history", channel=GENERAL))["messages"]
    assert (question["reply_count"], question["reactions"][0]["name"]) == (2, "eyes")
    await agent.result("delete_message", channel=GENERAL, ts=posted["ts"])
    assert len((await agent.result("get_replies", channel=GENERAL, ts=FIRST_QUESTION))["messages"]) == 2


async def test_blocks_arrive_as_they_are(agent: Agent) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*Done*"}}]
    posted = await agent.result("post_message", channel=GENERAL, blocks=blocks)
    assert posted["message"]["blocks"] == blocks


async def test_a_refusal_is_a_result_in_slacks_words(agent: Agent) -> None:
    run = await agent.run("post_message", channel=QUIET, text="Hello")
    assert (run.is_error, run.result["answer"]["error"]) == (True, "not_in_channel")


@pytest.mark.parametrize("given", [{"text": "Grüße"}, {"content": base64.b64encode("Grüße".encode()).decode()}])
async def test_a_file_is_uploaded_and_shared(agent: Agent, slack: Watched, given: dict[str, str]) -> None:
    file = {"filename": "tides.txt", **given}
    shared = await agent.result("upload_file", file=file, channel=GENERAL, title="Tides", comment="As you wished")
    assert shared["title"] == "Tides"
    assert slack.workspace.uploads[shared["id"]].content == "Grüße".encode()
    [message, _] = (await agent.result("get_history", channel=GENERAL))["messages"]
    assert (message["text"], message["files"]) == ("As you wished", [{"id": shared["id"], "title": "Tides"}])


async def test_the_token_does_not_travel_with_the_file(agent: Agent, slack: Watched) -> None:
    await agent.result("upload_file", file={"filename": "tides.txt", "text": "High"})
    [upload] = slack.uploads
    assert "authorization" not in upload.headers
    token = accepted("slack")["botToken"].reveal()
    assert token not in repr(upload)


@pytest.mark.parametrize(
    "place",
    ["https://files.slack.com.evil.example/u/1", "https://evil.example/u/1", "http://127.0.0.1:1/u/1", "file:///x", 7],
)
async def test_a_file_goes_nowhere_else(agent: Agent, slack: Watched, place: Any) -> None:
    slack.place = place
    with pytest.raises(ProviderFailed):
        await agent.run("upload_file", file={"filename": "tides.txt", "text": "High"})
    assert slack.uploads == []


@pytest.mark.parametrize(
    ("upstream", "place", "goes"),
    [
        (None, "https://files.slack.com/upload/v1/1", True),
        (None, "https://files.slack.com:8443/upload/v1/1", False),
        (None, "https://files.slack.com@evil.example/1", False),
        (None, "http://files.slack.com/upload/v1/1", False),
        ("http://127.0.0.1:1/slack", "https://files.slack.com/upload/v1/1", False),
        ("http://127.0.0.1:1/slack/", "http://127.0.0.1:1/slack/@files.slack.com/upload/v1/1", True),
    ],
)
def test_only_slacks_own_place_is_a_place(upstream: str | None, place: str, goes: bool) -> None:  # noqa: FBT001
    if goes:
        assert place_of(place, upstream)
        return
    with pytest.raises(ProviderFailed):
        place_of(place, upstream)


async def test_what_is_refused_on_the_way_is_told(agent: Agent, slack: Watched) -> None:
    file = {"filename": "tides.txt", "text": "High"}
    slack.says = Answer(500, b"<html>oops</html>", {"content-type": "text/html"})
    run = await agent.run("upload_file", file=file)
    assert (run.is_error, run.status) == (True, 500)
    slack.says = None
    assert (await agent.run("upload_file", file=file, channel="C0999999999")).result["answer"]["error"] == (
        "channel_not_found"
    )
    next(iter(slack.apps.grants.values())).scopes = ("chat:write",)
    run = await agent.run("upload_file", file=file)
    assert (run.result["answer"]["error"], run.result["answer"]["needed"]) == ("missing_scope", "files:write")


async def test_what_is_not_base64_is_the_callers_mistake(agent: Agent, slack: Watched) -> None:
    with pytest.raises(InvalidRequest, match=r"file\.content is not base64"):
        await agent.run("upload_file", file={"filename": "tides.txt", "content": "no base64"})
    assert slack.workspace.uploads == {}


async def test_a_bot_writes_answers_changes_and_deletes(bot: Agent, telegram: JudgedTelegram) -> None:
    sent = await bot.result("send_message", chatId=ALEX, text="*Done*", parseMode="Markdown", replyToMessageId=42)
    assert (sent["text"], sent["reply_to_message"]["message_id"]) == ("*Done*", 42)
    changed = await bot.result("edit_message", chatId=str(ALEX), messageId=sent["message_id"], text="Ready")
    assert changed["text"] == "Ready"
    assert await bot.result("delete_message", chatId=ALEX, messageId=sent["message_id"]) is True
    assert (await bot.result("get_chat", chatId=ALEX))["first_name"] == "Alex"
    assert telegram.problems == []


async def test_a_bot_sends_photos_and_files(bot: Agent, telegram: JudgedTelegram) -> None:
    photo = await bot.result("send_photo", chatId=ALEX, photo="https://example.com/photo.jpg", caption="The harbour")
    again = await bot.result("send_photo", chatId=ALEX, photo=photo["photo"][0]["file_id"])
    assert (photo["caption"], again["photo"][0]["file_id"]) == ("The harbour", photo["photo"][0]["file_id"])
    document = await bot.result("send_document", chatId=ALEX, document="https://example.com/report.pdf")
    assert document["document"]["file_name"] == "report.pdf"
    assert telegram.problems == []


async def test_a_bot_has_commands(bot: Agent, telegram: JudgedTelegram) -> None:
    commands = [{"command": "help", "description": "What I can do"}]
    assert await bot.result("set_commands", commands=commands, languageCode="de") is True
    assert next(iter(telegram.world.bots.values())).commands == {"de": commands}
    assert telegram.problems == []


async def test_a_refusal_is_a_result_in_telegrams_words(bot: Agent) -> None:
    run = await bot.run("send_message", chatId="@nobody", text="Hello")
    assert (run.is_error, run.result["answer"]["description"]) == (True, "Bad Request: chat not found")


def test_calls_of_its_own_need_an_adapter_that_makes_them() -> None:
    entry = made.integration(tools=(made.tool(RequestForm("POST", "/berths"), own_calls=True),))
    with pytest.raises(ManifestError, match="Harbour has tools with calls of their own"):
        providers([entry], Transport(), {})
