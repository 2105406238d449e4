"""Every error the client raises, in one tree.

ClientError
├── NotSent ............... the call was not sent: an address, a key or an id that can be none
├── Unreachable ........... no server answered, or not in time
├── NotUnderstood ......... what answered is no Moorings server, or speaks otherwise
└── Refused ............... the server's own answer, with its status
    ├── InvalidCall ....... 400
    ├── Unauthenticated ... 401
    ├── Forbidden ......... 403
    ├── NotFound .......... 404
    ├── Conflict .......... 409
    ├── TooManyCalls ...... 429
    ├── ProviderFailed .... 502, 504  a third party failed
    └── ServerFailed ...... 5xx

None of them holds a key, or a value that was sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

SERVER_FAULT = 500
_GATEWAY = (502, 504)
_OF_PROVIDERS = "PROVIDER_"


@dataclass(frozen=True, slots=True)
class Detail:
    """One place in a call and what is wrong with it; never the value that stood there."""

    field: str
    message: str


class ClientError(Exception):
    """The root: a sentence, a code, and of an answer its status, details, request id and wished-for wait in seconds."""

    def __init__(
        self, message: str, code: str = "UNKNOWN", status: int | None = None, details: Sequence[Detail] = (),
        request_id: str | None = None, retry_after: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.message, self.code, self.status, self.details = message, code, status, tuple(details)
        self.request_id, self.retry_after = request_id, retry_after


class NotSent(ClientError):
    """The call was not sent: the address, the key or an id can be none."""


class Unreachable(ClientError):
    """No server answered, or not in time; `broken` says that the connection failed or broke off."""

    def __init__(self, message: str, code: str = "UNREACHABLE", *, broken: bool = True) -> None:
        super().__init__(message, code)
        self.broken = broken


class NotUnderstood(ClientError):
    """What answered is no Moorings server, or one that speaks otherwise."""


class Refused(ClientError):
    """The server's own answer that it does not do it."""


class InvalidCall(Refused):
    """Something in the call is not right; `details` names each place."""


class Unauthenticated(Refused):
    """The API key is not one that the server knows."""


class Forbidden(Refused):
    """The key may not do this; the message names what is missing."""


class NotFound(Refused):
    """There is no such thing, or it is another owner's."""


class Conflict(Refused):
    """The call does not fit the present state, or its idempotency key was used for another call."""


class TooManyCalls(Refused):
    """Calls come too fast; `retry_after` says how long to wait."""


class ServerFailed(Refused):
    """The server failed, or what stands before it."""


class ProviderFailed(ServerFailed):
    """A third party failed, or did not answer in time."""


_BY_STATUS: dict[int, type[Refused]] = {
    400: InvalidCall, 401: Unauthenticated, 403: Forbidden, 404: NotFound, 409: Conflict, 429: TooManyCalls,
}  # fmt: skip


def refusal(status: int, code: str) -> type[Refused]:
    """The kind of error for an answer."""
    if status in _GATEWAY and code.startswith(_OF_PROVIDERS):
        return ProviderFailed
    return ServerFailed if status >= SERVER_FAULT else _BY_STATUS.get(status, Refused)
