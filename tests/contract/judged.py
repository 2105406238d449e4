"""Telegram's stand-in, judged at every call by what Telegram published."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from moorings.emulators.arguments import arguments
from moorings.emulators.contract import Answer, Call
from moorings.emulators.telegram import Telegram
from tests.contract import published

FILES = "/file/"


class JudgedTelegram(Telegram):
    """Remembers everything in calls, answers and updates that the published document does not know."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.problems: list[str] = []

    def answer(self, call: Call) -> Answer:
        said = super().answer(call)
        if document := published.document("telegram"):
            self.problems += [f"{call.path} {problem}" for problem in _judgement(document, call, said)]
        return said


def _judgement(document: published.Document, call: Call, said: Answer) -> Iterator[str]:
    """What is wrong with a call and its answer; a file is fetched outside the methods, a refused name may be any."""
    operation = document.operation("POST", [call.path])
    if operation:
        yield from _problems(operation, call, said)
    elif said.status == HTTPStatus.OK and not call.path.startswith(FILES):
        yield "is answered and no method of the published document"


def _problems(operation: published.Operation, call: Call, said: Answer) -> Iterator[str]:
    document, given = operation.document, arguments(call)
    wanted = operation.body("application/json")
    texts: dict[str, Any] = {**given.texts, **dict.fromkeys(given.files, "a file")}
    sent = document.reading(wanted, texts)
    for side, schema, value in (("sends", wanted, sent), ("hears", operation.answer(int(said.status)), said.body)):
        yield from (f"{side} {problem}" for problem in document.problems(schema, value, "readOnly"))
        yield from (f"{side} {stranger}" for stranger in document.strangers(schema, value))
