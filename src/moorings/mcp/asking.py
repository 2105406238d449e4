"""Who speaks the Model Context Protocol to us, and which environment's tools he sees."""

from dataclasses import dataclass

from moorings.domain.caller import Caller
from moorings.domain.environment import Environment
from moorings.domain.secret import Secret

SCOPE = "moorings.mcp.asking"
"""Where it stands in an ASGI scope."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A caller, an environment, and the session that holds his messages together, None without one.

    The API key is kept for as long as a stream is open, so that its revocation ends the stream.
    """

    caller: Caller
    environment: Environment
    key: Secret
    session: str | None = None
