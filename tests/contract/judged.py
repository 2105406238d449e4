"""Telegram's stand-in, judged at every call by what Telegram published."""

from collections.abc import Iterator
from typing import Any

from moorings.emulators.arguments import arguments
from moorings.emulators.contract import Answer, Call
from moorings.emulators.telegram import Telegram
from tests.contract import published
from tests.contract.bot_api import PATH


class JudgedTelegram(Telegram):
    """Remembers everything in calls, answers and updates that the published document does not know."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.judged: set[str] = set()
        self.problems: list[str] = []

    def answer(self, call: Call) -> Answer:
        said = super().answer(call)
        document = published.document("telegram")
        operation = document and document.operation("POST", [call.path])
        if document and operation:
            self.judged.add(operation.path.removeprefix(PATH))
            self.problems += [f"{operation.path} {problem}" for problem in _problems(operation, call, said)]
        return said


def _problems(operation: published.Operation, call: Call, said: Answer) -> Iterator[str]:
    document, given = operation.document, arguments(call)
    wanted = operation.body("application/json")
    texts: dict[str, Any] = {**given.texts, **dict.fromkeys(given.files, "a file")}
    sent = document.reading(wanted, texts)
    for side, schema, value in (("sends", wanted, sent), ("hears", operation.answer(int(said.status)), said.body)):
        yield from (f"{side} {problem}" for problem in document.problems(schema, value, "readOnly"))
        yield from (f"{side} {stranger}" for stranger in document.strangers(schema, value))
