"""What all tables of a manifest have in common."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Sentence = Annotated[str, Field(min_length=3)]
Statuses = frozenset[Annotated[int, Field(ge=100, le=599)]]
Url = Annotated[str, Field(pattern=r"^https://[^\s]+$")]


class Part(BaseModel):
    """A table of the manifest; unknown keys are an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def values(self, but: Sequence[str] = ()) -> dict[str, Any]:
        """What stands under each key, but for some."""
        return {name: getattr(self, name) for name in type(self).model_fields if name not in but}
