"""What an emulator is told to say instead of its own answer, so that every failure can be tried."""

from dataclasses import dataclass
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from moorings.emulators.contract import Answer
from moorings.errors import Detail, InvalidBody

GARBAGE = Answer(
    200,
    b"<!doctype html><html><head><title>Sign in to this network</title></head><body>Welcome.</body></html>",
    {"content-type": "text/html; charset=utf-8"},
)
"""What a captive portal or a proxy says in the provider's place."""

Form = TypeVar("Form", bound=BaseModel)
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
HeaderValue = Annotated[str, Field(pattern=r"^[\t\x20-\x7e]*$")]


class Script(BaseModel):
    """The next answers of one emulator.

    `times` bounds how many (without it: until removed), `path` to which address, relative to the base address.
    `status`, `body` and `headers` replace the answer (a text is sent as it is, all else as JSON), `garbage` with
    HTML and 200. `drop` breaks the answer off before its body. `delay_ms` and `slow` (bytes per second) hold back
    whatever is said, the emulator's own answer included.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        serialize_by_alias=True,
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
    )

    delay_ms: Annotated[int, Field(ge=0, le=120_000)] = 0
    status: Annotated[int | None, Field(ge=200, le=599)] = None
    body: Any = None
    headers: dict[HeaderName, HeaderValue] = {}
    times: Annotated[int | None, Field(ge=1)] = None
    path: Annotated[str | None, Field(pattern=r"^/")] = None
    drop: bool = False
    garbage: bool = False
    slow: Annotated[int | None, Field(ge=1)] = None

    @model_validator(mode="after")
    def _one_answer(self) -> Self:
        if sum((self.drop, self.garbage, self._replaces or bool(self.headers))) > 1:
            raise ValueError("drop, garbage and an answer of your own (status, body, headers) exclude one another")
        if self.headers and not self._replaces:
            raise ValueError("headers need a status or a body beside them")
        return self

    @property
    def answer(self) -> Answer | None:
        """What is said in the emulator's place; None for its own answer."""
        if self.garbage:
            return GARBAGE
        if not self._replaces:
            return None
        text = isinstance(self.body, str)
        kind = {"content-type": "text/plain; charset=utf-8"} if text else {}
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Answer(self.status or 200, self.body.encode() if text else self.body, {**kind, **headers})

    @property
    def _replaces(self) -> bool:
        return self.status is not None or "body" in self.model_fields_set


@dataclass(slots=True)
class _Running:
    script: Script
    remaining: int | None


class Scripts:
    """The scripts in force, one per integration."""

    def __init__(self) -> None:
        self._running: dict[str, _Running] = {}

    def put(self, integration_id: str, script: Script) -> None:
        """Put a script in force, in place of the one before."""
        self._running[integration_id] = _Running(script, script.times)

    def remove(self, integration_id: str) -> None:
        """Back to the emulator's own answers."""
        self._running.pop(integration_id, None)

    def take(self, integration_id: str, path: str) -> Script | None:
        """The script for one call, which uses up one of its times."""
        running = self._running.get(integration_id)
        if running is None or running.script.path not in (None, path):
            return None
        if running.remaining is not None:
            running.remaining -= 1
            if running.remaining == 0:
                self.remove(integration_id)
        return running.script

    def shown(self, integration_id: str) -> dict[str, Any] | None:
        """The script in force as it was given, with the times that remain; None if there is none."""
        running = self._running.get(integration_id)
        if running is None:
            return None
        remaining = {} if running.remaining is None else {"times": running.remaining}
        return {**running.script.model_dump(exclude_unset=True), **remaining}


def parsed(body: bytes) -> Script:
    """The script in a JSON body; raises `InvalidBody` with every problem."""
    return read(Script, body, "a script")


def read(form: type[Form], body: bytes, noun: str) -> Form:
    """A form of the control path in a JSON body; raises `InvalidBody` with every problem."""
    try:
        return form.model_validate_json(body)
    except ValidationError as error:
        details = [
            Detail(_place(item["loc"]), item["msg"]) for item in error.errors(include_url=False, include_input=False)
        ]
        raise InvalidBody(f"This is not {noun}: {details[0].field}: {details[0].message}", details) from None


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "body"
