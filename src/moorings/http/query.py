"""Query parameters as models that are read once per query string.

To read them anew for each call costs more, on the calls that dashboards make all day, than the work behind them. The
same text means the same: it is read once and remembered.
"""

from functools import lru_cache
from typing import Any, TypeVar, cast, get_origin
from urllib.parse import parse_qs

from pydantic import ConfigDict, ValidationError
from starlette.requests import Request

from moorings.http.invalid import QUERY, refused
from moorings.http.schemas.part import Incoming

REMEMBERED = 1_024
LONGEST_REMEMBERED = 1_024


class Query(Incoming):
    """The parameters of a call; unknown ones are left alone, as everywhere on the web."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


Q = TypeVar("Q", bound=Query)


def query_of(request: Request, model: type[Q]) -> Q:
    """The call's parameters; raises `InvalidRequest` for a wrong one."""
    text: bytes = request.scope["query_string"]
    return cast("Q", _remembered(model, text) if len(text) <= LONGEST_REMEMBERED else _read(model, text))


@lru_cache(maxsize=REMEMBERED)
def _remembered(model: type[Query], query_string: bytes) -> Query:
    return _read(model, query_string)


def _read(model: type[Query], query_string: bytes) -> Query:
    given = parse_qs(query_string.decode("latin-1"), keep_blank_values=True)
    lists = {field.alias or name for name, field in model.model_fields.items() if _is_list(field.annotation)}
    values = {name: found if name in lists else found[-1] for name, found in given.items()}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise refused(QUERY, error) from None


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) in (tuple, list)
