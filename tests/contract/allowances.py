"""Where a published document is behind or beside the live API; one file per integration under `allowances/`."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.contract.sent import NONE, Allowance

FOLDER = Path(__file__).parent / "allowances"


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


@cache
def _written(integration_id: str) -> Mapping[str, Any]:
    path = FOLDER / f"{integration_id}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
