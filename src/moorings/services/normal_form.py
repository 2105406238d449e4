"""The one form in which an event is passed on and listed."""

import json
from typing import Any

from moorings.domain.event import Event
from moorings.domain.moment import iso


def normal_form(event: Event) -> dict[str, Any]:
    """The fields by the names that the API gives them."""
    stored = event.stored
    return {
        "id": stored.id,
        "type": stored.type,
        "integrationId": stored.installation_id,
        "environment": stored.environment,
        "channel": event.channel,
        "sender": event.sender,
        "text": event.text,
        "raw": event.raw,
        "receivedAt": iso(stored.received_at),
    }


def written(event: Event) -> str:
    """The same as JSON; halves of characters, which providers may send, stay escapes."""
    return json.dumps(normal_form(event), separators=(",", ":"))
