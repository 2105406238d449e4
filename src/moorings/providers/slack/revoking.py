"""Ends a bot's token at Slack, and with it whatever its refresh token is still good for."""

from moorings.domain.secret import Secret, SecretFields
from moorings.errors import CredentialsRejected
from moorings.providers.contract import Messenger, Revoker

TOKEN, REFRESH_TOKEN, CLIENT = "botToken", "refreshToken", ("clientId", "clientSecret")


class SlackRevoker:
    """See `moorings.providers.contract.Revoker`; `declared` ends one token.

    A rotating app's token may have expired while its refresh token lives. That one is good once: it is used up for a
    last token, which is ended too. Should we be killed between the two, nobody holds that token, and it ends in hours.
    """

    def __init__(self, declared: Revoker, messenger: Messenger) -> None:
        self._declared, self._messenger = declared, messenger

    async def revoke(self, fields: SecretFields) -> None:
        """See `Revoker.revoke`."""
        known = await self._ended(fields[TOKEN])
        last = await self._last(fields)
        if last is not None:
            await self._ended(last)
        elif not known:
            raise CredentialsRejected("Slack no longer knows this token.")

    async def _ended(self, token: Secret) -> bool:
        """Whether there was still something to end."""
        try:
            await self._declared.revoke({TOKEN: token})
        except CredentialsRejected:
            return False
        return True

    async def _last(self, fields: SecretFields) -> Secret | None:
        if REFRESH_TOKEN not in fields:
            return None
        client_id, client_secret = (fields[name] for name in CLIENT)
        try:
            return (await self._messenger.refresh(client_id, client_secret, fields[REFRESH_TOKEN])).token
        except CredentialsRejected:
            return None
