"""Ids: a prefix that tells the kind, an underscore and a lower-case ULID."""

import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
ULID_LENGTH = 26
RANDOM_BITS = 80

Clock = Callable[[], datetime]
RandomBits = Callable[[int], int]

INSTALLATION, OWNER, KEY, REQUEST, OWNER_KEY, MANAGED, EVENT = "intg", "org", "key", "req", "okey", "tmb", "evt"
VECTORIZE_CONFIG, WEAVIATE_CONFIG = "vec", "wev"

_EPOCH, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
_PAIRS = [first + second for first in CROCKFORD for second in CROCKFORD]
_SHAPE = re.compile(r"[a-z]{2,8}_[0-9a-hjkmnp-tv-z]{26}")


def new_id(prefix: str, now: datetime, random_bits: RandomBits = secrets.randbits) -> str:
    """A new id: 48 bits of milliseconds and 80 random bits, sortable by time (https://github.com/ulid/spec)."""
    number = ((now - _EPOCH) // _MILLISECOND << RANDOM_BITS) | random_bits(RANDOM_BITS)
    return f"{prefix}_{_base32(number)}"


def is_id(text: str, prefix: str) -> bool:
    """Whether the text has the shape of an id of this kind."""
    return text.startswith(f"{prefix}_") and _SHAPE.fullmatch(text) is not None


def _base32(number: int) -> str:
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(5 * (ULID_LENGTH - 2), -1, -10)])
