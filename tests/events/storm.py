"""A storm of Slack events at a steady pace over keep-alive connections, and what was acknowledged of it."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2

from tests.events.program import Program
from tests.events.providers import message, slack

CONNECTIONS = 16
CONVERSATIONS = 20
PATIENCE = 40.0
SECRET = "0123456789abcdef0123456789abcdef"
TOKEN = "xoxb-emulated-000000000000-slackbot"
"""What the stand-in of Slack accepts."""


@dataclass
class Storm:
    """Events numbered from zero; each latency is what its sender waited for the answer, in seconds."""

    url: str
    installation: str
    rate: float
    events: int
    acknowledged: set[str] = field(default_factory=set)
    latencies: list[float] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    broken: int = 0

    async def blow(self) -> None:
        """Send everything, each event when it is due; a connection that breaks is not opened again."""
        queue = iter(range(self.events))
        began = time.perf_counter() + 0.05
        await asyncio.gather(*(self._connection(queue, began) for _ in range(CONNECTIONS)))

    def percentile(self, share: float) -> float:
        """The latency that so many events (0 to 1) did not exceed, in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1_000

    async def _connection(self, queue: Any, began: float) -> None:
        parts = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            for number in queue:
                due = began + number / self.rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                sent = time.perf_counter()
                status = await self._send(reader, writer, number)
                self.latencies.append(time.perf_counter() - sent)
                if status == 200:
                    self.acknowledged.add(name_of(number))
                else:
                    self.refused[status] += 1
        except (ConnectionError, asyncio.IncompleteReadError):
            self.broken += 1
        finally:
            writer.close()

    async def _send(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> int:
        told = message(name_of(number), channel=f"C{number % CONVERSATIONS}", event_id=f"Ev{number}")
        sent = slack(told, SECRET)
        headers = {"Host": "127.0.0.1", "Content-Length": str(len(sent.body)), **sent.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"POST /hooks/slack/{self.installation} HTTP/1.1\r\n{head}\r\n".encode() + sent.body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        await reader.readexactly(length)
        return int(answer[9:12])


def install(url: str, key: str, forward_url: str) -> str:
    """A Slack app at the stand-in whose events go to this address."""
    body = {"botToken": TOKEN, "signingSecret": SECRET, "forwardUrl": forward_url}
    headers = {"Authorization": f"Bearer {key}"}
    answer = httpx2.post(f"{url}/v1/integrations/slack/install", json=body, headers=headers, trust_env=False)
    assert answer.status_code == 201, answer.text
    installation: str = answer.json()["integrationId"]
    return installation


def name_of(number: int) -> str:
    """The text of an event."""
    return f"event {number}"


def arrived(program: Program) -> Counter[str]:
    """How often each event came to the program."""
    return Counter(delivery.event["text"] for delivery in program.deliveries)


async def until_arrived(program: Program, wanted: set[str]) -> None:
    """Wait until every one of these has come."""
    async with asyncio.timeout(PATIENCE):
        while len(program.deliveries) < len(wanted) or not wanted <= set(arrived(program)):  # noqa: ASYNC110 - sockets set no event
            await asyncio.sleep(0.05)


def out_of_order(program: Program) -> list[str]:
    """Events that came after a later one of their conversation; a repeat is not counted."""
    last: dict[str, int] = {}
    wrong, seen = [], set[str]()
    for delivery in program.deliveries:
        event = delivery.event
        number = int(event["text"].removeprefix("event "))
        if event["text"] not in seen and number < last.get(event["channel"], -1):
            wrong.append(event["text"])
        seen.add(event["text"])
        last[event["channel"]] = max(number, last.get(event["channel"], -1))
    return wrong
