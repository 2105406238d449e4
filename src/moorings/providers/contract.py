"""What a provider's adapter may be asked to do; one Protocol per ability."""

from typing import Protocol

from moorings.domain.credential import Verification
from moorings.domain.secret import SecretFields


class Verifier(Protocol):
    """Proves credentials by asking their provider."""

    async def verify(self, fields: SecretFields) -> Verification:
        """Return what the provider says we are.

        Raises `CredentialsRejected` when it says no, `ProviderFailed` or `ProviderTimeout` when it cannot be asked.
        """
        ...
