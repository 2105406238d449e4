"""Commands that people type and buttons that they press: Slack sends them as forms, to be answered in three seconds.

https://docs.slack.dev/interactivity/implementing-slash-commands,
https://docs.slack.dev/interactivity/handling-user-interaction
"""

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from moorings.domain.event import InboundEvent
from moorings.errors import InvalidBody
from moorings.providers.payload import first_of, part, read, text_at

COMMAND = "slash_command"
"""Slack has no word of its own for a command's type."""

_FIELDS = 100
_SECRET = frozenset({"token", "bot_access_token"})
"""The verification token, and one that Slack makes for the step of a workflow: as good as secrets, both."""


def is_form(body: bytes) -> bool:
    """Whether this may be a form; everything else that Slack sends is a JSON object."""
    return not body.lstrip().startswith(b"{")


def interactions(body: bytes) -> tuple[InboundEvent, ...]:
    """What somebody did; nothing where Slack only tries the address. Raises `InvalidBody` for what is no such form.

    Slack gives such a call no id, and does not repeat it by itself: the same bytes are the same deed.
    """
    form, name = _form(body), hashlib.sha256(body).hexdigest()
    if "payload" in form:
        return (_done(name, read(form["payload"].encode())),)
    if form.get("command"):
        return (_typed(name, form),)
    if "ssl_check" in form:
        return ()
    raise InvalidBody("A JSON object, or a form with a command or a payload, is wanted as the body.")


def _form(body: bytes) -> Mapping[str, str]:
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELDS))
    except ValueError:
        return {}


def _typed(name: str, form: Mapping[str, str]) -> InboundEvent:
    return InboundEvent(
        name=name,
        type=COMMAND,
        channel=form.get("channel_id"),
        sender=form.get("user_id"),
        text=f"{form['command']} {form.get('text', '')}".strip(),
        raw=_without_secrets(form),
    )


def _done(name: str, payload: Mapping[str, Any]) -> InboundEvent:
    action = first_of(payload, "actions") or {}
    return InboundEvent(
        name=name,
        type=text_at(payload, "type", default="unknown"),
        channel=text_at(payload, "channel.id", "container.channel_id"),
        sender=text_at(part(payload, "user") or {}, "id"),
        text=text_at(action, "value", "selected_option.value"),
        raw=_without_secrets(payload),
    )


def _without_secrets(told: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in told.items() if name not in _SECRET}
