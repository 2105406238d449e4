"""Exit codes, and what each failure becomes on the screen."""

import asyncio
from collections.abc import Coroutine
from enum import IntEnum
from typing import Any, NoReturn, TypeVar

import typer

from moorings.cli.output import complain
from moorings.cli.wording import for_commands
from moorings.client.errors import ClientError
from moorings.errors import ConfigurationError, MooringsError

T = TypeVar("T")


class Exit(IntEnum):
    """What a program learns from a command's end; docs/command-line.md lists them."""

    DONE = 0
    FAILED = 1
    WRONG_INPUT = 2
    NOT_FOUND = 3
    NOT_ALLOWED = 4
    PROVIDER = 5
    CONFIGURATION = 6


_BY_STATUS = {
    400: Exit.WRONG_INPUT,
    401: Exit.NOT_ALLOWED,
    403: Exit.NOT_ALLOWED,
    404: Exit.NOT_FOUND,
    502: Exit.PROVIDER,
    504: Exit.PROVIDER,
}
_BY_CODE = {
    "CREDENTIALS_REJECTED": Exit.PROVIDER,
    "UNUSABLE_KEY": Exit.NOT_ALLOWED,
    "INVALID_ID": Exit.WRONG_INPUT,
}


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work; whatever fails ends the program with a sentence and a code."""
    try:
        return asyncio.run(work)
    except ClientError as problem:
        code = _BY_CODE.get(problem.code) or _BY_STATUS.get(problem.status or 0, Exit.FAILED)
        _leave(problem.message, [(item.field, item.message) for item in problem.details], code)
    except MooringsError as problem:
        refuse(problem)


def refuse(error: MooringsError) -> NoReturn:
    """End the program with our own error."""
    code = Exit.CONFIGURATION if isinstance(error, ConfigurationError) else _BY_STATUS.get(error.status, Exit.FAILED)
    details = [(detail.field, detail.message) for detail in error.details]
    _leave(error.message, details, code)


def _leave(text: str, details: list[tuple[str, str]], code: Exit) -> NoReturn:
    complain(for_commands(text), [(place, for_commands(message)) for place, message in details])
    raise typer.Exit(code)
