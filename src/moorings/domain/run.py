"""What came of running a tool."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Run:
    """A provider's answer to a tool's request, scrubbed of the secret that made it possible.

    `is_error` is a refusal in the provider's own words; `status` its HTTP status; `retry_after` the seconds it wants to
    be left alone; `truncated` means that the answer went on beyond the limit; `suspect` that it speaks of dead
    credentials.
    """

    result: Any
    is_error: bool = False
    status: int | None = None
    retry_after: int | None = None
    truncated: bool = False
    suspect: bool = False
