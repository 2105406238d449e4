"""The user's own program at a forward address: what is passed on to it is signed by the Standard Webhooks scheme.

https://www.standardwebhooks.com; nothing of its answer is kept but the status.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from moorings.domain.secret import Secret
from moorings.errors import AddressRefused, ProviderFailed, ProviderTimeout
from moorings.providers.guard import Guard
from moorings.providers.request import PreparedRequest
from moorings.providers.transport import Reply, Transport

ANSWER_LIMIT = 1_024
LONGEST_WAIT = 3_600


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a program has taken what it was sent; `error` is a word for why it has not, `retry_after` in seconds."""

    status: int | None
    error: str | None
    retry_after: int = 0

    @property
    def gone(self) -> bool:
        """Whether it wants to be sent nothing any more."""
        return self.status == HTTPStatus.GONE


class Receiver:
    """Sends to forward addresses, through the address guard; no redirect is followed."""

    def __init__(self, transport: Transport, guard: Guard, seconds: float) -> None:
        self._transport, self._guard, self._seconds = transport, guard, seconds

    def check(self, url: str) -> None:
        """Raise `AddressRefused` for an address that can never be sent to; where a name leads is judged when it is."""
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            raise AddressRefused("The address is not a URL that can be called.") from None
        self._guard.check_written(parts.scheme, host)

    async def send(self, url: str, message: str, body: str, sent: datetime, secrets: Sequence[Secret]) -> Receipt:
        """Post a message once; one signature for each secret, so that a program may change to a new one in peace."""
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message,
            "webhook-timestamp": str(int(sent.timestamp())),
            "webhook-signature": " ".join(Webhook(each.reveal()).sign(message, sent, body) for each in secrets),
        }
        request = PreparedRequest("POST", url, headers, body.encode(), frozenset({urlsplit(url).hostname or ""}))
        try:
            reply = await self._transport.send(request, seconds=self._seconds, may_cut=ANSWER_LIMIT)
        except AddressRefused:
            return Receipt(None, "ADDRESS_REFUSED")
        except ProviderTimeout:
            return Receipt(None, "TIMEOUT")
        except ProviderFailed:
            return Receipt(None, "UNREACHABLE")
        return Receipt(reply.status, _word(reply.status), _wait(reply))


def _word(status: int) -> str | None:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    return "REDIRECTED" if status < HTTPStatus.BAD_REQUEST else "REFUSED"


def _wait(reply: Reply) -> int:
    given = reply.headers.get("retry-after", "")
    return min(int(given), LONGEST_WAIT) if given.isascii() and given.isdigit() and len(given) < len("100000") else 0
