"""The one shape of every error."""

from pydantic import Field

from moorings.http.schemas.part import Answer


class ProblemDetail(Answer):
    """One place in the call and what is wrong with it."""

    field: str = Field(
        description="Where in the call; never the value that stood there.", examples=["credentials.apiKey"]
    )
    message: str = Field(description="What is wrong there.", examples=["API key is missing."])


class Problem(Answer):
    """What went wrong, for a person and for a program."""

    error: str = Field(
        description="A sentence a person can act on.",
        examples=["There is no integration of this id; GET /v1/integrations lists them."],
    )
    code: str = Field(description="The kind of error; stable.", examples=["INTEGRATION_NOT_FOUND"])
    details: list[ProblemDetail] | None = Field(
        None, description="Each place that is wrong, where there is one to name."
    )
    request_id: str = Field(
        description="Stands in the log as well; name it when you ask for help.",
        examples=["req_01kb0h6v3m8x2q4r5s6t7v8w9x"],
    )
