"""What came of a call, as content for a model and as structure for a program."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mcp_types import AudioContent, CallToolResult, ContentBlock, ImageContent, TextContent

from moorings.errors import MooringsError
from moorings.services.execution import Executed, Hint


def of(executed: Executed) -> CallToolResult:
    """The result of a call that was made, or the hint that stands in its place."""
    run = executed.run
    result = _sound(run.result)
    structure = {
        "result": result,
        "environment": executed.environment,
        "source": executed.source,
        "durationMs": executed.duration_ms,
        "truncated": run.truncated,
        "retryAfter": run.retry_after,
        **({"hint": _hint(executed.hint)} if executed.hint else {}),
    }
    content = list(_content(executed, result))
    return CallToolResult(content=content, structured_content=structure, is_error=run.is_error)


def of_error(error: MooringsError) -> CallToolResult:
    """A failure that the model can act on: our sentence and every place that is wrong."""
    lines = [error.message, *(f"- {detail.field}: {detail.message}" for detail in error.details)]
    return CallToolResult(content=[_text("\n".join(lines))], is_error=True)


def _content(executed: Executed, result: Any) -> Iterator[ContentBlock]:
    run, hint = executed.run, executed.hint
    if hint:
        yield _text(hint.message)
    if result is not None or hint is None:
        yield _shown(result, whole=not run.truncated)
    if run.truncated:
        yield _text("The answer went on beyond the limit and was cut here.")
    if run.retry_after is not None:
        yield _text(f"The provider wants to be left alone for {run.retry_after} seconds.")


def _shown(result: Any, *, whole: bool) -> ContentBlock:
    """A picture or sound as such, text as it is, and everything else as JSON."""
    if whole and _is_media(result):
        return _media(result)
    return _text(result if isinstance(result, str) else _json(result))


def _is_media(result: Any) -> bool:
    """Whether it is bytes that a model can look at or listen to."""
    if not isinstance(result, Mapping) or not isinstance(result.get("base64"), str):
        return False
    return str(result.get("contentType")).startswith(("image/", "audio/"))


def _media(result: Mapping[str, Any]) -> ContentBlock:
    kind, data = str(result["contentType"]), str(result["base64"])
    block = ImageContent if kind.startswith("image/") else AudioContent
    return block(data=data, mime_type=kind)


def _hint(hint: Hint) -> dict[str, Any]:
    fields = [{"name": field.name, "label": field.label, "helpUrl": field.help_url} for field in hint.fields]
    return {
        "code": hint.code, "message": hint.message, "integrationId": hint.integration_id,
        "environment": hint.environment, "missing": fields, "url": hint.url,
    }  # fmt: skip


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _sound(value: Any) -> Any:
    """The value without halves of characters, which providers send and UTF-8 cannot carry."""
    try:
        _json(value).encode()
    except UnicodeEncodeError:
        return json.loads(_json(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    return value


def _text(text: str) -> TextContent:
    return TextContent(text=text)
