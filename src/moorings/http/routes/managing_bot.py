"""Where Telegram tells the managing bot of the bots that people make; proven by a secret token, not by a key."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from moorings.errors import InvalidBody
from moorings.http.calls import hub_of
from moorings.http.routing import Router

SECRET_TOKEN = "x-telegram-bot-api-secret-token"  # noqa: S105 - a header's name

router = Router(prefix="/hooks/telegram")


@router.post("/manager")
async def hear(request: Request) -> Response:
    """Take an update in; the answer stays empty, for Telegram would carry out what stands in it."""
    arrivals = hub_of(request).arrivals
    arrivals.telegram.managing.prove(request.headers.get(SECRET_TOKEN, ""))
    await arrivals.hear(_update(await request.body()))
    return Response()


def _update(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InvalidBody("This is no update.")
    return found
