"""How what the stand-ins send finds its way, and what people may do on their side."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest

from moorings.emulators.courier import Courier, Delivery
from moorings.emulators.server import EmulatorServer
from moorings.emulators.telegram import Telegram
from tests.contract.listener import listening
from tests.contract.loopback import HOST, free_port, serving
from tests.emulators.test_script import Mute

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(EmulatorServer({"telegram": Telegram(), "mute": Mute()})) as base:
        yield base


@pytest.fixture
async def client(address: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=address, trust_env=False, timeout=5) as made:
        yield made
        await made.delete("/__control/delivery")
        await made.delete("/__control/telegram")


async def test_a_delivery_arrives_and_is_answered() -> None:
    async with listening() as (url, listener):
        listener.reply = b'{"seen": true}'
        heard = await Courier().post(f"{url}/hook?a=1", {"X-Told": "1"}, b"{}")
        arrived = await listener.heard()
    assert (heard.status, heard.body) == (200, b'{"seen": true}')
    assert (arrived.path, arrived.headers["x-told"], arrived.body) == ("/hook?a=1", "1", b"{}")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/hook",
        "http://192.0.2.1/hook",
        "https://127.0.0.1/",
        "http:///",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:99999/",
        "http://[a",
        "http://127.0.0.1/漢",
    ],
)
async def test_nothing_leaves_this_machine(url: str) -> None:
    with pytest.raises(ConnectionRefusedError):
        await Courier().post(url, {}, b"")


async def test_an_address_of_the_world_is_led_here() -> None:
    async with listening() as (url, listener):
        courier = Courier(Delivery(routes={"https://hub.example.com/": f"{url}/"}))
        assert (await courier.post("https://hub.example.com/hooks/1?b", {}, b"")).status == 200
        assert (await listener.heard()).path == "/hooks/1?b"


async def test_a_listener_that_breaks_off_or_is_not_there_is_a_lost_connection() -> None:
    with pytest.raises(ConnectionError):
        await Courier().post(f"http://{HOST}:{free_port()}/", {}, b"")


async def test_the_way_of_delivering_is_put_shown_and_undone(client: httpx2.AsyncClient) -> None:
    way = {"routes": {"https://hub.example.com": "http://127.0.0.1:8700"}, "pace": 0.5}
    assert (await client.put("/__control/delivery", json=way)).json() == way
    assert (await client.get("/__control/delivery")).json() == way
    assert (await client.delete("/__control/delivery")).json() == {"routes": {}, "pace": 1.0}
    assert (await client.post("/__control/delivery", json=way)).status_code == 405


@pytest.mark.parametrize(
    "way",
    [{"routes": {"https://a.example": "http://b.example"}}, {"routes": {"https://a.example": "https://127.0.0.1"}},
     {"pace": 2}, {"speed": 1}],
)  # fmt: skip
async def test_a_way_that_leads_elsewhere_is_a_clear_400(client: httpx2.AsyncClient, way: dict[str, Any]) -> None:
    answer = await client.put("/__control/delivery", json=way)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BODY")


async def test_a_deed_that_nobody_knows_is_a_404_that_names_those_there_are(client: httpx2.AsyncClient) -> None:
    unknown = await client.post("/__control/telegram/dance", json={})
    assert unknown.status_code == 404
    assert "open-link" in unknown.json()["error"]
    assert (await client.post("/__control/mute/message", json={})).status_code == 404
    assert (await client.get("/__control/telegram/message")).status_code == 405


@pytest.mark.parametrize(
    ("form", "field"),
    [({}, "bot"), ({"bot": "emulated_example_bot"}, "text"), ({"bot": 1, "text": "", "more": 1}, "text")],
)
async def test_a_deed_without_what_it_needs_is_a_clear_400(
    client: httpx2.AsyncClient, form: dict[str, Any], field: str
) -> None:
    answer = await client.post("/__control/telegram/message", json=form)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BODY")
    assert answer.json()["details"][0]["field"] == field


@pytest.mark.parametrize(
    ("link", "chosen", "word"),
    [
        ("emulated_manager_bot/acme_bot?name=A", {"username": "acme_helper"}, "USERNAME_SUFFIX_MISSING"),
        ("emulated_manager_bot/acme_bot?name=A", {"username": "no__bot"}, "USERNAME_INVALID"),
        ("emulated_manager_bot/acme_bot?name=A", {"username": "Support_of_a_bot"}, "USERNAME_INVALID"),
        ("emulated_manager_bot/acme_bot?name=A", {"name": ""}, "NAME_INVALID"),
        ("emulated_manager_bot/Emulated_example_bot?name=A", {}, "USERNAME_OCCUPIED"),
        ("emulated_example_bot/acme_bot?name=A", {}, "MANAGER_PERMISSION_MISSING"),
        ("nobody_bot/acme_bot?name=A", {}, "MANAGER_INVALID"),
    ],
)
async def test_telegram_does_not_let_people_make_every_bot(
    client: httpx2.AsyncClient, link: str, chosen: dict[str, str], word: str
) -> None:
    answer = await client.post("/__control/telegram/open-link", json={"link": f"https://t.me/newbot/{link}", **chosen})
    assert (answer.status_code, answer.json()["error"]) == (400, word)


async def test_a_person_renames_a_bot_and_nobody_is_told(client: httpx2.AsyncClient) -> None:
    renamed = await client.post(
        "/__control/telegram/rename", json={"bot": "emulated_example_bot", "name": "Harbour", "username": "harbour_bot"}
    )
    assert (renamed.json()["username"], renamed.json()["pendingUpdates"]) == ("harbour_bot", 0)
    answer = await client.get(f"/telegram/bot{renamed.json()['token']}/GETME")
    assert answer.json()["result"]["username"] == "harbour_bot"


async def test_the_same_update_comes_twice_where_somebody_wishes(client: httpx2.AsyncClient) -> None:
    await client.post("/__control/telegram/message", json={"bot": "emulated_example_bot", "text": "Hello"})
    await client.post("/__control/telegram/repeat", json={"bot": "emulated_example_bot"})
    bots = (await client.get("/__control/telegram/bots")).json()["bots"]
    updates = (await client.post(f"/telegram/bot{bots[0]['token']}/getUpdates", data={"limit": "5"})).json()["result"]
    assert updates[0] == updates[1]
    kept = (await client.get("/__control/telegram/messages?bot=emulated_example_bot")).json()["messages"]
    assert [message["text"] for message in kept] == ["The harbour is open.", "Hello"]


async def test_telegram_forgets_everything_when_it_is_reset(client: httpx2.AsyncClient) -> None:
    revoked = (await client.post("/__control/telegram/revoke", json={"bot": "emulated_example_bot"})).json()
    dead = (await client.get("/__control/telegram")).json()["credentials"]["botToken"]
    assert revoked["token"] != dead
    assert (await client.get(f"/telegram/bot{dead}/getMe")).status_code == 401
    await client.delete("/__control/telegram")
    assert (await client.get(f"/telegram/bot{dead}/getMe")).status_code == 200
