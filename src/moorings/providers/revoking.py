"""Tells a provider to revoke a credential, with the request that its manifest declares."""

from moorings.domain.integration import Integration
from moorings.domain.request_form import RequestForm
from moorings.domain.secret import SecretFields
from moorings.errors import CredentialsRejected, ProviderFailed
from moorings.providers.answers import find
from moorings.providers.declarative import DeclarativeVerifier
from moorings.providers.exchange import Exchange
from moorings.providers.request import build
from moorings.providers.transport import Reply, Transport


class DeclarativeRevoker:
    """See `moorings.providers.contract.Revoker`."""

    def __init__(
        self, transport: Transport, integration: Integration, form: RequestForm, upstream: str | None,
        exchange: Exchange | None, verifier: DeclarativeVerifier | None,
    ) -> None:  # fmt: skip
        self._transport, self._integration, self._form, self._upstream = transport, integration, form, upstream
        self._exchange, self._verifier, self._rules = exchange, verifier, integration.revoke

    async def revoke(self, fields: SecretFields) -> None:
        """See `Revoker.revoke`."""
        token = await self._exchange.token(fields) if self._exchange and self._form.authenticated else None
        request = build(self._integration, self._form, fields, upstream=self._upstream, token=token)
        reply = await self._transport.send(request)
        if self._confirms(reply):
            return
        if self._gone(reply):
            raise CredentialsRejected(f"{self._integration.name} no longer knows these credentials.")
        word = self._verifier.word(reply, fields) if self._verifier else None
        said = f"{reply.status} ({word})" if word else str(reply.status)
        raise ProviderFailed(f"{self._integration.name} answered {said} when it was told to revoke.")

    def _confirms(self, reply: Reply) -> bool:
        if reply.status not in self._rules.ok:
            return False
        return self._rules.confirmed is None or bool(find(self._rules.confirmed, reply.json()))

    def _gone(self, reply: Reply) -> bool:
        if self._rules.gone is not None:
            return bool(find(self._rules.gone, reply.json()))
        return self._verifier is not None and self._verifier.suspects(reply)
