"""Which web pages of other origins may read what the API answers (CORS); nobody's, unless the operator names them.

A caller shows a key and no cookie, so that credentials in the browser's sense are never allowed.
"""

from collections.abc import Collection

from starlette.responses import Response

from moorings.asgi import Scope

Headers = list[tuple[bytes, bytes]]

SHARED = "/v1/"
"""Providers call `/hooks`, machines read `/metrics`, people open pages, and `/mcp` has a guard of its own."""

NO_CONTENT = 204
METHODS = b"GET, POST, PUT, PATCH, DELETE"
ASKED = b"authorization, content-type, idempotency-key, if-none-match"
READ = b"ETag, RateLimit-Limit, RateLimit-Policy, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Request-Id"
REMEMBERED_SECONDS = b"600"

VARIES = (b"vary", b"Origin")
PREFLIGHT = [
    (b"access-control-allow-methods", METHODS), (b"access-control-allow-headers", ASKED),
    (b"access-control-max-age", REMEMBERED_SECONDS),
]  # fmt: skip


class Sharing:
    """Answers for exact origins, as browsers say them."""

    def __init__(self, origins: Collection[str]) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)

    def headers(self, scope: Scope) -> Headers:
        """What an answer has besides: to whom it may be shown, and that another origin gets another answer."""
        if not self._origins or not scope["path"].startswith(SHARED):
            return []
        origin = _header(scope, b"origin")
        if origin not in self._origins:
            return [VARIES]
        return [VARIES, (b"access-control-allow-origin", origin), (b"access-control-expose-headers", READ)]

    def preflight(self, scope: Scope) -> Response | None:
        """The answer to a browser that asks beforehand, for a page that may call; None for anything else."""
        asks = scope["method"] == "OPTIONS" and _header(scope, b"access-control-request-method")
        if not asks or not scope["path"].startswith(SHARED) or _header(scope, b"origin") not in self._origins:
            return None
        response = Response(status_code=NO_CONTENT)
        response.raw_headers = list(PREFLIGHT)
        return response


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")
