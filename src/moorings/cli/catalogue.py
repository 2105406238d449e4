"""`moorings catalogue`: what the manifests hold, for whoever writes them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from moorings.cli.exits import Exit, refuse
from moorings.cli.options import Json
from moorings.cli.output import complain, show_json, show_table, tell
from moorings.domain.integration import Integration
from moorings.errors import InvalidRequest
from moorings.providers.registry import FOLDER
from moorings.services.catalogue_check import Checked, check_folder

app = typer.Typer(help="The manifests that the catalogue is made of.", no_args_is_help=True)

Directory = Annotated[
    Path | None, typer.Argument(help="A directory with one folder for each manifest; our own manifests without.")
]
COLUMNS = ("id", "fields", "tools", "verified by", "revoke", "unconfirmed", "lacks", "problems")


@app.callback()
def main() -> None:
    """The manifests that the catalogue is made of."""


@app.command(epilog="Example: moorings catalogue check ./my-catalogue")
def check(directory: Directory = None, json: Json = False) -> None:
    """Load every manifest, say what is wrong or lacking, and write each tool's request without sending it."""
    found = check_folder(directory or FOLDER)
    if not found:
        refuse(InvalidRequest(f"{directory} holds no folder with a manifest.toml."))
    if json:
        show_json({"integrations": [_shown(one) for one in found], "total": _totals(found)})
    else:
        _print(found)
    if any(one.problems for one in found):
        raise typer.Exit(Exit.FAILED)


def _print(found: Sequence[Checked]) -> None:
    show_table("Manifests", COLUMNS, [_row(one) for one in found], "None.")
    total = _totals(found)
    integrations = f"{total['integrations']} integrations ({total['complete']} complete)"
    tell(f"\n[bold]{integrations}, {total['tools']} tools, {total['problems']} problems[/bold]")
    for one in found:
        if one.problems:
            complain(one.folder, [(problem.field, problem.message) for problem in one.problems])


def _row(one: Checked) -> tuple[object, ...]:
    lacks, problems = ", ".join(one.lacks) or None, len(one.problems) or None
    if (entry := one.integration) is None:
        return (one.folder, *[None] * 6, problems)
    revoke = "by a call" if entry.revoke.request else "by a person"
    counts = len(entry.fields), len(entry.tools)
    return (entry.id, *counts, _verified_by(entry), revoke, _unconfirmed(entry) or None, lacks, problems)


def _verified_by(entry: Integration) -> str | None:
    if entry.verify is None:
        return None
    request = entry.verify.request
    return f"{request.method} {request.path}" if request else "exchange for a token"


def _unconfirmed(entry: Integration) -> int:
    fields, tools = (field.unconfirmed for field in entry.fields), (tool.unconfirmed for tool in entry.tools)
    return len(entry.unconfirmed) + sum(fields) + sum(tools)


def _totals(found: Sequence[Checked]) -> dict[str, int]:
    return {
        "integrations": len(found),
        "complete": sum(one.integration is not None and not one.lacks and not one.problems for one in found),
        "tools": sum(len(one.integration.tools) for one in found if one.integration),
        "problems": sum(len(one.problems) for one in found),
    }


def _shown(one: Checked) -> dict[str, Any]:
    entry = one.integration
    problems = [{"field": problem.field, "message": problem.message} for problem in one.problems]
    shown = {"id": one.folder, "readable": entry is not None, "lacks": list(one.lacks), "problems": problems}
    if entry is None:
        return shown
    return {
        **shown, "fields": len(entry.fields), "tools": len(entry.tools), "verifiedBy": _verified_by(entry),
        "revoke": {"supported": entry.revoke.supported, "how": entry.revoke.how}, "unconfirmed": _unconfirmed(entry),
    }  # fmt: skip
