"""What a provider's adapter may be asked to do; one Protocol per ability."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from moorings.domain.credential import Verification
from moorings.domain.run import Run
from moorings.domain.secret import SecretFields
from moorings.domain.tool import Tool


class Verifier(Protocol):
    """Proves credentials by asking their provider."""

    async def verify(self, fields: SecretFields) -> Verification:
        """Return what the provider says we are.

        Raises `CredentialsRejected` when it says no, `ProviderFailed` or `ProviderTimeout` when it cannot be asked.
        """
        ...


class ToolRunner(Protocol):
    """Uses credentials for a tool, and hands out what comes back without them."""

    async def run(self, tool: Tool, fields: SecretFields, parameters: Mapping[str, Any]) -> Run:
        """Return the provider's answer, a refusal included; `parameters` follow the tool's schema.

        Raises `InvalidRequest` for a value that would leave its place in the request, `CredentialsRejected` when the
        credentials are no longer exchanged for a token, `ProviderFailed` or `ProviderTimeout` when there is no answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class Provider:
    """What can be asked of one provider; None where it has no such ability."""

    verifier: Verifier | None
    runner: ToolRunner | None
