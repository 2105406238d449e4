"""Tools: what integrations offer to agents, and running them."""

from collections.abc import Mapping
from typing import Any

from moorings.client.answer import Answer
from moorings.client.call import Call, given, path
from moorings.client.operation import Noun, Operation, S

RUN_SECONDS = 330.0
"""How long a tool is waited for; the slowest ones have five minutes."""


class Tool(Answer):
    """One thing an integration offers; `parameters_schema` and `output_schema` are JSON Schema 2020-12."""

    id: str
    name: str
    integration_id: str
    title: str
    description: str
    parameters_schema: dict[str, Any]
    output_schema: dict[str, Any] | None
    read_only: bool
    destructive: bool


class ConfiguredTool(Tool):
    """A tool that can be run; `source` is `environment` or `all`: which entry's credentials it would use."""

    environment: str | None
    source: str


class ToolList(Answer):
    """The tools of one integration."""

    integration_id: str
    tools: list[Tool]
    total: int


class ConfiguredToolList(Answer):
    """The tools that credentials unlock."""

    tools: list[ConfiguredTool]
    total: int


class MissingField(Answer):
    """One field of the credentials that are wanted."""

    name: str
    label: str
    help_url: str | None


class Hint(Answer):
    """What a person has to do first, at `url`; `code` is `CREDENTIALS_MISSING` or `CREDENTIALS_REJECTED`."""

    code: str
    message: str
    integration_id: str
    environment: str | None
    missing: list[MissingField]
    url: str


class ToolRun(Answer):
    """What came of a tool; with `is_error` the provider's status and own words, or a `hint` in place of a result.

    `duration_ms` is the provider's time in milliseconds, `retry_after` the seconds it wants to be left alone.
    """

    success: bool
    result: Any
    is_error: bool
    duration_ms: int
    environment: str | None
    source: str | None
    truncated: bool
    retry_after: int | None
    hint: Hint | None


class Tools(Noun[S]):
    """What can be run."""

    @Operation
    def configured(self, environment: str | None = None) -> Call[ConfiguredToolList]:
        """The tools of every integration whose credentials answer in an environment."""
        query = given(environment=environment)
        return Call("GET", path("integrations", "tools"), ConfiguredToolList, query)

    @Operation
    def offered(self, integration: str) -> Call[ToolList]:
        """All tools of one integration, configured or not; by a catalogue id or an installation's."""
        return Call("GET", path("integrations", integration, "tools"), ToolList)

    @Operation
    def get(self, integration: str, tool: str) -> Call[Tool]:
        """One tool, by its short or full name."""
        return Call("GET", path("integrations", integration, "tools", tool), Tool)

    @Operation
    def run(
        self, integration: str, tool: str, parameters: Mapping[str, Any] | None = None, *,
        environment: str | None = None, idempotency_key: str | None = None, seconds: float = RUN_SECONDS,
    ) -> Call[ToolRun]:  # fmt: skip
        """Run a tool with the credentials that answer for the environment; a refusal of its provider is an answer."""
        body = {"parameters": dict(parameters or {}), **given(environment=environment)}
        place = path("integrations", integration, "tools", tool, "execute")
        return Call("POST", place, ToolRun, body=body, idempotency_key=idempotency_key, seconds=seconds)
