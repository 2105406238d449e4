"""The two clients: the same calls, grouped by noun, answered at once or awaited."""

import os
from typing import Generic, Self

import httpx2
from pydantic import SecretStr

from moorings.client.call import A, Call
from moorings.client.errors import NotSent
from moorings.client.nouns.audit import Audit
from moorings.client.nouns.credentials import Credentials
from moorings.client.nouns.environments import Environments
from moorings.client.nouns.events import Events
from moorings.client.nouns.integrations import Integrations
from moorings.client.nouns.keys import Keys
from moorings.client.nouns.server import ServerCalls
from moorings.client.nouns.slack import Slack
from moorings.client.nouns.telegram import Telegram
from moorings.client.nouns.tools import Tools
from moorings.client.nouns.vectorize import VectorizeCalls
from moorings.client.nouns.weaviate import WeaviateCalls
from moorings.client.operation import S
from moorings.client.retries import NEVER, Retries
from moorings.client.sending import AsyncSender, Sender, Server

URL = "MOORINGS_URL"
API_KEY = "MOORINGS_API_KEY"
DEFAULT_URL = "http://127.0.0.1:8700"
ANSWER_SECONDS = 30.0
PATIENT = Retries()


class _Nouns(Generic[S]):
    """The calls of a client."""

    def __init__(self, sender: S) -> None:
        self._sender = sender
        self.integrations = Integrations(sender)
        self.credentials = Credentials(sender)
        self.environments = Environments(sender)
        self.tools = Tools(sender)
        self.keys = Keys(sender)
        self.audit = Audit(sender)
        self.slack = Slack(sender)
        self.telegram = Telegram(sender)
        self.vectorize = VectorizeCalls(sender)
        self.weaviate = WeaviateCalls(sender)
        self.events = Events(sender)
        self.server = ServerCalls(sender)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._sender.server.url!r})"


class Moorings(_Nouns[Sender]):
    """Speaks to a server and waits for its answers; safe to share between threads, to be closed at the end.

    Address and key come from MOORINGS_URL and MOORINGS_API_KEY where they are not given. `timeout` is in seconds;
    `retries=None` sends every call once. A `transport` of your own brings proxies and certificates.
    """

    def __init__(
        self, base_url: str | None = None, api_key: str | SecretStr | None = None, *, timeout: float = ANSWER_SECONDS,
        retries: Retries | None = PATIENT, transport: httpx2.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        super().__init__(Sender(_server(base_url, api_key, timeout, retries), transport))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, call: Call[A]) -> A:
        """The answer to any call, made by hand."""
        return self._sender.send(call)

    def close(self) -> None:
        """Close all connections."""
        self._sender.close()


class AsyncMoorings(_Nouns[AsyncSender]):
    """The same as `Moorings`, awaited."""

    def __init__(
        self, base_url: str | None = None, api_key: str | SecretStr | None = None, *, timeout: float = ANSWER_SECONDS,
        retries: Retries | None = PATIENT, transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:  # fmt: skip
        super().__init__(AsyncSender(_server(base_url, api_key, timeout, retries), transport))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def send(self, call: Call[A]) -> A:
        """The answer to any call, made by hand."""
        return await self._sender.send(call)

    async def close(self) -> None:
        """Close all connections."""
        await self._sender.close()


def _server(base_url: str | None, api_key: str | SecretStr | None, timeout: float, retries: Retries | None) -> Server:
    key = api_key if api_key is not None else os.environ.get(API_KEY)
    if key is None:
        raise NotSent(f"An API key is wanted: give api_key, or set {API_KEY}.", "UNUSABLE_KEY")
    hidden = SecretStr(key) if isinstance(key, str) else key
    url = base_url or os.environ.get(URL) or DEFAULT_URL
    return Server(url, hidden, timeout, retries or NEVER)
