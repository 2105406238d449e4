"""Writes the reference pages from the code itself; `--check` fails where a page is not what the code says.

Pages: docs/settings.md, docs/errors.md, docs/command-line.md, docs/api.md, docs/providers/<id>.md and their index,
and the table of integrations between its marks in README.md.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typer

from moorings import errors, settings
from moorings.catalog.catalog import load_catalog
from moorings.cli.main import app as commands
from moorings.domain.integration import CATEGORIES, Integration
from moorings.http import application, openapi
from moorings.providers.registry import FOLDER

DOCS = Path(__file__).parents[1] / "docs"
README = "../README.md"
FROM, TO = "<!-- integrations: made by `make docs` -->\n", "<!-- /integrations -->\n"
GUIDE = "guide.md"
"""What a person does at the provider, step by step; beside the manifest where there is something to tell."""

MADE = "<!-- Made by `make docs` from the code; change the code, not this page. -->\n\n"


SETTINGS = """\
# Settings

Each is an environment variable; `moorings serve` also takes the common ones as options. A misspelt one
is ignored, and named at start and by `moorings doctor`.

"""
ERRORS = """\
# Error codes

Every error has one shape: `error` (a sentence), `code`, `details` where there is something to list, and `requestId`.
*Again* says whether the same call may succeed later.

"""
COMMANDS = """\
# The command line

`moorings <command> --help` shows the same. Without `--url` a command works on the local data directory; with `--url`
and `MOORINGS_API_KEY` on a remote server.

## Exit codes

| code | meaning |
|---|---|
| 0 | done |
| 1 | failed |
| 2 | wrong input |
| 3 | not found |
| 4 | not allowed |
| 5 | the provider refused or could not be asked |
| 6 | a setting is wrong |
"""
API = """\
# The API

The whole of it, with every field, stands in `/openapi.json` of a running server. `Authorization: Bearer <key>` or the
bare key; JSON in and out; every answer has `X-Request-Id`.
"""


def pages() -> Iterator[tuple[str, str]]:
    """Each page's place below docs/ and its text."""
    yield "settings.md", MADE + _settings()
    yield "errors.md", MADE + _errors()
    yield "command-line.md", MADE + _commands()
    yield "api.md", MADE + _api()
    catalog = load_catalog([FOLDER])
    yield "providers/README.md", MADE + _index(list(catalog))
    for integration in catalog:
        yield f"providers/{integration.id}.md", MADE + _provider(integration)
    yield README, _readme((DOCS / README).read_text(encoding="utf-8"), list(catalog))


def _readme(text: str, catalog: list[Integration]) -> str:
    """The README with a fresh table between its marks; raises `ValueError` where a mark is gone."""
    before, mark, rest = text.partition(FROM)
    _, end, after = rest.partition(TO)
    if not mark or not end:
        raise ValueError("README.md has lost the marks of its table of integrations")
    return before + mark + "\n" + _summary(catalog) + "\n" + end + after


def _summary(catalog: list[Integration]) -> str:
    """One row for each category that has something in it."""
    found = {category: [entry for entry in catalog if entry.category == category] for category in CATEGORIES}
    rows = [(category, ", ".join(_link(entry) for entry in held)) for category, held in found.items() if held]
    tools = sum(len(entry.tools) for entry in catalog)
    return f"{len(catalog)} integrations with {tools} tools.\n\n" + _table(("category", "integrations (tools)"), rows)


def _link(entry: Integration) -> str:
    return f"[{entry.name}](docs/providers/{entry.id}.md) ({len(entry.tools)})"


def _settings() -> str:
    rows = [
        (f"`MOORINGS_{name.upper()}`", _default(field.default), str(field.description))
        for name, field in settings.Settings.model_fields.items()
    ]
    return SETTINGS + _table(("setting", "default", "what it does"), rows)


def _default(value: object) -> str:
    if value is None or value in ((), {}):
        return "-"
    return f"`{', '.join(value) if isinstance(value, tuple) else value}`"


def _errors() -> str:
    rows = [
        (f"`{kind.code}`", str(kind.status), "yes" if kind.transient else "no", _first_line(kind.__doc__))
        for kind in _tree(errors.MooringsError)
        if kind is not errors.MooringsError
    ]
    return ERRORS + _table(("code", "status", "again", "meaning"), sorted(set(rows), key=lambda row: (row[1], row[0])))


