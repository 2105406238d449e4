"""What a call leaves of its quota, told in headers."""

from functools import lru_cache

from moorings.domain.quota import WINDOW, Taken

Headers = list[tuple[bytes, bytes]]


def headers(taken: Taken | None) -> Headers:
    """`RateLimit-*` of a limited call, as draft-ietf-httpapi-ratelimit-headers has them; none for an unlimited one."""
    if taken is None:
        return []
    limit, remaining, reset, _ = taken
    return [
        *_of_quota(limit),
        (b"ratelimit-remaining", b"%d" % remaining),
        (b"ratelimit-reset", b"%d" % reset),
    ]


@lru_cache(maxsize=4)
def _of_quota(limit: int) -> Headers:
    return [(b"ratelimit-limit", b"%d" % limit), (b"ratelimit-policy", b"%d;w=%d" % (limit, WINDOW))]
