"""What guards every answer and bounds every request's head.

A page of another origin can read nothing here, whatever it sends, unless the operator names it (see `sharing`).
"""

from collections.abc import Iterable

from moorings.asgi import Scope
from moorings.errors import HeadersTooLarge, UriTooLong

Headers = list[tuple[bytes, bytes]]

HEAD_LIMIT = 32 * 1024
URL_LIMIT = 16 * 1024

UNLESS_SAID: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
"""A page says for itself what it may load, and an answer with a tag who may keep it."""

OVER_TLS = (b"strict-transport-security", b"max-age=31536000")


def protected(own: Iterable[tuple[bytes, bytes]], *, tls: bool) -> Headers:
    """An answer's headers with those that guard it; `tls` is whether the world reaches us over TLS."""
    said = list(own)
    names = {name for name, _ in said}
    said += [pair for pair in UNLESS_SAID if pair[0] not in names]
    return [*said, OVER_TLS] if tls else said


def check_head(scope: Scope) -> None:
    """Raise `UriTooLong` or `HeadersTooLarge` for a request whose head is larger than any call needs."""
    if len(scope["path"]) + len(scope["query_string"]) > URL_LIMIT:
        raise UriTooLong(f"The path and query are longer than {URL_LIMIT} characters; no call needs that.")
    if sum([len(name) + len(value) for name, value in scope["headers"]]) > HEAD_LIMIT:
        raise HeadersTooLarge(f"The headers are larger than {HEAD_LIMIT} bytes; no call needs that.")
