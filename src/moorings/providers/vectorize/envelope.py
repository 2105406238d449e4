"""What Cloudflare's API answers: an envelope whose `success` decides, and numbered errors that say why not.

https://developers.cloudflare.com/api/, and the codes as public records of live answers tell them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from moorings.errors import (
    CredentialsRejected,
    Detail,
    IndexExists,
    IndexNotFound,
    InvalidRequest,
    MooringsError,
    ProviderFailed,
)
from moorings.providers.transport import Reply

NO_INDEX, DUPLICATE, NOT_ENTITLED = 3000, 3002, 1005
UNKNOWN_TOKEN, MALFORMED_HEADER, INVALID_TOKEN = 9109, 6003, 1000
MAY_NOT = 10000
"""Also the code of a *good* token's message: it means a refusal only among the errors of a call that failed."""

ELSEWHERE = "from location"
NOT_PLANNED = "The token is good, but the plan of this Cloudflare account does not include Vectorize."
ROUTE_CODES = frozenset({7000, 7003})


def result_of(reply: Reply) -> Any:
    """What stands in a good answer; raises what a refusal means."""
    body = reply.json()
    if not isinstance(body, dict) or not isinstance(body.get("success"), bool):
        raise ProviderFailed(f"Cloudflare answered {reply.status}, but not in its documented form; try again later.")
    if body["success"] and reply.status == HTTPStatus.OK:
        return body.get("result")
    raise refusal(Told(reply.status, tuple(_errors(body))))


@dataclass(frozen=True, slots=True)
class Told:
    """A refusal as Cloudflare tells it: the HTTP status, and its own numbers with their words."""

    status: int
    errors: Sequence[tuple[int, str]]

    @property
    def codes(self) -> frozenset[int]:
        """The numbers."""
        return frozenset(code for code, _ in self.errors)

    def has(self, *codes: int) -> bool:
        """Whether one of these numbers is among them."""
        return not self.codes.isdisjoint(codes)


Meaning = tuple[Callable[[Told], bool], type[MooringsError], str]

MEANINGS: Sequence[Meaning] = (
    (
        lambda told: told.status == HTTPStatus.TOO_MANY_REQUESTS or told.status >= HTTPStatus.INTERNAL_SERVER_ERROR,
        ProviderFailed, "Cloudflare cannot answer this now; try again later.",
    ),
    (
        lambda told: told.has(DUPLICATE),
        IndexExists, "The account has an index of this name already; choose another name.",
    ),
    (lambda told: told.has(NO_INDEX), IndexNotFound, "The account has no index of this name."),
    (lambda told: told.has(NOT_ENTITLED), InvalidRequest, NOT_PLANNED),
    (
        lambda told: any(code == UNKNOWN_TOKEN and ELSEWHERE in words for code, words in told.errors),
        ProviderFailed,
        "The token is limited to other IP addresses than that of this server; change its client IP address filter.",
    ),
    (
        lambda told: told.status == HTTPStatus.UNAUTHORIZED
        or told.has(UNKNOWN_TOKEN, MALFORMED_HEADER, INVALID_TOKEN, MAY_NOT),
        CredentialsRejected, "Cloudflare does not accept this API token for this account.",
    ),
    (
        lambda told: told.has(*ROUTE_CODES),
        InvalidRequest, "Cloudflare does not know this account; check the account id.",
    ),
    (
        lambda told: told.status < HTTPStatus.BAD_REQUEST or not told.codes,
        ProviderFailed, "Cloudflare refused this without saying why; try again later.",
    ),
)  # fmt: skip
"""The first that fits counts."""


def refusal(told: Told) -> MooringsError:
    """What a refusal means for us; its own words are not repeated, only its numbers."""
    details = [Detail("provider", str(code)) for code in sorted(told.codes)]
    for fits, kind, message in MEANINGS:
        if fits(told):
            return kind(message, details)
    return InvalidRequest("Cloudflare refused this; the details hold its own error code.", details)


def _errors(body: dict[str, Any]) -> Iterator[tuple[int, str]]:
    found = body.get("errors")
    for error in found if isinstance(found, list) else []:
        if isinstance(error, dict) and isinstance(error.get("code"), int):
            yield error["code"], str(error.get("message", ""))
