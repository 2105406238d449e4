"""What the OpenAPI document says of a call, beside its path."""

from dataclasses import dataclass

from moorings.http.query import Query
from moorings.http.schemas.part import Answer, Given


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call. What it does stands at its function; `unchanged` says that it may answer 304."""

    id: str
    summary: str
    answer: type[Answer]
    status: int = 200
    errors: tuple[int, ...]
    body: type[Given] | None = None
    query: type[Query] | None = None
    unchanged: bool = False
