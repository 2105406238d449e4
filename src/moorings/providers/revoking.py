"""Tells a provider to revoke a credential, with the request that its manifest declares."""

from moorings.domain.integration import Integration
from moorings.domain.request_form import RequestForm
from moorings.domain.secret import SecretFields
from moorings.errors import CredentialsRejected, ProviderFailed
from moorings.providers.declarative import DeclarativeVerifier
from moorings.providers.exchange import Exchange
from moorings.providers.request import build
from moorings.providers.transport import Transport


class DeclarativeRevoker:
    """See `moorings.providers.contract.Revoker`."""

    def __init__(
        self, transport: Transport, integration: Integration, form: RequestForm, upstream: str | None,
        exchange: Exchange | None, verifier: DeclarativeVerifier | None,
    ) -> None:  # fmt: skip
        self._transport, self._integration, self._form, self._upstream = transport, integration, form, upstream
        self._exchange, self._verifier = exchange, verifier

    async def revoke(self, fields: SecretFields) -> None:
        """See `Revoker.revoke`."""
        token = await self._exchange.token(fields) if self._exchange and self._form.authenticated else None
        request = build(self._integration, self._form, fields, upstream=self._upstream, token=token)
        reply = await self._transport.send(request)
        if reply.status in self._integration.revoke.ok:
            return
        if self._verifier is not None and self._verifier.suspects(reply):
            raise CredentialsRejected(f"{self._integration.name} no longer knows these credentials.")
        raise ProviderFailed(f"{self._integration.name} answered {reply.status} when it was told to revoke.")
