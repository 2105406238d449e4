"""Events on their way: signed, in every manner that a listener has to tell apart, and tried again as Slack does."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from moorings.emulators.contract import Heard, Outbound
from moorings.emulators.slack.answers import Json
from moorings.emulators.slack.apps import App

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
ACK_SECONDS = 3.0
RETRY_AFTER_SECONDS = (0.0, 60.0, 300.0)
LATE_SECONDS = 10 * 60
SUCCESS = range(200, 300)


class Manner(StrEnum):
    """How an event is sent: as Slack does, or as somebody does who should be refused."""

    USUAL = "usual"
    PREVIOUS = "previous"
    LATE = "late"
    FORGED = "forged"
    UNSIGNED = "unsigned"
    TIMELESS = "timeless"
    GARBAGE = "garbage"


@dataclass(slots=True, eq=False)
class Dispatch:
    """One event to one address, with what was said to each try."""

    app: App
    url: str
    body: bytes
    manner: Manner = Manner.USUAL
    media_type: str = JSON
    tries: list[Json] = field(default_factory=list)

    @property
    def delays(self) -> Sequence[float]:
        """After which it is tried again; what a person waits for is not."""
        return RETRY_AFTER_SECONDS if self.media_type == JSON else ()

    def shown(self) -> Json:
        """For whoever looks."""
        return {
            "url": self.url,
            "manner": self.manner.value,
            "body": self.body.decode(errors="replace"),
            "tries": self.tries,
        }


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's v0: over the raw bytes."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()


def written(app: App, event: Json, event_id: str, now: float) -> bytes:
    """An event in its envelope."""
    bot = {"team_id": app.team_id, "user_id": app.bot_user_id, "is_bot": True, "is_enterprise_install": False}
    envelope = {
        "token": "emulated-verification-token",
        "team_id": app.team_id,
        "api_app_id": app.id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(now),
        "authorizations": [{"enterprise_id": None, **bot}],
        "is_ext_shared_channel": False,
        "event_context": f"4-emulated-{event_id}",
    }
    return json.dumps(envelope, ensure_ascii=False).encode()


async def send(dispatch: Dispatch, outbound: Outbound, now: Callable[[], float]) -> None:
    """Once, and up to three times more, until somebody answers 2xx in time or wants no more."""
    reason = None
    for number, delay in enumerate((None, *dispatch.delays)):
        if delay is not None:
            await outbound.rest(delay)
        heard, reason = await _tried(dispatch, outbound, now, number, reason)
        if reason is None or (heard and heard.headers.get("x-slack-no-retry") == "1"):
            return


async def verify(app: App, outbound: Outbound, challenge: str, now: Callable[[], float]) -> Dispatch:
    """Ask the app's address for the challenge back."""
    body = json.dumps({"type": "url_verification", "token": "emulated-verification-token", "challenge": challenge})
    dispatch = Dispatch(app, app.request_url, body.encode())
    heard, _ = await _tried(dispatch, outbound, now, 0, None)
    app.request_url_verified = heard is not None and heard.status in SUCCESS and _said(heard) == challenge
    return dispatch


async def _tried(
    dispatch: Dispatch, outbound: Outbound, now: Callable[[], float], number: int, reason: str | None
) -> tuple[Heard | None, str | None]:
    again = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason or ""} if number else {}
    headers = {"Content-Type": dispatch.media_type, **_signed(dispatch, now()), **again}
    try:
        async with asyncio.timeout(ACK_SECONDS):
            heard = await outbound.post(dispatch.url, headers, dispatch.body)
    except TimeoutError:
        return _noted(dispatch, None, "http_timeout")
    except OSError:
        return _noted(dispatch, None, "connection_failed")
    return _noted(dispatch, heard, None if heard.status in SUCCESS else "http_error")


def _noted(dispatch: Dispatch, heard: Heard | None, reason: str | None) -> tuple[Heard | None, str | None]:
    dispatch.tries.append({"status": heard.status} if heard else {"reason": reason})
    return heard, reason


def _signed(dispatch: Dispatch, now: float) -> dict[str, str]:
    secrets = dispatch.app.signing_secrets
    timestamp, secret = str(int(now)), secrets[-1]
    match dispatch.manner:
        case Manner.UNSIGNED:
            return {}
        case Manner.LATE:
            timestamp = str(int(now - LATE_SECONDS))
        case Manner.TIMELESS:
            timestamp = "soon"
        case Manner.FORGED:
            secret = "what-somebody-else-would-guess"
        case Manner.PREVIOUS:
            secret = secrets[-2:][0]
    sign = signature(secret, timestamp, dispatch.body)
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": sign}


def _said(heard: Heard) -> Any:
    """The challenge as text, as JSON or as a form."""
    text = heard.body.decode(errors="replace").strip()
    try:
        told = json.loads(text)
    except ValueError:
        return text.removeprefix("challenge=")
    return told.get("challenge") if isinstance(told, dict) else told
