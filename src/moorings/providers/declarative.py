"""Proves credentials by the form that a manifest declares; enough for nearly every provider."""

import re
from typing import Any

from moorings.domain.credential import Account, Verification
from moorings.domain.integration import Integration
from moorings.domain.request_form import Outcome, Rule, VerifyForm
from moorings.domain.secret import SecretFields
from moorings.errors import CredentialsRejected, Detail, ProviderFailed
from moorings.providers.answers import find
from moorings.providers.exchange import Exchange
from moorings.providers.request import build
from moorings.providers.scrubbing import Scrubber
from moorings.providers.transport import Reply, Transport

LONGEST_NAME = 200
"""How many characters of what a provider calls an account are kept."""
_WORD = re.compile(r"[A-Za-z0-9_.: -]{1,80}")


class DeclarativeVerifier:
    """Asks the provider with the manifest's request and reads the answer by the manifest's rules."""

    def __init__(
        self, transport: Transport, integration: Integration, upstream: str | None = None,
        exchange: Exchange | None = None,
    ) -> None:  # fmt: skip
        if integration.verify is None:
            raise ValueError(f"{integration.id} declares no way to verify")
        self._transport, self._integration, self._upstream = transport, integration, upstream
        self._form: VerifyForm = integration.verify
        token = integration.auth.token
        self._exchange = exchange or (Exchange(transport, integration, token, upstream) if token else None)

    async def verify(self, fields: SecretFields) -> Verification:
        """See `Verifier.verify`."""
        verification, _ = await self.proven(fields)
        return verification

    async def proven(self, fields: SecretFields) -> tuple[Verification, Any]:
        """The same with the provider's whole answer, for an adapter that needs more of it."""
        reply = await self._ask(fields)
        return self._read(reply, fields), reply.json()

    def suspects(self, reply: Reply) -> bool:
        """Whether an answer to any request speaks of dead credentials, so that they are worth proving again."""
        rule = self._rule(reply.status, reply.json())
        return (rule.outcome if rule else self._by_status(reply.status)) is Outcome.REJECTED

    def word(self, reply: Reply, fields: SecretFields) -> str | None:
        """The provider's own error word in an answer to any request."""
        return next((detail.message for detail in self._word(reply.json(), fields)), None)

    async def _ask(self, fields: SecretFields) -> Reply:
        """With a token exchanged for the purpose: one that is remembered would prove yesterday's credentials."""
        if self._form.request is None:
            if self._exchange is None:
                raise ValueError(f"{self._integration.id} declares neither a request nor an exchange to verify with")
            return await self._exchange.ask(fields)
        token = None
        if self._exchange:
            self._exchange.forget(fields)
            token = await self._exchange.token(fields)
        request = build(self._integration, self._form.request, fields, upstream=self._upstream, token=token)
        return await self._transport.send(request)

    def _read(self, reply: Reply, fields: SecretFields) -> Verification:
        body = reply.json()
        rule = self._rule(reply.status, body)
        match rule.outcome if rule else self._by_status(reply.status):
            case Outcome.WORKS:
                return Verification(self._account(body, fields), rule.note if rule else None)
            case Outcome.REJECTED:
                raise CredentialsRejected(self._refusal(rule), self._word(body, fields))
            case Outcome.UNAVAILABLE:
                raise ProviderFailed(self._outage(reply.status, rule), self._word(body, fields))
        return self._checked(reply.status, body, fields)

    def _rule(self, status: int, body: Any) -> Rule | None:
        return next((rule for rule in self._form.rules if _applies(rule, status, body)), None)

    def _by_status(self, status: int) -> Outcome | None:
        if status in self._form.rejected:
            return Outcome.REJECTED
        return None if status in self._form.ok else Outcome.UNAVAILABLE

    def _checked(self, status: int, body: Any, fields: SecretFields) -> Verification:
        """A status alone proves nothing: a captive portal or a proxy answers 200 too."""
        if find(self._form.expect, body) is None:
            raise ProviderFailed(
                f"{self._integration.name} answered {status}, but not in the documented form; nothing was stored."
            )
        return Verification(self._account(body, fields))

    def _account(self, body: Any, fields: SecretFields) -> Account | None:
        secret = [field.name for field in self._integration.fields if field.secret and field.name in fields]
        scrubber = Scrubber(fields[name].reveal() for name in secret)
        found = find(self._form.account_id, body), find(self._form.account_label, body)
        account_id, label = (_shown(value, scrubber) for value in found)
        return Account(account_id, label) if account_id or label else None

    def _refusal(self, rule: Rule | None) -> str:
        note = f" {rule.note}" if rule and rule.note else " Check that it was copied whole and is still active."
        return f"{self._integration.name} does not accept these credentials.{note}"

    def _outage(self, status: int, rule: Rule | None) -> str:
        note = f" {rule.note}" if rule and rule.note else " Try again later, or save with verify set to false."
        return f"{self._integration.name} could not check the credentials: it answered {status}.{note}"

    def _word(self, body: Any, fields: SecretFields) -> list[Detail]:
        """The provider's own error word, unless it is long, odd, or repeats a part of a secret."""
        word = find(self._form.error, body)
        if not isinstance(word, str | int) or not _WORD.fullmatch(text := str(word)):
            return []
        if any(_overlaps(text, secret.reveal()) for secret in fields.values()):
            return []
        return [Detail("provider", text)]


def _applies(rule: Rule, status: int, body: Any) -> bool:
    if rule.status and status not in rule.status:
        return False
    if rule.at is None:
        return True
    text = str(find(rule.at, body) or "").casefold()
    if rule.equals or rule.contains:
        exact = any(text == word.casefold() for word in rule.equals)
        return exact or any(word.casefold() in text for word in rule.contains)
    return bool(text)


def _shown(value: Any, scrubber: Scrubber) -> str | None:
    """What is stored and shown in the open: no echo of a secret, nothing that a database cannot hold, and no novel."""
    if not isinstance(value, str | int):
        return None
    text = scrubber.text(str(value))
    return "".join(sign for sign in text[:LONGEST_NAME] if sign.isprintable()) or None


def _overlaps(text: str, secret: str, length: int = 8) -> bool:
    return any(secret[start : start + length] in text for start in range(max(1, len(secret) - length + 1)))
