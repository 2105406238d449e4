"""Reads as much GraphQL as the searches need: one `Get` of one collection with arguments and fields.

https://spec.graphql.org/October2021/
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r"""[\s,]*(?:\#[^\n]*\n?[\s,]*)*(?P<found>[{}()\[\]:]|"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[_A-Za-z]\w*)"""
)
_WORDS = {"true": True, "false": False, "null": None}


class NotRead(ValueError):
    """The document is not of this kind; the message tells where it went wrong."""


@dataclass(frozen=True, slots=True)
class Selection:
    """One field of a document."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    inner: "list[Selection]" = field(default_factory=list)


def read(text: str) -> list[Selection]:
    """What a query selects; raises `NotRead`."""
    reader = _Reader(_tokens(text))
    if reader.peek() == "query":
        reader.take()
    found = reader.selections()
    if reader.peek() is not None:
        raise NotRead(f"Syntax Error GraphQL: Unexpected {reader.peek()}")
    return found


def _tokens(text: str) -> Iterator[str]:
    place, text = 0, text.rstrip(" \t\r\n,")
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise NotRead(f"Syntax Error GraphQL (1:{place + 1}) Unexpected character")
        place = match.end()
        yield match["found"]


class _Reader:
    def __init__(self, tokens: Iterator[str]) -> None:
        self._tokens = list(tokens)
        self._place = 0

    def peek(self) -> str | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def take(self, wanted: str | None = None) -> str:
        found = self.peek()
        if found is None or (wanted is not None and found != wanted):
            raise NotRead(f"Syntax Error GraphQL: Expected {wanted or 'more'}, found {found or 'EOF'}")
        self._place += 1
        return found

    def selections(self) -> list[Selection]:
        self.take("{")
        found = []
        while self.peek() != "}":
            name = self._name()
            arguments = self._arguments() if self.peek() == "(" else {}
            found.append(Selection(name, arguments, self.selections() if self.peek() == "{" else []))
        self.take("}")
        return found

    def _arguments(self) -> dict[str, Any]:
        self.take("(")
        found = self._pairs(")")
        self.take(")")
        return found

    def _pairs(self, end: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while self.peek() != end:
            name = self._name()
            self.take(":")
            found[name] = self._value()
        return found

    def _value(self) -> Any:
        token = self.take()
        if token == "[":
            items = []
            while self.peek() != "]":
                items.append(self._value())
            self.take("]")
            return items
        if token == "{":
            found = self._pairs("}")
            self.take("}")
            return found
        if token[0] == '"' or token[0] in "-0123456789":
            return _literal(token)
        if token in "}]():":
            raise NotRead(f"Syntax Error GraphQL: Unexpected {token}")
        return _WORDS.get(token, token)

    def _name(self) -> str:
        token = self.take()
        if not re.fullmatch(r"[_A-Za-z]\w*", token):
            raise NotRead(f"Syntax Error GraphQL: Expected Name, found {token}")
        return token


def _literal(token: str) -> Any:
    try:
        return json.loads(token)
    except ValueError:
        raise NotRead("Syntax Error GraphQL: a value cannot be read") from None