def _tree(kind: type[errors.MooringsError]) -> Iterator[type[errors.MooringsError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _tree(below)


def _commands() -> str:
    root = typer.main.get_command(commands)
    return "\n".join([COMMANDS, *(_command(name, command) for name, command in _walk(root, "moorings"))])


def _walk(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield name, command
        return
    for part, inner in sorted(below.items()):
        yield from _walk(inner, f"{name} {part}")


def _command(name: str, command: Any) -> str:
    rows = []
    for parameter in command.params:
        label = ", ".join(parameter.opts) if parameter.opts[0].startswith("-") else str(parameter.human_readable_name)
        variable = f" (`{parameter.envvar}`)" if parameter.envvar else ""
        rows.append((f"`{label}`", f"{getattr(parameter, 'help', '') or ''}{variable}"))
    text = f"## `{name}`\n\n{(command.help or '').strip()}\n\n"
    table = _table(("parameter", ""), [row for row in rows if row[0] != "`--help`"]) if rows else ""
    return f"{text}{table}\n{command.epilog or ''}\n"


def _api() -> str:
    document = openapi.document(application.CALLS)
    calls = [
        _call(method.upper(), path, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    return "\n".join([API, *calls])


def _call(method: str, path: str, operation: dict[str, Any]) -> str:
    rows = [(f"`{item['name']}`", item["in"], item.get("description", "")) for item in operation.get("parameters", [])]
    answers = ", ".join(operation["responses"])
    text = (
        f"## {operation['summary']}\n\n`{method} {path}` · `{operation['operationId']}`\n\n{operation['description']}\n"
    )
    table = "\n" + _table(("parameter", "in", ""), rows) if rows else ""
    return f"{text}{table}\nAnswers: {answers}.\n"


def _index(catalog: list[Integration]) -> str:
    rows = [
        (f"[{entry.name}]({entry.id}.md)", f"`{entry.id}`", entry.category, str(len(entry.tools)), entry.description)
        for entry in catalog
    ]
    return "# Integrations\n\n" + _table(("integration", "id", "category", "tools", "what for"), rows)


def _provider(entry: Integration) -> str:
    parts = [f"# {entry.name}\n\n{entry.description} [Documentation]({entry.documentation_url})\n"]
    if entry.installed_by:
        parts.append(f"Connected by `{entry.installed_by}`; saving credentials under its id is refused.\n")
    guide = FOLDER / entry.id / GUIDE
    if guide.exists():
        parts.append(guide.read_text(encoding="utf-8"))
    fields = [
        (f"`{field.name}`", "yes" if field.required else "no", "yes" if field.secret else "no", _field(field))
        for field in entry.fields
    ]
    parts.append("## Credentials\n\n" + _table(("field", "required", "secret", ""), fields))
    parts.append(f"Sent only to: {', '.join(f'`{host}`' for host in sorted(entry.hosts))}.\n")
    parts += _verification(entry)
    parts.append(f"## Revocation\n\n{entry.revoke.how}{f' <{entry.revoke.url}>' if entry.revoke.url else ''}\n")
    if entry.limits:
        parts.append(f"## Limits\n\n{entry.limits}\n")
    if entry.tools:
        tools = [(f"`{tool.id}`", "reads" if tool.read_only else "changes", tool.description) for tool in entry.tools]
        parts.append("## Tools\n\n" + _table(("tool", "", "what it does"), tools))
    if entry.unconfirmed:
        parts.append("## Not confirmed\n\n" + "".join(f"- {item}\n" for item in entry.unconfirmed))
    return "\n".join([*parts, f"Source of these facts: {entry.source}\n"])


def _field(field: Any) -> str:
    where = f" [Where to get it]({field.help_url})." if field.help_url else ""
    return f"{field.label}: {field.description}{where}"


def _verification(entry: Integration) -> list[str]:
    if entry.verify is None:
        return []
    form = entry.verify
    lines = [f"- {rule.outcome.value}: {rule.note}" for rule in form.rules if rule.note]
    refused = ", ".join(str(status) for status in sorted(form.rejected))
    request = form.request or (entry.auth.token.request if entry.auth.token else None)
    call = f"`{request.method} {request.path}`" if request else "The exchange for an access token"
    text = f"{call} proves the credentials; a {refused} means they are refused.\n"
    return ["## Verification\n\n" + text + ("\n" + "\n".join(lines) + "\n" if lines else "")]


def _table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    lines += [f"| {' | '.join(_cell(value) for value in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("|", "\\|")).strip()


def _first_line(text: str | None) -> str:
    return (text or "").strip().splitlines()[0]


def main() -> int:
    """Write the pages, or with --check say which are not right."""
    stale = []
    for place, text in pages():
        path = DOCS / place
        if "--check" in sys.argv:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(place)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for place in stale:
        print(f"{(DOCS / place).resolve().relative_to(DOCS.parent)} is not what the code says; run make docs")
    print(f"docs: {len(stale)} stale page(s)")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
