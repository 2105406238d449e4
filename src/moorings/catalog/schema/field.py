"""The fields of a credential."""

from typing import Annotated

from pydantic import Field

from moorings.catalog.schema.part import Part, Sentence, Url
from moorings.domain import integration as domain


class FieldPart(Part):
    """One credential field."""

    name: Annotated[str, Field(pattern=r"^[a-z][A-Za-z]{0,39}$")]
    label: Sentence
    description: Sentence
    secret: bool
    required: bool
    order: int = 0
    pattern: str | None = None
    example: str | None = None
    prefix: str | None = None
    help_url: Url | None = None
    unconfirmed: bool = False

    def field(self) -> domain.Field:
        """The same as a value of the domain."""
        return domain.Field(**self.values())
