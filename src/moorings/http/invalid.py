"""What is wrong with a call's body or query, told without the input: it may be a secret."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from moorings.errors import Detail, InvalidBody, InvalidRequest

BODY, QUERY = "body", "query"
WANTED = "A JSON object is wanted as the body, with Content-Type: application/json."
NAMED_AT_MOST = 100
_NAME = re.compile(r"[A-Za-z][A-Za-z_-]{0,39}|[0-9]{1,3}")


def refused(part: str, error: ValidationError) -> InvalidRequest:
    """The refusal of a call whose `body` or `query` is not right: the place and kind of each problem.

    Of more than can be read none is named: to write down half a million would keep every other caller waiting.
    """
    if error.error_count() > NAMED_AT_MOST:
        many = Detail(
            part, f"{error.error_count()} places are not right; the document of the API tells what is wanted."
        )
        return (InvalidBody if part == BODY else InvalidRequest)("This is nothing that the call takes.", [many])
    problems: list[dict[str, Any]] = [
        {**each, "loc": (part, *each["loc"])} for each in error.errors(include_input=False)
    ]
    details = [Detail(_place(item["loc"]), _message(item)) for item in problems]
    if any(item["type"] == "json_invalid" for item in problems):
        return InvalidBody("The body is not valid JSON.", [Detail(BODY, "JSON in UTF-8 is wanted.")])
    if any(item["loc"] == (BODY,) for item in problems):
        return InvalidBody(WANTED, details)
    if part == BODY:
        return InvalidBody("Some fields of the body are not right.", details)
    return InvalidRequest("Some parameters are not right.", details)


def _place(location: Sequence[int | str]) -> str:
    # A name below `credentials`, or an unknown one, is the caller's text and may be a secret put in the wrong place:
    # only what surely is a name is said again.
    names = [str(part) for part in location[1:3] if part != "[key]"]
    if not names or not all(_NAME.fullmatch(name) for name in names):
        return str(location[0])
    return ".".join(names)


_MESSAGES = {
    "missing": "This is required.",
    "extra_forbidden": "This field is unknown.",
    "string_type": "Text is wanted.",
    "bool_type": "true or false is wanted.",
    "dict_type": "An object is wanted.",
    "model_attributes_type": "A JSON object is wanted.",
    "string_unicode": "Text in UTF-8 is wanted.",
}


def _message(item: Mapping[str, Any]) -> str:
    if item["type"] in _MESSAGES:
        return _MESSAGES[item["type"]]
    # pydantic's own sentences name the rule, not the input, for the kinds that our schemas can raise.
    text = str(item["msg"]).removeprefix("Value error, ")
    return text if text.endswith(".") else f"{text}."
