"""python-telegram-bot, which knows nothing of us, drives Telegram's stand-in over loopback."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx2
import pytest
import telegram
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter
from telegram.request import HTTPXRequest

from moorings.emulators.server import EmulatorServer
from moorings.emulators.telegram.world import ALEX, MANAGER_TOKEN, TOKEN
from tests.contract import published
from tests.contract.judged import JudgedTelegram
from tests.contract.listener import Listener, listening
from tests.contract.loopback import serving

pytestmark = pytest.mark.anyio

HOOK = "https://hub.example.com/hooks/telegram/intg_1"


@pytest.fixture(scope="module")
def emulator() -> JudgedTelegram:
    return JudgedTelegram()


@pytest.fixture(scope="module")
def address(emulator: JudgedTelegram) -> Iterator[str]:
    with serving(EmulatorServer({"telegram": emulator})) as base:
        yield base


@pytest.fixture(autouse=True)
def judged(emulator: JudgedTelegram) -> Iterator[None]:
    """Every test begins anew, and nothing in it may be unknown to the published document."""
    emulator.reset()
    emulator.problems.clear()
    yield
    assert emulator.problems == []


@pytest.fixture
async def bot(address: str) -> AsyncIterator[telegram.Bot]:
    async with client(address, TOKEN) as made:
        yield made


@pytest.fixture
async def manager(address: str) -> AsyncIterator[telegram.Bot]:
    async with client(address, MANAGER_TOKEN) as made:
        yield made


@asynccontextmanager
async def client(address: str, token: str) -> AsyncIterator[telegram.Bot]:
    requests = [HTTPXRequest(httpx_kwargs={"trust_env": False}) for _ in range(2)]
    made = telegram.Bot(token, base_url=f"{address}/telegram/bot", request=requests[0], get_updates_request=requests[1])
    async with made:
        yield made


async def play(address: str, deed: str, **form: Any) -> Any:
    async with httpx2.AsyncClient(base_url=address, trust_env=False) as control:
        answer = await control.post(f"/__control/telegram/{deed}", json=form)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def deliver(address: str, **delivery: Any) -> None:
    async with httpx2.AsyncClient(base_url=address, trust_env=False) as control:
        (await control.put("/__control/delivery", json=delivery)).raise_for_status()


@asynccontextmanager
async def webhook(address: str, bot: telegram.Bot) -> AsyncIterator[Listener]:
    """A listener on this machine to which Telegram's deliveries are led."""
    async with listening() as (url, listener):
        await deliver(address, routes={"https://hub.example.com": url}, pace=0.01)
        assert await bot.set_webhook(HOOK, secret_token="secret-of-the-hook")
        yield listener


async def test_a_bot_knows_itself(bot: telegram.Bot, manager: telegram.Bot) -> None:
    assert (await bot.get_me()).username == "emulated_example_bot"
    assert ((await bot.get_me()).can_manage_bots, (await manager.get_me()).can_manage_bots) == (False, True)


async def test_a_dead_token_and_a_shapeless_one_are_no_tokens(address: str) -> None:
    for token in (TOKEN[:-1] + "9", "7000000001:short"):
        with pytest.raises(InvalidToken):
            async with client(address, token):
                pass


async def test_messages_are_sent_changed_answered_and_deleted(bot: telegram.Bot) -> None:
    sent = await bot.send_message(ALEX, "The ship is in.", reply_to_message_id=42)
    assert sent.reply_to_message
    assert (sent.text, sent.chat.id, sent.reply_to_message.text) == ("The ship is in.", ALEX, "The harbour is open.")
    changed = await bot.edit_message_text("The ship is out.", ALEX, sent.message_id)
    assert isinstance(changed, telegram.Message)
    assert changed.text == "The ship is out."
    assert await bot.delete_message(ALEX, sent.message_id)
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(ALEX, sent.message_id)


async def test_files_are_sent_whole_by_address_and_once_more(bot: telegram.Bot) -> None:
    whole = await bot.send_document(ALEX, b"%PDF-1.7 \r\n\x00\xff", filename="report.pdf", caption="The report")
    assert whole.document
    assert (whole.document.file_name, whole.document.file_size) == ("report.pdf", 13)
    again = await bot.send_document(ALEX, whole.document.file_id)
    assert again.document
    assert again.document.file_name == "report.pdf"
    photo = await bot.send_photo(ALEX, "https://example.com/photo.jpg")
    assert photo.photo
    assert (await bot.send_photo(ALEX, photo.photo[0].file_id)).photo
    with pytest.raises(BadRequest, match="Wrong file identifier/http url specified"):
        await bot.send_photo(ALEX, "no-such-file")


