"""`moorings doctor`: what is wrong, and what to do next."""

from typing import Any

import typer

from moorings.cli.exits import Exit, finish
from moorings.cli.options import ApiKey, DataDir, Json, Url, target, wiring
from moorings.cli.output import errors, screen, show_json, show_table
from moorings.cli.wiring import Target, Wiring
from moorings.domain.finding import Finding, Level


def doctor(
    context: typer.Context, json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None
) -> None:
    """Look at the configuration, the database, the root keys and the way to the providers."""
    findings = finish(_diagnose(wiring(context), target(url, api_key, data_dir, None)))
    if json:
        show_json({"findings": [_shown(finding) for finding in findings]})
    else:
        rows = [(finding.level.value, finding.check, finding.message) for finding in findings]
        show_table("Findings", ("", "looked at", "found"), rows, "Nothing was looked at.")
        _next_steps(findings)
    if any(finding.level is Level.PROBLEM for finding in findings):
        raise typer.Exit(Exit.FAILED)


async def _diagnose(hub: Wiring, place: Target) -> list[Finding]:
    with errors.status("Looking..."):
        return list(await hub.diagnose(place))


def _next_steps(findings: list[Finding]) -> None:
    steps = [finding.next_step for finding in findings if finding.next_step and finding.level is not Level.OK]
    for number, step in enumerate(steps, 1):
        screen.print(f"\n[bold]{number}.[/bold] {step}")


def _shown(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check, "level": finding.level, "message": finding.message, "nextStep": finding.next_step,
    }  # fmt: skip
