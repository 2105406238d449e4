"""Exchanges credentials for the short-lived access token that some providers want, and remembers it in memory only."""

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moorings.domain.integration import Integration
from moorings.domain.request_form import TokenForm
from moorings.domain.secret import Secret, SecretFields
from moorings.errors import CredentialsRejected, ProviderFailed
from moorings.providers.answers import find
from moorings.providers.request import build
from moorings.providers.transport import Reply, Transport

KEPT = 1_024
LONGEST_SECONDS = 86_400
"""A token is renewed once a day even where its provider promises it for longer, or for ever."""
MARGIN_SECONDS = 60.0
"""A token is renewed this long before its end, so that none dies on its way."""

_TOKEN = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class _Token:
    value: Secret
    until: float


class Exchange:
    """Access tokens of one integration; `clock` counts seconds and never goes back."""

    def __init__(
        self, transport: Transport, integration: Integration, form: TokenForm, upstream: str | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._transport, self._integration, self._form, self._upstream = transport, integration, form, upstream
        self._clock = clock
        self._tokens: dict[bytes, _Token] = {}
        self._asking: dict[bytes, asyncio.Task[_Token]] = {}

    async def token(self, fields: SecretFields) -> Secret:
        """The access token of these credentials, an earlier one while it lives.

        Raises `CredentialsRejected` when the provider says no, `ProviderFailed` when it cannot be asked.
        """
        if self._form.given and self._form.given in fields:
            return fields[self._form.given]
        name = _fingerprint(fields)
        known = self._tokens.get(name)
        if known is None or known.until <= self._clock():
            known = await asyncio.shield(self._asking.get(name) or self._begun(name, fields))
        return known.value

    def forget(self, fields: SecretFields, token: Secret | None = None) -> None:
        """Ask anew next time: the provider no longer takes this token; one that came since is kept."""
        known = self._tokens.get(name := _fingerprint(fields))
        if known and (token is None or known.value == token):
            del self._tokens[name]

    async def ask(self, fields: SecretFields) -> Reply:
        """The provider's answer to the exchange, whatever it is."""
        form = self._form
        request = build(self._integration, form.request, fields, upstream=self._upstream, basic=form.basic)
        return await self._transport.send(request)

    def _begun(self, name: bytes, fields: SecretFields) -> asyncio.Task[_Token]:
        """Calls that need a token at the same time share one exchange, which outlives whoever began it."""
        task = self._asking[name] = asyncio.ensure_future(self._exchanged(name, fields))
        task.add_done_callback(lambda done: self._ended(name, done))
        return task

    def _ended(self, name: bytes, task: asyncio.Task[_Token]) -> None:
        del self._asking[name]
        if not task.cancelled():
            task.exception()  # whoever waited has it; where nobody did, it is of no interest

    async def _exchanged(self, name: bytes, fields: SecretFields) -> _Token:
        token = self._read(await self.ask(fields))
        self._remember(name, token)
        return token

    def _read(self, reply: Reply) -> _Token:
        body = reply.json()
        if reply.status in self._form.rejected and self._says_so(body):
            raise CredentialsRejected(
                f"{self._integration.name} no longer exchanges these credentials for an access token; renew them."
            )
        value, seconds = find(self._form.token, body), find(self._form.expires_in, body)
        if not isinstance(value, str) or not _TOKEN.fullmatch(value):
            raise ProviderFailed(
                f"{self._integration.name} gave no access token: it answered {reply.status}. Try again later."
            )
        lifetime = max(0, min(seconds, LONGEST_SECONDS)) if isinstance(seconds, int | float) else 0
        return _Token(Secret(value), self._clock() + lifetime - MARGIN_SECONDS)

    def _says_so(self, body: Any) -> bool:
        return not self._form.words or find(self._form.error, body) in self._form.words

    def _remember(self, name: bytes, token: _Token) -> None:
        if len(self._tokens) >= KEPT:
            del self._tokens[next(iter(self._tokens))]
        self._tokens[name] = token


def _fingerprint(fields: SecretFields) -> bytes:
    plain = {name: fields[name].reveal() for name in sorted(fields)}
    return hashlib.sha256(json.dumps(plain).encode()).digest()
