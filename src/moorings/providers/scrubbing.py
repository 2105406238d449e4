"""Takes every echo of a secret out of what a provider answered: plain, base64, URL-encoded, hex and escaped."""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any
from urllib.parse import quote, quote_plus

SHORTEST = 4
"""Shorter values are no secrets to speak of, and taking them out would shred the answer."""
REMOVED = "[secret removed]"
_ESCAPES = ("%", "\\u", "\\x", "\\/", "&#")
_BITS, _SIXTET, _GROUP = 8, 6, 3


class Scrubber:
    """Knows every form in which some secrets could come back."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = [secret for secret in secrets if len(secret) >= SHORTEST]
        found = {form for secret in self._secrets for form in _forms(secret)}
        # The longest first: a whole encoding goes before the part of it that another form knows.
        self._forms = sorted(found, key=len, reverse=True)
        self._written = {json.dumps(form, ensure_ascii=False)[1:-1] for form in found}

    def text(self, text: str) -> str:
        """The text without them."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, REMOVED)
        return self._mixed.sub(REMOVED, text) if self._mixed and any(sign in text for sign in _ESCAPES) else text

    def beginning(self, text: str) -> str:
        """The same of a text that was cut: the half of a secret at its end goes too."""
        text = self.text(text)
        for form in self._forms:
            halves = (form[:length] for length in range(len(form) - 1, SHORTEST - 1, -1))
            text = text.removesuffix(next((half for half in halves if text.endswith(half)), ""))
        return text

    def data(self, data: bytes) -> bytes:
        """Bytes without them."""
        for form in self._forms:
            data = data.replace(form.encode(), REMOVED.encode())
        return data

    def value(self, value: Any) -> Any:
        """Any JSON value without them, in names as in values; most answers hold none and are looked over once.

        Raises `ValueError` for a number too large to be written as JSON again (1e999).
        """
        written = json.dumps(value, ensure_ascii=False, allow_nan=False)
        suspicious = any(sign in written for sign in _ESCAPES) or any(form in written for form in self._written)
        return self._walked(value) if suspicious else value

    @cached_property
    def _mixed(self) -> re.Pattern[str] | None:
        """Every secret with any of its characters escaped: encoders do not agree on which ones need it."""
        patterns = ["".join(map(_escaped, secret)) for secret in self._secrets]
        return re.compile("|".join(patterns)) if patterns else None

    def _walked(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(name): self._walked(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._walked(inner) for inner in value]
        # A secret of digits could come back as a number.
        return value if self.text(json.dumps(value)) == json.dumps(value) else REMOVED


def _escaped(character: str) -> str:
    percent = "".join(f"%(?i:{byte:02x})" for byte in character.encode())
    code = ord(character)
    others = (rf"\\u(?i:{code:04x})", rf"\\x(?i:{code:02x})", f"&#0*{code};", f"&#(?i:x0*{code:x});")
    own = {" ": r"|\+", "/": r"|\\/"}.get(character, "")  # PHP writes slashes in JSON with a backslash
    return f"(?:{re.escape(character)}|{percent}|{'|'.join(others)}{own})"


def _forms(secret: str) -> Iterator[str]:
    raw = secret.encode()
    yield secret
    yield from (quote(secret, safe=""), quote(secret), quote_plus(secret), html.escape(secret))
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    yield from (raw.hex(), raw.hex().upper())
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(raw).decode().rstrip("=")
        yield from (_inside(encode, raw, before) for before in range(_GROUP) if len(raw) >= 2 * SHORTEST)


def _inside(encode: Any, raw: bytes, before: int) -> str:
    """What base64 makes of the secret after some other bytes: the characters that are wholly the secret's."""
    written = encode(bytes(before) + raw).decode()
    first = -(-before * _BITS // _SIXTET)
    return str(written[first : (before + len(raw)) * _BITS // _SIXTET])
