"""Manifests written for tests: Firecrawl's own, with one small tool, and with one thing made wrong."""

import json
import tomllib
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

from moorings.catalog.manifest import FILE
from moorings.providers.registry import FOLDER

Table = dict[str, Any]

TOOL: Table = {
    "id": "read_page",
    "title": "Read a page",
    "description": "Reads one web page and returns it as markdown, for a page whose address is known.",
    "read_only": True,
    "destructive": False,
    "source": "https://docs.firecrawl.dev",
    "source_date": date(2026, 11, 23),
    "result": "data",
    "parameters": {
        "type": "object",
        "required": ["url"],
        "additionalProperties": False,
        "properties": {
            "url": {"type": "string", "description": "The address of the page."},
            "options": {
                "type": "object",
                "description": "How it is read.",
                "properties": {"wait": {"type": "integer", "description": "Milliseconds to wait."}},
            },
        },
    },
    "request": {"method": "POST", "path": "/scrape", "body": {"url": "{url}", "options": "{options}"}},
}


def firecrawl() -> Table:
    """Firecrawl's manifest with one small tool in place of its own."""
    text = (FOLDER / "firecrawl" / FILE).read_text(encoding="utf-8")
    return {**tomllib.loads(text), "tools": [deepcopy(TOOL)]}


def write(folder: Path, manifest: Table, name: str | None = None) -> Path:
    """The folder of a manifest, called like its id unless said otherwise."""
    place = folder / (name or manifest["id"])
    place.mkdir(parents=True)
    text = "\n".join(f"{json.dumps(key)} = {toml(value)}" for key, value in manifest.items())
    (place / FILE).write_text(text, encoding="utf-8")
    return place


def changed(change: Callable[[Table], Any]) -> Table:
    """Firecrawl's manifest after a change."""
    manifest = firecrawl()
    change(manifest)
    return manifest


def toml(value: Any) -> str:
    """A value as TOML writes it in one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(toml(each) for each in value) + "]"
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)