async def test_what_cannot_be_sent_is_refused_in_the_servers_words(bot: telegram.Bot, address: str) -> None:
    refused = {
        "Chat not found": bot.send_message(987654321, "Hello"),
        "Message text is empty": bot.send_message(ALEX, " "),
        "Message is too long": bot.send_message(ALEX, "x" * 4097),
        "Message to be replied not found": bot.send_message(ALEX, "Hello", reply_to_message_id=41),
        "Unsupported parse_mode": bot.send_message(ALEX, "Hello", parse_mode="WORD"),
        "Message is not modified": bot.edit_message_text("The harbour is open.", ALEX, 42),
    }
    for words, call in refused.items():
        with pytest.raises(BadRequest, match=words):
            await call
    await play(address, "block", bot="emulated_example_bot")
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(ALEX, "Hello")


async def test_chats_and_commands(bot: telegram.Bot) -> None:
    assert (await bot.get_chat(ALEX)).first_name == "Alex"
    assert await bot.set_my_commands([("help", "What I can do")])
    assert [entry.command for entry in await bot.get_my_commands()] == ["help"]
    assert await bot.send_chat_action(ALEX, "typing")


async def test_updates_are_fetched_and_confirmed_by_their_offset(bot: telegram.Bot, address: str) -> None:
    for text in ("one", "two", "three"):
        await play(address, "message", bot="emulated_example_bot", text=text)
    first, *_ = updates = await bot.get_updates()
    assert [update.message and update.message.text for update in updates] == ["one", "two", "three"]
    assert len(await bot.get_updates(offset=first.update_id + 1)) == 2
    assert len(await bot.get_updates(limit=1)) == 1
    assert len(await bot.get_updates(offset=-1)) == 1
    assert await bot.get_updates(offset=first.update_id + 3) == ()


async def test_a_long_poll_ends_when_somebody_writes(bot: telegram.Bot, address: str) -> None:
    polling = asyncio.create_task(bot.get_updates(timeout=10))
    await asyncio.sleep(0.1)
    assert not polling.done()
    await play(address, "message", bot="emulated_example_bot", text="Hello")
    async with asyncio.timeout(2):
        assert len(await polling) == 1
    assert await bot.get_updates(offset=-1, timeout=0)


async def test_only_kinds_that_were_asked_for_come(bot: telegram.Bot, address: str) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])
    await play(address, "message", bot="emulated_example_bot", text="Hello")
    assert await bot.get_updates() == ()
    await bot.get_updates(allowed_updates=[])
    await play(address, "message", bot="emulated_example_bot", text="Hello")
    assert len(await bot.get_updates()) == 1


async def test_of_two_that_poll_the_first_is_broken_off(bot: telegram.Bot, address: str) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=5))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(bot.get_updates(timeout=1))
    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await first
    assert await second == ()


async def test_a_webhook_hears_every_update_with_its_secret(bot: telegram.Bot, address: str) -> None:
    async with webhook(address, bot) as listener:
        await play(address, "message", bot="emulated_example_bot", text="Hello")
        heard = await listener.heard()
    update = telegram.Update.de_json(heard.json(), bot)
    assert update.message
    assert update.message.text == "Hello"
    assert heard.headers["x-telegram-bot-api-secret-token"] == "secret-of-the-hook"
    assert (heard.path, heard.headers["host"]) == ("/hooks/telegram/intg_1", listener.host)


async def test_a_webhook_that_fails_is_told_again_and_in_order(bot: telegram.Bot, address: str) -> None:
    async with webhook(address, bot) as listener:
        listener.says(500, 503, 200)
        for text in ("one", "two"):
            await play(address, "message", bot="emulated_example_bot", text=text)
        heard = [(await listener.heard()).json()["message"]["text"] for _ in range(4)]
        assert heard == ["one", "one", "one", "two"]
        info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 503 Service Unavailable"
    assert (info.url, info.pending_update_count) == (HOOK, 0)


async def test_a_webhook_that_cannot_be_reached_says_so(bot: telegram.Bot, address: str) -> None:
    await deliver(address, pace=1.0)
    await bot.set_webhook(HOOK)
    await play(address, "message", bot="emulated_example_bot", text="Hello")
    await asyncio.sleep(0.1)
    info = await bot.get_webhook_info()
    assert (info.last_error_message, info.pending_update_count) == ("Connection refused", 1)


