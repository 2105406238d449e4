"""Takes every echo of a secret out of what a provider answered: plain, base64, hex, and escaped in any mixture."""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from moorings.providers.unescaping import UNITS, Unescaped, levels, may_hold

SHORTEST = 4
"""Shorter values are no secrets to speak of, and taking them out would shred the answer."""
REMOVED = "[secret removed]"
_LONGEST_ESCAPE = 6
"""Characters that one of a secret may become: \\u0041."""
_BITS, _SIXTET, _GROUP = 8, 6, 3

Span = tuple[int, int]


class Scrubber:
    """Knows every form in which some secrets could come back."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = [secret for secret in secrets if len(secret) >= SHORTEST]
        forms = {form for secret in known for form in _forms(secret)}
        # What a text is without its escapes, a secret with the look of escapes is too.
        undone = {level.text for form in forms for unit in UNITS for level in levels(form, unit)}
        self._forms = forms | {form for form in undone if len(form) > SHORTEST}
        self._written = {json.dumps(form, ensure_ascii=False)[1:-1] for form in self._forms}
        self._digits = [form for form in self._forms if not set(form) - set("0123456789.+-eE")]
        self._tail = _LONGEST_ESCAPE * max((len(secret.encode()) for secret in known), default=0)

    def text(self, text: str) -> str:
        """The text without them."""
        return _without(text, self._spans(text))

    def beginning(self, text: str) -> str:
        """The same of a text that was cut, for the half of a secret may stand at its end.

        As many characters go, whatever they are: to take out only what looks like the half of a secret would tell
        whoever chose those characters that he had guessed right.
        """
        text = self.text(text)
        return text[: max(len(text) - self._tail, 0)]

    def data(self, data: bytes) -> bytes:
        """Bytes without them."""
        # Every byte as one character; a form that is not ASCII is sought as its bytes are.
        return self._bytewise(data).encode("latin-1")

    def start_of(self, data: bytes) -> bytes:
        """The same of bytes that were cut; see `beginning`."""
        scrubbed = self._bytewise(data)
        return scrubbed[: max(len(scrubbed) - self._tail, 0)].encode("latin-1")

    def value(self, value: Any) -> Any:
        """Any JSON value without them, in names as in values; most answers hold none and are looked over once.

        Raises `ValueError` for a number too large to be written as JSON again (1e999).
        """
        written = json.dumps(value, ensure_ascii=False, allow_nan=False)
        suspicious = may_hold(written) or any(form in written for form in self._written)
        return self._walked(value) if suspicious else value

    def _bytewise(self, data: bytes) -> str:
        text = data.decode("latin-1")
        forms = {form.encode(errors="surrogatepass").decode("latin-1") for form in self._forms}
        return _without(text, _found(text, forms))

    def _spans(self, text: str) -> Iterator[Span]:
        return _found(text, self._forms)

    def _walked(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(name): self._walked(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._walked(inner) for inner in value]
        if not self._digits or value is None or isinstance(value, bool):
            return value
        written = json.dumps(value)  # a secret of digits could come back as a number
        return REMOVED if any(form in written for form in self._digits) else value


def _found(text: str, forms: Iterable[str]) -> Iterator[Span]:
    """Where the forms stand in a text, however much of them is escaped."""
    yield from _at_this_level(text, forms, ())
    for unit in UNITS:
        above: list[Unescaped] = []
        for level in levels(text, unit):
            above.append(level)
            yield from _at_this_level(level.text, forms, above)


def _at_this_level(text: str, forms: Iterable[str], above: Sequence[Unescaped]) -> Iterator[Span]:
    for form in forms:
        at = text.find(form)
        while at >= 0:
            span = at, at + len(form)
            for level in reversed(above):
                span = level.before(*span)
            yield span
            at = text.find(form, at + len(form))


def _without(text: str, spans: Iterable[Span]) -> str:
    parts, place = [], 0
    for start, end in _merged(spans):
        parts += [text[place:start], REMOVED]
        place = end
    return "".join([*parts, text[place:]])


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """In order, and those that overlap as one: the same echo is found in several forms and at several levels."""
    first, last = -1, -1
    for start, end in sorted(spans):
        if start < last:
            last = max(last, end)
            continue
        if last >= 0:
            yield first, last
        first, last = start, end
    if last >= 0:
        yield first, last


def _forms(secret: str) -> Iterator[str]:
    raw = secret.encode()
    yield from (secret, raw.hex(), raw.hex().upper())
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(raw).decode().rstrip("=")
        yield from (_inside(encode, raw, before) for before in range(_GROUP) if len(raw) >= 2 * SHORTEST)


def _inside(encode: Any, raw: bytes, before: int) -> str:
    """What base64 makes of the secret after some other bytes: the characters that are wholly the secret's."""
    written = encode(bytes(before) + raw).decode()
    first = -(-before * _BITS // _SIXTET)
    return str(written[first : (before + len(raw)) * _BITS // _SIXTET])
