"""Lists that can grow are handed out in pages."""

from typing import Annotated

from pydantic import Field

LARGEST, USUAL = 1_000, 100

Limit = Annotated[int, Field(ge=1, le=LARGEST, description="How many at most.", examples=[USUAL])]
Cursor = Annotated[
    str | None, Field(max_length=100, description="The `nextCursor` of the page before; absent for the first page.")
]
