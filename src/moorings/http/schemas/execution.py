"""Running a tool: what it is given, and what came of it."""

from typing import Any, Literal

from pydantic import Field

from moorings.http.schemas.part import Answer, Given


class ExecuteTool(Given):
    """A tool's parameters, and from which environment it is run."""

    environment: str | None = Field(
        None, description="Whose credentials are used; null or absent means the entry for all environments.",
        examples=["production"],
    )  # fmt: skip
    parameters: dict[str, Any] = Field(
        default={}, description="What the tool takes, as its parametersSchema describes it.",
        examples=[{"url": "https://example.com"}],
    )  # fmt: skip


class MissingField(Answer):
    """One field of the credentials that are wanted."""

    name: str = Field(description="The name to send it under.", examples=["apiKey"])
    label: str = Field(description="What a person calls it.", examples=["API key"])
    help_url: str | None = Field(description="Where a person finds or makes it.")


class HintOut(Answer):
    """What a person has to do before the tool can run, so that no secret passes through a model."""

    code: Literal["CREDENTIALS_MISSING", "CREDENTIALS_REJECTED"] = Field(description="What is wrong.")
    message: str = Field(description="What to do, for a person.")
    integration_id: str = Field(description="What has to be connected.", examples=["firecrawl"])
    environment: str | None = Field(description="For which environment; null for all.", examples=["production"])
    missing: list[MissingField] = Field(description="The fields that credentials need.")
    url: str = Field(
        description="A page of this server where a person enters them.",
        examples=["http://127.0.0.1:8700/connect/firecrawl"],
    )


class ToolExecuted(Answer):
    """What came of a tool; a provider's refusal is a result too."""

    success: bool = Field(description="Whether the provider did it.")
    result: Any = Field(description="What the tool gives back, or the provider's status and own words; scrubbed.")
    is_error: bool = Field(description="Whether the result is a refusal, or a hint stands in its place.")
    duration_ms: int = Field(description="How long the provider took, in milliseconds.", examples=[412])
    environment: str | None = Field(description="The environment asked for.", examples=["production"])
    source: Literal["environment", "all"] | None = Field(
        description="Which entry's credentials were used: the environment's own or the one for all; null for none."
    )
    truncated: bool = Field(description="Whether the answer went on beyond the limit and was cut.")
    retry_after: int | None = Field(
        description="Seconds the provider wants to be left alone, where it says so.", examples=[30]
    )
    hint: HintOut | None = Field(description="What a person has to do first; null when nothing is missing.")
