"""The leak test: secrets that can be found again are sent in every way, and then looked for everywhere.

It works on an installation of its own, which it removes in the end, and asks no provider.
"""

import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moorings import app, settings
from moorings.app import Begin
from moorings.cli.wiring import Target
from moorings.client import AsyncMoorings, ClientError
from moorings.client.answer import Answer
from moorings.client.call import Call, path
from moorings.client.inside import inside
from moorings.client.recording import Onward, Recording
from moorings.domain.leak_report import LeakReport, Place
from moorings.domain.marker import Marker, hits
from moorings.errors import ConfigurationError, InvalidRequest
from moorings.http import application
from moorings.services.search import Search

INTEGRATION, PREFIX = "firecrawl", "fc-"
NAME = "leak test"
CHUNK, OVERLAP = 8 * 1024 * 1024, 1_024


@dataclass(slots=True)
class _Sent:
    """The secrets that were sent, and everything that came back."""

    markers: list[Marker] = field(default_factory=list)
    answers: dict[str, bytes] = field(default_factory=dict)

    def new(self, flow: str, *, signs: str = "+&=~") -> str:
        """A new secret; with signs that encodings change, where a field takes them."""
        core = secrets.token_hex(12) + signs
        made = Marker(flow, core, f"{PREFIX}{core}{secrets.token_hex(2)}")
        self.markers.append(made)
        return made.value

    def keep(self, name: str, content: bytes) -> None:
        """One answer."""
        self.answers[f"answer {len(self.answers) + 1} ({name})"] = content


@dataclass(frozen=True, slots=True)
class _Door:
    """Where calls go, under which key, and what searches behind it where that is in this process."""

    url: str
    key: str
    onward: Callable[[], Onward]
    search: Search | None = None

    def client(self, sent: _Sent, key: str | None = None) -> AsyncMoorings:
        """A client whose answers are kept."""
        return AsyncMoorings(self.url, key or self.key, transport=Recording(sent.keep, self.onward()), retries=None)


async def leak_test(target: Target, logs: Sequence[Path]) -> LeakReport:
    """Send secrets to a server, and look for them in its answers, its database and its logs.

    Without an address it is the local data directory, served in this process. Raises `InvalidRequest` for a log that
    cannot be read.
    """
    sent = _Sent()
    async with _opened(target) as door:
        await _flows(door, sent)
        places = [Place("answers", sum(map(len, sent.answers.values()))), *_files(logs)]
        found = hits(sent.markers, sent.answers)
        for log in logs:
            found += _in_file(log, sent.markers)
        async with _behind(target, door) as search:
            more, standing = await _stored(target, search, sent.markers)
    return LeakReport(len(sent.markers), (*places, *more), (*found, *standing))


@asynccontextmanager
async def _opened(target: Target) -> AsyncIterator[_Door]:
    if target.url is not None:
        if target.api_key is None:
            raise ConfigurationError("A remote server wants an API key: set MOORINGS_API_KEY, or give --api-key.")
        yield _Door(target.url, target.api_key, lambda: None)
        return
    key = secrets.token_urlsafe(32)
    async with app.running(settings.load(data_dir=target.data_dir), {key: target.owner}, begin=Begin.NEVER) as running:
        served = application.create(running.hub)
        yield _Door("http://moorings.local", key, lambda: inside(served), running.search)


@asynccontextmanager
async def _behind(target: Target, door: _Door) -> AsyncIterator[Search | None]:
    """What searches the database; of a remote server only where its data directory is named too."""
    if door.search is not None or target.data_dir is None:
        yield door.search
        return
    async with app.running(settings.load(data_dir=target.data_dir), begin=Begin.NEVER) as running:
        yield running.search


