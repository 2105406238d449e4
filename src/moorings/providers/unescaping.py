"""Undoes escapes of every kind at once, and remembers where each character stood.

Encoders do not agree on which characters they escape, and a text may have passed several of them. So the escapes of
URLs, JSON, HTML and of line breaks within encoded data are undone together, level by level, and each kind by itself.
"""

import html
import json
import re
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property, lru_cache
from urllib.parse import unquote

DEEPEST = 6
"""How many encoders a text may have passed."""

_SIGNS = "%\\&+\n\r"
_URL = r"%[0-7][0-9A-Fa-f]|%[C-Fc-f][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f]){1,3}|\+"
_PROGRAM = (
    r"\\u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}"
    r"|\\u\{[0-9A-Fa-f]{1,6}\}|\\U00[0-9A-Fa-f]{6}|\\[/\"'\\bfnrt]"
)
_HTML = r"&#0{0,64}[0-9]{1,7};|&#[xX]0{0,64}[0-9A-Fa-f]{1,6};|&[A-Za-z][A-Za-z0-9]{1,31};"
_LINES = r"\r?\n|\r"
UNITS = tuple(
    re.compile("|".join(kinds)) for kinds in ((_URL, _PROGRAM, _HTML, _LINES), (_URL,), (_PROGRAM,), (_HTML,))
)
"""All together, and each alone: what stands before an escaped text may else be taken for the half of another escape."""


class Unescaped:
    """A text with one level of escapes undone; `text` is what is left."""

    def __init__(self, escaped: str, unit: re.Pattern[str]) -> None:
        self._escaped, self._unit = escaped, unit
        self.text = unit.sub(_undone, escaped)

    def before(self, start: int, end: int) -> tuple[int, int]:
        """Where a part of what is left stood in the escaped text."""
        return self._units.place(start)[0], self._units.place(end - 1)[1]

    @cached_property
    def _units(self) -> "_Units":
        return _Units(self._escaped, self._unit)


class _Units:
    """Where the escapes of a text stand, and where what they are undone to; numbers, for there may be a million."""

    def __init__(self, escaped: str, kind: re.Pattern[str]) -> None:
        self._from, self._until, self._starts, self._ends = (array("L") for _ in range(4))
        shrunk = 0
        for unit in kind.finditer(escaped):
            at, length = unit.start() - shrunk, len(_undone(unit))
            shrunk += len(unit[0]) - length
            self._from.append(at)
            self._until.append(at + length)
            self._starts.append(unit.start())
            self._ends.append(unit.end())

    def place(self, at: int) -> tuple[int, int]:
        """Where one character of what is left began and ended."""
        unit = bisect_right(self._from, at) - 1
        if unit < 0:
            return at, at + 1
        if at < self._until[unit]:
            return self._starts[unit], self._ends[unit]
        start = self._ends[unit] + at - self._until[unit]
        return start, start + 1


def may_hold(text: str) -> bool:
    """Whether any escape could stand in a text."""
    return any(sign in text for sign in _SIGNS)


def levels(text: str, unit: re.Pattern[str]) -> Iterator[Unescaped]:
    """The text with ever more of its escapes of a kind undone, as long as there are some."""
    for _ in range(DEEPEST):
        if not may_hold(text):
            return
        level = Unescaped(text, unit)
        if level.text == text:
            return
        yield level
        text = level.text


def _undone(unit: re.Match[str]) -> str:
    return _character(unit[0])


@lru_cache(maxsize=4_096)
def _character(unit: str) -> str:
    match unit[0]:
        case "%":
            return unquote(unit, errors="replace")
        case "&":
            return _of_html(unit)
        case "+":
            return " "
        case "\\":
            return _of_program(unit)
    return ""  # a line break: base64 and keys in PEM are broken where a line is full


def _of_html(unit: str) -> str:
    if unit[1] != "#":
        return html.unescape(unit)
    digits = unit[2:-1]
    return _of_code(int(digits[1:], base=16) if digits[0] in "xX" else int(digits))


def _of_program(unit: str) -> str:
    """As JSON, JavaScript and Python write it."""
    if unit[1] in "xU" or unit[2:3] == "{":
        return _of_code(int(unit[2:].strip("{}"), base=16))
    return "'" if unit == "\\'" else str(json.loads(f'"{unit}"'))


def _of_code(code: int) -> str:
    return chr(code) if code <= sys.maxunicode else ""
