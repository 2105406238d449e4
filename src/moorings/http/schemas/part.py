"""What all JSON of the API has in common: camelCase names, described fields, nothing unknown in what comes in."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, PlainSerializer, field_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from moorings.domain.moment import iso

Time = Annotated[datetime, PlainSerializer(iso, return_type=str, when_used="json")]


def _in_utc(value: datetime) -> datetime:
    """The last hours of the year 9999 are the next year's elsewhere, and no calendar here has that one."""
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("time", "A time that is of the years 1 to 9999 also in UTC is wanted.") from None


GivenTime = Annotated[AwareDatetime, AfterValidator(_in_utc)]

# A model is made ready when it is first used, which takes a third of a millisecond: of all of them a server uses few.


class Incoming(BaseModel):
    """What a caller sends: no text in it holds a NUL, which one of the two databases cannot keep.

    Mappings (credentials, the parameters of a tool) are sealed or passed on, and may.
    """

    @field_validator("*", check_fields=False)
    @classmethod
    def _without_nul(cls, value: Any) -> Any:
        texts = (value,) if isinstance(value, str) else value if isinstance(value, tuple | list | frozenset) else ()
        if _holds_nul(texts):
            raise PydanticCustomError("nul", "Text without the character NUL is wanted.")
        return value


def _holds_nul(texts: Iterable[Any]) -> bool:
    return any("\0" in text for text in texts if isinstance(text, str))


class Given(Incoming):
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
