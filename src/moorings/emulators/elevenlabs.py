"""ElevenLabs' own user, as its published document and its pages of errors describe it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "elevenlabs"
KEY = "sk_emulated0000000000000000elevenlabs"
REQUEST_ID = "3c807fc4c3a1705f9638ecc764a91c01"
USER = {
    "user_id": "emulated0000user",
    "subscription": {
        "tier": "creator",
        "character_count": 17231,
        "character_limit": 100000,
        "max_character_limit_extension": None,
        "max_credit_limit_extension": "unlimited",
        "can_extend_character_limit": False,
        "allowed_to_extend_character_limit": False,
        "next_character_count_reset_unix": 1796083200,
        "voice_slots_used": 1,
        "professional_voice_slots_used": 0,
        "professional_voice_slots_used_in_workspace": 0,
        "voice_limit": 30,
        "voice_add_edit_counter": 0,
        "professional_voice_limit": 1,
        "can_extend_voice_limit": False,
        "can_use_instant_voice_cloning": True,
        "can_use_professional_voice_cloning": True,
        "currency": "eur",
        "current_overage": {"amount": "0", "currency": "eur"},
        "status": "active",
        "billing_period": "monthly_period",
        "character_refresh_period": "monthly_period",
    },
    "is_new_user": False,
    "can_use_delayed_payment_methods": False,
    "is_onboarding_completed": True,
    "is_onboarding_checklist_completed": True,
    "first_name": "Emulated",
    "created_at": 1767225600,
    "seat_type": "workspace_admin",
}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, word: str, message: str, **more: Any) -> Answer:
    """The shape of all errors; that of 2026 has a type, a code and a request's id as well."""
    return Answer(status, {"detail": {"status": word, "message": message, **more}})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "invalid_api_key", "Invalid API key")
MISSING = refusal(
    HTTPStatus.UNAUTHORIZED,
    "needs_authorization",
    "Neither authorization header nor xi-api-key received, please provide one.",
)
LIMITED = "The API key you used is missing the permission user_read to execute this operation."

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a user", Answer(HTTPStatus.OK, USER), "works"),
    ("a limited key", refusal(HTTPStatus.UNAUTHORIZED, "missing_permissions", LIMITED), "works"),
    (
        "a limited key, told by a code",
        Answer(
            HTTPStatus.UNAUTHORIZED,
            {"detail": {"code": "missing_permissions", "message": LIMITED, "request_id": REQUEST_ID}},
        ),
        "works",
    ),
    (
        "no credits left",
        refusal(HTTPStatus.UNAUTHORIZED, "quota_exceeded", "You have insufficient quota to complete this request."),
        "works",
    ),
    ("a wrong key", REFUSED, "rejected"),
    (
        "a wrong key, told by a code",
        refusal(
            HTTPStatus.UNAUTHORIZED,
            "invalid_api_key",
            "Invalid API key",
            code="invalid_api_key",
            request_id=REQUEST_ID,
        ),
        "rejected",
    ),
    ("no key", MISSING, "rejected"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "a malformed call",
        Answer(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            {"detail": [{"loc": ["header", "xi-api-key"], "msg": "value is not valid", "type": "value_error"}]},
        ),
        "unavailable",
    ),
    (
        "too many calls at the same time",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "too_many_concurrent_requests", "Too many concurrent requests."),
        "unavailable",
    ),
    (
        "a busy service",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "system_busy", "The system is busy, please try again later."),
        "unavailable",
    ),
    ("a fault", Answer(HTTPStatus.INTERNAL_SERVER_ERROR, {"detail": "Internal Server Error"}), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class ElevenLabs:
    """Accepts one key; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if not call.headers.get("xi-api-key"):
            return MISSING
        if call.headers["xi-api-key"] != KEY:
            return REFUSED
        if (call.method, call.path) == ("GET", "/v1/user"):
            return Answer(HTTPStatus.OK, USER)
        return sampled(ID, call) or Answer(HTTPStatus.NOT_FOUND, {"detail": "Not Found"})


EMULATOR = ElevenLabs()
