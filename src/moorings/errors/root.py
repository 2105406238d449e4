"""What every error has: a code for programs, a status for HTTP and a sentence for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Detail:
    """One place in a call and what is wrong with it; never the value that stood there."""

    field: str
    message: str


class MooringsError(Exception):
    """The root: a code for programs, a status for HTTP and a sentence for people.

    `transient` is whether the same call may do later, `done` whether it may have been done all the same.
    """

    code: ClassVar[str] = "INTERNAL_ERROR"
    status: ClassVar[int] = 500
    transient: ClassVar[bool] = False
    done: ClassVar[bool] = False
    retry_after: int | None = None

    def __init__(self, message: str, details: Sequence[Detail] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(details)
