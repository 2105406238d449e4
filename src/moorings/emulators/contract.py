"""What a stand-in of a provider is: a name, the credentials it accepts, and an answer to every call."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


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
class Answer:
    """What the provider says; `body` is sent as JSON, or as it is where it is bytes."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Emulator(Protocol):
    """A stand-in of one provider; each module of this package has one, called `EMULATOR`."""

    integration_id: str

    def credentials(self) -> Mapping[str, str]:
        """The only credential fields that are accepted, each valid under its field's pattern."""
        ...

    def answer(self, call: Call) -> Answer:
        """What the provider would say: to the call that proves a key, to one with a wrong key, to an unknown path."""
        ...
