"""What all JSON of the API has in common: camelCase names, described fields, nothing unknown in what comes in."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel

from moorings.domain.moment import iso

Time = Annotated[datetime, PlainSerializer(iso, return_type=str, when_used="json")]

# A model is made ready when it is first used, which takes a third of a millisecond: of all of them a server uses few.


class Given(BaseModel):
    """A body that a caller sends."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, validate_by_name=False, hide_input_in_errors=True,
        defer_build=True,
    )  # fmt: skip


class Answer(BaseModel):
    """A body that we send."""

    model_config = ConfigDict(
        alias_generator=to_camel, frozen=True, validate_by_name=True, serialize_by_alias=True, defer_build=True
    )
