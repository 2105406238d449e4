"""What all answers have in common: camelCase names on the wire, and room for what a newer server adds."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Time = Annotated[datetime, PlainSerializer(_iso, return_type=str, when_used="json")]


class Answer(BaseModel):
    """An answer of the server; fields that this client does not know stand in `model_extra`."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="allow", frozen=True, validate_by_name=True, serialize_by_alias=True,
        hide_input_in_errors=True,
    )  # fmt: skip

    def json_value(self) -> dict[str, Any]:
        """The answer as the server sent it; a secret in it stays hidden."""
        return self.model_dump(mode="json")
