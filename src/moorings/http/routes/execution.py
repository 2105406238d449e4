"""Runs a tool: the secret is used here and never handed out."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from moorings.http import body
from moorings.http.calls import caller_of, hub_of, json_answer, not_to_be_repeated
from moorings.http.operation import Operation
from moorings.http.paths import IntegrationId, ToolId
from moorings.http.routing import Router
from moorings.http.schemas.execution import ExecuteTool, ToolExecuted
from moorings.services.execution import Executed, Hint

router = Router(prefix="/v1/integrations", tag="Integrations")


@router.post(
    "/{integrationId}/tools/{toolId}/execute",
    Operation(
        id="executeAnIntegrationTool",
        summary="Execute an integration tool",
        answer=ToolExecuted,
        body=ExecuteTool,
        errors=(400, 401, 403, 404, 409, 413, 500, 502, 504),
    ),
)
async def execute_tool(request: Request, integrationId: IntegrationId, toolId: ToolId) -> Response:  # noqa: N803 - the contract's names
    """Run a tool with the credentials that answer for the environment, and return what its provider says."""
    given = await body.body_of(request, ExecuteTool)
    wish = (integrationId, toolId, given.environment, given.parameters)
    executed = await hub_of(request).execution.execute(caller_of(request), *wish)
    if executed.hint or executed.run.retry_after is not None:
        not_to_be_repeated(request)  # nothing was done: the same idempotency key may try again
    return json_answer(written(executed))


def written(executed: Executed) -> bytes:
    """The answer as JSON; a provider may send halves of characters, which only escapes can carry."""
    value = executed_json(executed)
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def executed_json(executed: Executed) -> dict[str, Any]:
    """The fields of `ToolExecuted`; a model would walk through the whole result once more."""
    run = executed.run
    return {
        "success": not run.is_error,
        "result": run.result,
        "isError": run.is_error,
        "durationMs": executed.duration_ms,
        "environment": executed.environment,
        "source": executed.source,
        "truncated": run.truncated,
        "retryAfter": run.retry_after,
        "hint": _hint(executed.hint) if executed.hint else None,
    }


def _hint(hint: Hint) -> dict[str, Any]:
    fields = [{"name": field.name, "label": field.label, "helpUrl": field.help_url} for field in hint.fields]
    return {
        "code": hint.code,
        "message": hint.message,
        "integrationId": hint.integration_id,
        "environment": hint.environment,
        "missing": fields,
        "url": hint.url,
    }
