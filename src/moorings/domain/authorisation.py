"""A person on the way to a provider's page, to let an app in, and back."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

AUTHORISED_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Who began it for which installation; it ends once, with the state whose hash this is, and in time."""

    state_hash: bytes
    owner: str
    actor: str
    installation_id: str
    redirect_url: str
    expires_at: datetime


def hash_of_state(state: str) -> bytes:
    """What is kept of a state."""
    return hashlib.sha256(state.encode(errors="surrogatepass")).digest()
