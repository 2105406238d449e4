"""A hub as a person starts it, the stand-ins that it takes for Slack and Telegram, and a program that listens."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from standardwebhooks.webhooks import Webhook

from moorings.emulators.server import EmulatorServer
from moorings.emulators.slack import Slack
from tests.contract.judged import JudgedTelegram
from tests.contract.listener import Heard, Listener, listening
from tests.contract.loopback import serving as standing_in
from tests.properties.live import Live, serving
from tests.properties.markers import Marker, hits

PATIENCE = 15.0
ADMIN = "administrator-of-the-stories-0123456789"


@dataclass(frozen=True, slots=True)
class Town:
    """One running hub with its stand-ins."""

    live: Live
    stand_ins: str
    slack: Slack
    telegram: JudgedTelegram
    public: str | None
    answers: dict[str, bytes] = field(default_factory=dict)

    def leaks(self, secrets: Iterable[str]) -> list[str]:
        """Where any of these stands, in whatever form: in answers to users, in what is printed, in what is kept."""
        files = {each.name: each.read_bytes() for each in self.live.data.iterdir() if each.is_file()}
        places = {"what is printed": self.live.printed(), **files, **self.answers}
        return hits([Marker(f"number {number}", each, each) for number, each in enumerate(secrets)], places)


@dataclass(frozen=True, slots=True)
class StandIns:
    """Slack and Telegram, and where they answer."""

    address: str
    slack: Slack
    telegram: JudgedTelegram


@contextmanager
def providers() -> Iterator[StandIns]:
    """Both, anew."""
    slack, telegram = Slack(), JudgedTelegram()
    with standing_in(EmulatorServer({"slack": slack, "telegram": telegram})) as address:
        yield StandIns(address, slack, telegram)


@contextmanager
def town(folder: Path, public_url: str | None = None, **settings: object) -> Iterator[Town]:
    """A hub over the folder with stand-ins of its own; see `hub`."""
    with providers() as stand_ins, hub(folder, stand_ins, public_url, **settings) as found:
        yield found


@contextmanager
def hub(folder: Path, stand_ins: StandIns, public_url: str | None = None, **settings: object) -> Iterator[Town]:
    """A hub over the folder; `public_url` leads to it from Telegram and Slack, as a tunnel would."""
    upstreams = json.dumps({name: f"{stand_ins.address}/{name}" for name in ("slack", "telegram")})
    public = {} if public_url is None else {"public_url": public_url}
    own: dict[str, object] = {"admin_key": ADMIN, "upstreams": upstreams, "egress_allow": "127.0.0.0/8"}
    with serving(folder, log_level="debug", **own, **public, **settings) as live:
        delivery = {"routes": {public_url: live.url} if public_url else {}, "pace": 0.01}
        httpx2.put(f"{stand_ins.address}/__control/delivery", json=delivery, trust_env=False).raise_for_status()
        yield Town(live, stand_ins.address, stand_ins.slack, stand_ins.telegram, public_url)


class Api:
    """Calls a server, and expects that it succeeds; `answers` keeps what came back."""

    def __init__(self, client: httpx2.AsyncClient, answers: dict[str, bytes] | None = None) -> None:
        self.client, self._answers = client, answers

    async def __call__(self, method: str, path: str, body: Any = None, status: int | None = None) -> Any:
        answer = await self.client.request(method, path, json=body)
        if self._answers is not None:
            self._answers[f"answer {len(self._answers)} ({method} {path})"] = answer.content
        assert answer.status_code == status or (status is None and answer.is_success), answer.text
        return answer.json() if answer.content else None


@asynccontextmanager
async def user_of(town: Town, key: str = ADMIN) -> AsyncIterator[Api]:
    """Somebody who uses the hub."""
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(base_url=town.live.url, headers=headers, trust_env=False, timeout=20) as client:
        yield Api(client, town.answers)


@asynccontextmanager
async def people_of(town: Town, provider: str) -> AsyncIterator[Api]:
    """The people on a provider's side."""
    async with httpx2.AsyncClient(base_url=f"{town.stand_ins}/__control/{provider}/", trust_env=False) as client:
        yield Api(client)


@dataclass(frozen=True, slots=True)
class Program:
    """The user's own program: it listens, and checks the signature of what it hears."""

    url: str
    listener: Listener

    async def hears(self, secret: str) -> Any:
        """The next event; raises where its signature is not the hub's."""
        heard: Heard = await self.listener.heard()
        Webhook(secret).verify(heard.body, dict(heard.headers))
        event = heard.json()
        assert heard.headers["webhook-id"] == event["id"]
        return event


@asynccontextmanager
async def program() -> AsyncIterator[Program]:
    """Somebody's program on this machine."""
    async with listening() as (url, listener):
        yield Program(f"{url}/inbox", listener)


async def until(true: Callable[[], Any], what: str) -> Any:
    """What the question answers once it answers yes."""
    end = time.monotonic() + PATIENCE
    while True:
        found = true()
        found = await found if asyncio.iscoroutine(found) else found
        if found:
            return found
        assert time.monotonic() < end, f"it never came to be: {what}"
        await asyncio.sleep(0.03)