async def test_a_webhook_is_set_once_a_second(
    bot: telegram.Bot, emulator: JudgedTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # the library's coming way to tell seconds
    assert await bot.set_webhook(HOOK)
    with pytest.raises(RetryAfter) as refusal:
        await bot.set_webhook(f"{HOOK}2")
    assert refusal.value.retry_after == timedelta(seconds=1)
    emulator.world.ahead = 1.1
    assert await bot.set_webhook(f"{HOOK}2", drop_pending_updates=True, allowed_updates=["message"])
    assert (await bot.get_webhook_info()).allowed_updates == ("message",)


async def test_with_a_webhook_nobody_polls(bot: telegram.Bot) -> None:
    polling = asyncio.create_task(bot.get_updates(timeout=5))
    await asyncio.sleep(0.1)
    await bot.set_webhook(HOOK)
    with pytest.raises(Conflict, match="terminated by setWebhook request"):
        await polling
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    assert await bot.delete_webhook()
    assert (await bot.get_webhook_info()).url == ""
    assert await bot.get_updates() == ()


@pytest.mark.parametrize(
    ("url", "secret", "words"),
    [
        ("http://hub.example.com/hook", None, "An https url must be provided for webhook"),
        ("https://hub.example.com:8444/hook", None, "ports 80, 88, 443 or 8443"),
        ("https://127.0.0.1/hook", None, "Ip address 127.0.0.1 is reserved"),
        ("https://[broken", None, "Invalid webhook url specified"),
        (HOOK, "s" * 257, "Secret token is too long"),
        (HOOK, "no spaces", "Secret token contains unallowed characters"),
    ],
)
async def test_no_webhook_is_set_where_none_can_be(bot: telegram.Bot, url: str, secret: str | None, words: str) -> None:
    with pytest.raises(BadRequest, match=f"(?i){words}"):
        await bot.set_webhook(url, secret_token=secret)
    assert (await bot.get_webhook_info()).url == ""


async def test_a_person_confirms_a_managed_bot(manager: telegram.Bot, address: str) -> None:
    link = "https://t.me/newbot/emulated_manager_bot/acme_k7d2m9x4_bot?name=Acme%20helper"
    made = await play(address, "open-link", link=link)
    [update] = await manager.get_updates()
    assert update.managed_bot
    assert (update.managed_bot.bot.username, update.managed_bot.user.id) == ("acme_k7d2m9x4_bot", ALEX)
    token = await manager.get_managed_bot_token(update.managed_bot.bot.id)
    async with client(address, token) as child:
        assert (child.first_name, child.id) == ("Acme helper", made["id"])


async def test_a_person_may_choose_other_names(manager: telegram.Bot, address: str) -> None:
    link = "https://t.me/newbot/emulated_manager_bot/acme_k7d2m9x4?name=Acme"
    await play(address, "open-link", link=link, username="my_own_bot", name="Mine", person=555)
    [update] = await manager.get_updates()
    assert update.managed_bot
    assert (update.managed_bot.bot.username, update.managed_bot.bot.first_name) == ("my_own_bot", "Mine")
    assert update.managed_bot.user.id == 555
    assert (await play(address, "open-link", link=link))["username"] == "acme_k7d2m9x4bot"


async def test_a_replaced_token_is_dead_and_the_manager_hears_of_it(manager: telegram.Bot, address: str) -> None:
    made = await play(address, "open-link", link="https://t.me/newbot/emulated_manager_bot/acme_k7d2m9x4_bot?name=A")
    async with client(address, made["token"]) as child:
        await child.set_webhook(HOOK)
        token = await manager.replace_managed_bot_token(made["id"])
        with pytest.raises(InvalidToken):
            await child.get_me()
    async with client(address, token) as child:
        assert (await child.get_webhook_info()).url == ""
    assert len(await manager.get_updates()) == 2
    await play(address, "owner", bot=made["id"], person=777)
    await play(address, "revoke", bot=made["id"])
    updates = await manager.get_updates()
    assert [update.managed_bot and update.managed_bot.user.id for update in updates] == [ALEX, ALEX, 777, 777]


async def test_access_to_a_managed_bot(manager: telegram.Bot, address: str) -> None:
    made = await play(address, "open-link", link="https://t.me/newbot/emulated_manager_bot/acme_k7d2m9x4_bot?name=A")
    await play(address, "message", bot=made["id"], text="Hello", person=555)
    assert await manager.set_managed_bot_access_settings(made["id"], is_access_restricted=True, added_user_ids=[555])
    settings = await manager.get_managed_bot_access_settings(made["id"])
    assert settings.added_users
    assert (settings.is_access_restricted, [user.id for user in settings.added_users]) == (True, [555])


async def test_a_bot_has_no_token_of_what_it_does_not_manage(
    bot: telegram.Bot, manager: telegram.Bot, address: str
) -> None:
    made = await play(address, "open-link", link="https://t.me/newbot/emulated_manager_bot/acme_k7d2m9x4_bot?name=A")
    refused = {
        "Bot_invalid": [bot.get_managed_bot_token(made["id"]), manager.replace_managed_bot_token(bot.id)],
        "User not found": [manager.get_managed_bot_token(404)],
        "Invalid user_id specified": [manager.get_managed_bot_token(0)],
    }
    for words, calls in refused.items():
        for call in calls:
            with pytest.raises(BadRequest, match=words):
                await call


@published.needed
async def test_what_the_published_document_does_not_know_is_a_problem(
    emulator: JudgedTelegram, bot: telegram.Bot
) -> None:
    await bot.get_me(api_kwargs={"of_nobody": 1})
    assert emulator.problems
    assert all("of_nobody" in problem for problem in emulator.problems)
    emulator.problems.clear()
