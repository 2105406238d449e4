"""OpenAI's list of models, as its published document and its page of error codes describe it."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "openai"
KEY = "sk-proj-emulated0000000000000000openai"
ORGANIZATION = "org-emulated"
MODELS = {
    "object": "list",
    "data": [{"id": "gpt-emulated", "object": "model", "created": 1767225600, "owned_by": "system"}],
}
INVALID = "invalid_request_error"
SCOPES = (
    "You have insufficient permissions for this operation. Missing scopes: api.model.read. Check that you have the "
    "correct role in your organization (Reader, Writer, Owner) and project (Member, Owner), and if you're using a "
    "restricted API key, that it has the necessary scopes."
)
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, message: str, kind: str = INVALID, code: str | None = None) -> Answer:
    """The usual shape of an error."""
    return Answer(status, {"error": {"message": message, "type": kind, "param": None, "code": code}})


REFUSED = refusal(
    HTTPStatus.UNAUTHORIZED,
    "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.",
    code="invalid_api_key",
)
MISSING = refusal(
    HTTPStatus.UNAUTHORIZED,
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
    "(i.e. Authorization: Bearer YOUR_KEY).",
)
MISMATCHED = refusal(
    HTTPStatus.UNAUTHORIZED,
    "OpenAI-Organization header should match organization for API key",
    code="mismatched_organization",
)

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a list of models", Answer(HTTPStatus.OK, MODELS), "works"),
    ("a restricted key", refusal(HTTPStatus.UNAUTHORIZED, SCOPES), "works"),
    ("a restricted key, told by 403", refusal(HTTPStatus.FORBIDDEN, SCOPES), "works"),
    ("a restricted key, told in a text", Answer(HTTPStatus.FORBIDDEN, {"error": SCOPES}), "works"),
    (
        "no quota left",
        refusal(
            HTTPStatus.TOO_MANY_REQUESTS,
            "You exceeded your current quota, please check your plan and billing details.",
            "insufficient_quota",
            "insufficient_quota",
        ),
        "works",
    ),
    (
        "no credit left",
        refusal(
            HTTPStatus.TOO_MANY_REQUESTS,
            "Your organization has no prepaid credits remaining.",
            "insufficient_quota",
            "credit_balance_exhausted",
        ),
        "works",
    ),
    ("a wrong key", REFUSED, "rejected"),
    ("no key", MISSING, "rejected"),
    ("a key of another organization", MISMATCHED, "rejected"),
    (
        "a key without an organization",
        refusal(
            HTTPStatus.UNAUTHORIZED,
            "You must be a member of an organization to use the API.",
            code="no_organization",
        ),
        "rejected",
    ),
    (
        "an address that is not permitted",
        refusal(HTTPStatus.UNAUTHORIZED, "IP not authorized: your request IP does not match the configured allowlist."),
        "unavailable",
    ),
    (
        "a country that is not served",
        refusal(
            HTTPStatus.FORBIDDEN,
            "Country, region, or territory not supported",
            "request_forbidden",
            "unsupported_country_region_territory",
        ),
        "unavailable",
    ),
    (
        "too many calls",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "Rate limit reached for requests", "requests", "rate_limit_exceeded"),
        "unavailable",
    ),
    (
        "a fault",
        refusal(
            HTTPStatus.INTERNAL_SERVER_ERROR, "The server had an error while processing your request", "server_error"
        ),
        "unavailable",
    ),
    ("a page of a proxy", PAGE, "unavailable"),
)


class OpenAI:
    """Accepts one key of one organization; all else is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if problem := _stranger(call.headers):
            return problem
        if (call.method, call.path) == ("GET", "/models"):
            return Answer(HTTPStatus.OK, MODELS)
        return sampled(ID, call) or refusal(HTTPStatus.NOT_FOUND, f"Invalid URL ({call.method} /v1{call.path})")


def _stranger(headers: Mapping[str, str]) -> Answer | None:
    if not headers.get("authorization", "").startswith("Bearer "):
        return MISSING
    if headers["authorization"] != f"Bearer {KEY}":
        return REFUSED
    return None if headers.get("openai-organization") in (None, ORGANIZATION) else MISMATCHED


EMULATOR = OpenAI()
