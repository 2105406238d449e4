"""What a stand-in of a provider is: a name, the credentials it accepts, and an answer to every call."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Call:
    """A request as the provider would see it; `path` is relative to the integration's base address.

    Header names are lower-case; a query name holds all its values in their order.
    """

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True, slots=True)
class Heard:
    """What a listener on this machine said to something that a stand-in sent it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Outbound(Protocol):
    """A stand-in's way to whoever listens on this machine."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Heard:
        """What the listener says; raises `TimeoutError` or `ConnectionError` where nobody does."""
        ...

    async def rest(self, seconds: float) -> None:
        """Wait as long as the provider would, or shorter where the tests are in a hurry."""
        ...


Sequel = Callable[[Outbound], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider says; `body` is sent as JSON, or as it is where it is bytes.

    `then` is what the provider goes on to do once it has answered, such as telling a webhook.
    """

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    then: Sequel | None = None


class Emulator(Protocol):
    """A stand-in of one provider; each module of this package has one, called `EMULATOR`."""

    integration_id: str

    def credentials(self) -> Mapping[str, str]:
        """The only credential fields that are accepted from the start, each valid under its field's pattern."""
        ...

    def answer(self, call: Call) -> Answer:
        """What the provider would say: to the call that proves a key, to one with a wrong key, to an unknown path."""
        ...


@runtime_checkable
class Patient(Protocol):
    """A stand-in of a provider that lets some calls wait until there is something to tell."""

    async def wait(self, call: Call) -> Answer | None:
        """Return when the call can be answered; an answer says that it was broken off."""
        ...


@runtime_checkable
class Playable(Protocol):
    """A stand-in that also plays the people on the provider's side."""

    def play(self, call: Call) -> Answer:
        """What somebody does there, `path` names the deed; raises `NotFound`, `MethodNotAllowed` or `InvalidBody`."""
        ...
