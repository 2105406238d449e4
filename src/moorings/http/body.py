"""Bodies as models, read from the bytes at once, and never said again in an error."""

from typing import TypeVar

from pydantic import ValidationError
from starlette.requests import Request

from moorings.errors import Detail, InvalidBody
from moorings.http.invalid import BODY, WANTED, refused
from moorings.http.schemas.part import Given

JSON_TYPES = ("application/json", "+json")

B = TypeVar("B", bound=Given)


async def body_of(request: Request, model: type[B]) -> B:
    """The call's body; raises `InvalidBody` for a wrong one, without the input."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not kind.endswith(JSON_TYPES):
        raise InvalidBody(WANTED, [Detail(BODY, "JSON with Content-Type: application/json is wanted.")])
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        raise refused(BODY, error) from None