async def _flows(door: _Door, sent: _Sent) -> None:
    """Every way in which a secret may reach a server; whatever is made is taken away again."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(door.client(sent))
        place = (await client.integrations.reserve(INTEGRATION, name=NAME)).id
        stack.push_async_callback(_try, client, Call("DELETE", path("integrations", place, "credentials"), Answer))
        await _good(client, place, sent)
        for call in (*_wrong_bodies(place, sent), *_wrong_places(sent), *_reads(place)):
            await _try(client, call)
        for form in ("", "Basic "):
            async with door.client(sent, sent.new(f"a wrong key {form}".strip())) as stranger:
                await _try(stranger, Call("GET", path("integrations"), Answer))


async def _good(client: AsyncMoorings, place: str, sent: _Sent) -> None:
    """Secrets that are taken, one of them twice under one idempotency key, and one that is deleted again."""
    values = {"apiKey": sent.new("a credential", signs="")}
    for _ in range(2):
        await client.credentials.save(place, values, verify=False, idempotency_key=f"leak-test-{place}")
    await client.credentials.save(place, {"apiKey": sent.new("one saved over it", signs="")}, verify=False)
    await client.credentials.delete(place)
    again = (await client.integrations.reserve(INTEGRATION, name=NAME)).id
    await client.credentials.save(again, {"apiKey": sent.new("one that was deleted", signs="")}, verify=False)
    await client.credentials.delete(again)


def _wrong_bodies(place: str, sent: _Sent) -> Iterator[Call[Answer]]:
    address = path("integrations", place, "credentials")
    for flow, body in (
        ("a malformed value", {"credentials": {"apiKey": f" {sent.new('a malformed value')}"}}),
        ("an unknown field", {"credentials": {sent.new("an unknown field"): "x"}}),
        ("a wrong environment", {"credentials": {"apiKey": "x"}, "environment": sent.new("a wrong environment")}),
        ("credentials as text", {"credentials": sent.new("credentials as text")}),
        ("an unknown key", {sent.new("an unknown key"): 1}),
    ):
        yield Call("POST", address, Answer, body=body, idempotency_key=f"{place}-{flow.replace(' ', '-')}")
    wish = {"parameters": {"url": [sent.new("a tool's parameter")]}}
    yield Call("POST", path("integrations", INTEGRATION, "tools", "scrape_page", "execute"), Answer, body=wish)
    message = {"jsonrpc": "2.0", "id": 1, "method": sent.new("a method of MCP")}
    yield Call("POST", "/mcp", Answer, body=message)


def _wrong_places(sent: _Sent) -> Iterator[Call[Answer]]:
    for segments in (("integrations",), ("integrations", "category"), ("integrations", INTEGRATION, "tools"), ()):
        yield Call("GET", path(*segments, sent.new(f"a path below /{'/'.join(segments)}")), Answer)
    yield Call("DELETE", path("api-keys", sent.new("a key's id")), Answer)
    for name in ("q", "environment", "category", "status"):
        yield Call("GET", path("integrations"), Answer, {name: sent.new(f"the query {name}")})


def _reads(place: str) -> Iterator[Call[Answer]]:
    """What may show anything of what was sent before."""
    yield Call("GET", path("integrations"), Answer)
    yield Call("GET", path("integrations", place), Answer)
    yield Call("GET", path("integrations", "credentials", "status"), Answer)
    yield Call("GET", path("api-keys"), Answer)
    yield Call("GET", path("audit-events"), Answer)
    for address in ("/openapi.json", "/v1/health", "/metrics", "/llms.txt", f"/connect/{INTEGRATION}"):
        yield Call("GET", address, Answer)


async def _try(client: AsyncMoorings, call: Call[Any]) -> None:
    """A call whose answer counts, not its success."""
    with suppress(ClientError):
        await client.send(call)


async def _stored(target: Target, search: Search | None, markers: Sequence[Marker]) -> tuple[list[Place], list[str]]:
    if search is None:
        return [Place("database (name its --data-dir to search it)", None)], []
    searched = await search.everywhere(markers)
    chosen = settings.load(data_dir=target.data_dir)
    keep = {chosen.key_file.resolve()}
    files = [each for each in sorted(chosen.data_dir.glob("*")) if each.is_file() and each.resolve() not in keep]
    found = [line for each in files for line in _in_file(each, markers)]
    return [Place("database, every value", searched.size), *_files(files)], [*searched.found, *found]


def _files(files: Sequence[Path]) -> list[Place]:
    return [Place(each.name, _size(each)) for each in files]


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        raise InvalidRequest(f"{file} cannot be read.") from None


def _in_file(file: Path, markers: Sequence[Marker]) -> list[str]:
    """Part by part, for a database may be larger than the memory; each part begins with the end of the one before."""
    found, before = list[str](), b""
    try:
        with file.open("rb") as opened:
            while part := opened.read(CHUNK):
                found += hits(markers, {file.name: before + part})
                before = part[-OVERLAP:]
    except OSError:
        raise InvalidRequest(f"{file} cannot be read.") from None
    return list(dict.fromkeys(found))
