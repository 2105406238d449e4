"""API keys: `mrg_`, thirty random base62 characters and a checksum of six.

The prefix lets secret scanners recognise one; the checksum finds a typo before any database is asked.
"""

import hashlib
import string
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from moorings.domain.caller import Caller, Network, Scope

PREFIX = "mrg_"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
BODY_LENGTH = 30
CHECKSUM_LENGTH = 6
LENGTH = len(PREFIX) + BODY_LENGTH + CHECKSUM_LENGTH


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept: its hash, what it may do, and what may be shown of it.

    `replaced_by` is a key's id; `problem` is why its row cannot be read, and then it is good for nothing.
    """

    id: str
    owner: str
    name: str
    hash: bytes
    preview: str
    scopes: frozenset[Scope]
    created_at: datetime
    environments: frozenset[str] | None = None
    networks: tuple[Network, ...] | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    replaced_by: str | None = None
    problem: str | None = None

    def ended(self, now: datetime) -> bool:
        """Whether it was revoked, its time is over, or it cannot be read."""
        over = self.expires_at is not None and self.expires_at <= now
        return over or self.revoked_at is not None or self.problem is not None

    def caller(self) -> Caller:
        """Whoever presents this key."""
        return Caller(self.id, self.owner, self.scopes, self.environments, self.networks, self.expires_at)


def new_token(choose: Callable[[str], str]) -> str:
    """A fresh key; `choose` draws one character, as `secrets.choice` does."""
    body = PREFIX + "".join(choose(ALPHABET) for _ in range(BODY_LENGTH))
    return body + checksum(body)


def well_formed(token: str) -> bool:
    """Whether a text has the shape of a key and its checksum is right."""
    if len(token) != LENGTH or not token.startswith(PREFIX) or not token.isascii():
        return False
    return checksum(token[:-CHECKSUM_LENGTH]) == token[-CHECKSUM_LENGTH:]


def checksum(body: str) -> str:
    """CRC-32 of the key's first part in six base62 characters, as GitHub's tokens have it."""
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        digits = ALPHABET[rest] + digits
    return digits


def hash_of(token: str) -> bytes:
    """What is stored and looked up. A key has 178 random bits, so that a slow hash would protect nothing more."""
    return hashlib.sha256(token.encode()).digest()


def preview_of(token: str) -> str:
    """What may be shown of a key."""
    return f"{PREFIX}…{token[-4:]}"
