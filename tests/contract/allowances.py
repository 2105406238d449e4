"""What no published document judges, and where one is behind the live API; a file per integration in `allowances/`."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.contract.sent import NONE, Allowance

FOLDER = Path(__file__).parent / "allowances"

GRAPHQL = frozenset({"linear"})
"""Those whose document is a GraphQL schema, which judges what is sent and no answer."""

UNDOCUMENTED = frozenset({
    "asana", "cohere", "gitlab", "granola", "hubspot", "intercom", "mailgun", "qdrant", "replicate", "sendblue",
    "sentry", "shopify", "zendesk",
})  # fmt: skip
"""Those of whose provider no document is at hand."""


def request_judged(integration_id: str, tool_id: str | None = None) -> bool:
    """Whether a document judges what a tool sends, or what proves the credentials."""
    return integration_id not in UNDOCUMENTED and not_published(integration_id, tool_id) is None


def answer_judged(integration_id: str, tool_id: str | None = None) -> bool:
    """The same of what comes back."""
    described = (tool_id or "verify") not in without_schema(integration_id)
    return request_judged(integration_id, tool_id) and integration_id not in GRAPHQL and described


def without_schema(integration_id: str) -> frozenset[str]:
    """The tools, or `verify`, of which the document does not say in a schema what they answer."""
    return frozenset(_written(integration_id).get("without_schema", ()))


def of_tool(integration_id: str, tool_id: str) -> Allowance:
    """What is let through in a tool's request and answer."""
    written = _written(integration_id).get("tools", {}).get(tool_id, {})
    if not written.keys() - {"not_published"}:
        return NONE
    return Allowance(
        why=written.get("why", ""),
        unjudged=frozenset(written.get("unjudged", ())),
        missing=frozenset(written.get("missing", ())),
        body=written.get("body", ""),
        answer=written.get("answer", ""),
    )


def not_published(integration_id: str, tool_id: str | None = None) -> str | None:
    """Why the document does not have a tool's operation, or the one that proves credentials; None if it has."""
    known = _written(integration_id)
    part = known.get("verify", {}) if tool_id is None else known.get("tools", {}).get(tool_id, {})
    reason: str | None = part.get("not_published")
    return reason


def method(integration_id: str) -> str | None:
    """The method under which the document lists the request that proves credentials, where it is not ours."""
    found: str | None = _written(integration_id).get("verify", {}).get("method")
    return found


def all_tools() -> Iterator[tuple[str, str]]:
    """Every integration and tool for which something is let through."""
    for path in sorted(FOLDER.glob("*.toml")):
        yield from ((path.stem, tool) for tool in _written(path.stem).get("tools", {}))


def all_verifying() -> Iterator[str]:
    """Every integration for whose proving request something is let through."""
    return (path.stem for path in sorted(FOLDER.glob("*.toml")) if "verify" in _written(path.stem))


@cache
def _written(integration_id: str) -> Mapping[str, Any]:
    path = FOLDER / f"{integration_id}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
