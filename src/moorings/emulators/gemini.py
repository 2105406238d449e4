"""Gemini's list of models, as Google's discovery document, its list of error reasons and public reports describe it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "gemini"
KEY = "AQ.emulated0000000000000000gemini"
SERVICE = "generativelanguage.googleapis.com"
ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
MODELS = {
    "models": [
        {
            "name": "models/gemini-emulated",
            "version": "001",
            "displayName": "Gemini Emulated",
            "inputTokenLimit": 1048576,
            "outputTokenLimit": 65536,
            "supportedGenerationMethods": ["generateContent", "countTokens"],
        }
    ],
    "nextPageToken": "ZW11bGF0ZWQ=",
}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, word: str, message: str, reason: str | None = None) -> Answer:
    """The one shape of all errors; the reason stands in the details where there is one."""
    error: dict[str, Any] = {"code": status.value, "message": message, "status": word}
    if reason:
        info = {"@type": ERROR_INFO, "reason": reason, "domain": "googleapis.com", "metadata": {"service": SERVICE}}
        error |= {"details": [info, {"@type": "type.googleapis.com/google.rpc.LocalizedMessage", "message": message}]}
    return Answer(status, {"error": error})


def denied(message: str, reason: str | None = None) -> Answer:
    """What is wrong with a key's project or restrictions."""
    return refusal(HTTPStatus.FORBIDDEN, "PERMISSION_DENIED", message, reason)


REFUSED = refusal(
    HTTPStatus.BAD_REQUEST,
    "INVALID_ARGUMENT",
    "API key not valid. Please pass a valid API key.",
    "API_KEY_INVALID",
)
UNSUPPORTED = refusal(
    HTTPStatus.UNAUTHORIZED,
    "UNAUTHENTICATED",
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential.",
    "ACCESS_TOKEN_TYPE_UNSUPPORTED",
)
BLOCKED = (
    f"Requests to this API {SERVICE} method google.ai.generativelanguage.v1beta.ModelService.ListModels are blocked."
)

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a list of models", Answer(HTTPStatus.OK, MODELS), "works"),
    ("a wrong key, told by 400", REFUSED, "rejected"),
    ("a key that is not whole, told by 401", UNSUPPORTED, "rejected"),
    (
        "a key of another kind",
        refusal(HTTPStatus.UNAUTHORIZED, "UNAUTHENTICATED", "API keys are not supported by this API."),
        "rejected",
    ),
    ("a key that leaves out this API", denied(BLOCKED, "API_KEY_SERVICE_BLOCKED"), "rejected"),
    (
        "a project without this API",
        denied("Generative Language API has not been used in project 1 before or it is disabled.", "SERVICE_DISABLED"),
        "rejected",
    ),
    (
        "a suspended project",
        denied("Permission denied: Consumer has been suspended.", "CONSUMER_SUSPENDED"),
        "rejected",
    ),
    ("a deleted project", denied("Permission denied.", "CONSUMER_INVALID"), "rejected"),
    (
        "a key for websites",
        denied("Requests from referer <empty> are blocked.", "API_KEY_HTTP_REFERRER_BLOCKED"),
        "rejected",
    ),
    ("a leaked key", denied("Your API key was reported as leaked. Please use another API key."), "rejected"),
    (
        "a key for other addresses",
        denied("The provided API key has an IP address restriction.", "API_KEY_IP_ADDRESS_BLOCKED"),
        "unavailable",
    ),
    ("a refusal that says nothing of the key", denied("The caller does not have permission"), "unavailable"),
    (
        "a country that is not served, told by 400",
        refusal(HTTPStatus.BAD_REQUEST, "FAILED_PRECONDITION", "User location is not supported for the API use."),
        "unavailable",
    ),
    (
        "a malformed call, told by 400",
        refusal(HTTPStatus.BAD_REQUEST, "INVALID_ARGUMENT", "Request contains an invalid argument."),
        "unavailable",
    ),
    (
        "too many calls",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
        "unavailable",
    ),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL", "Internal error encountered."), "unavailable"),
    (
        "an overload",
        refusal(HTTPStatus.SERVICE_UNAVAILABLE, "UNAVAILABLE", "The model is overloaded. Please try again later."),
        "unavailable",
    ),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Gemini:
    """Accepts one key; every other is refused with 400."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("x-goog-api-key") != KEY:
            return REFUSED
        if (call.method, call.path) == ("GET", "/models"):
            return Answer(HTTPStatus.OK, MODELS)
        return sampled(ID, call) or refusal(HTTPStatus.NOT_FOUND, "NOT_FOUND", "Requested entity was not found.")


EMULATOR = Gemini()
