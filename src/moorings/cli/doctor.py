"""`moorings doctor`: what is wrong, and what to do next."""

from pathlib import Path
from typing import Annotated, Any

import typer

from moorings.cli.exits import Exit, finish
from moorings.cli.options import ApiKey, DataDir, Json, Url, target, wiring
from moorings.cli.output import complain, errors, say, screen, show_json, show_table
from moorings.cli.wiring import Target, Wiring
from moorings.domain.finding import Finding, Level
from moorings.domain.leak_report import LeakReport


def doctor(
    context: typer.Context,
    leak_test: Annotated[bool, typer.Option("--leak-test", help="Send secrets in every way and look for them everywhere.")] = False,  # noqa: E501
    log: Annotated[list[Path] | None, typer.Option("--log", help="A log that the leak test looks through; may be repeated.")] = None,  # noqa: E501
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None,
) -> None:  # fmt: skip
    """Look at the configuration, the database, the root keys and the way to the providers.

    The leak test works on an installation of its own and takes it away again. It finds nothing, or ends with 1.
    """
    if leak_test:
        # Of a running server its own directory is searched as well.
        _prove(wiring(context), Target(url, api_key, data_dir), log or [], as_json=json)
        return
    findings = finish(_diagnose(wiring(context), target(url, api_key, data_dir, None)))
    if json:
        show_json({"findings": [_shown(finding) for finding in findings]})
    else:
        rows = [(finding.level.value, finding.check, finding.message) for finding in findings]
        show_table("Findings", ("", "looked at", "found"), rows, "Nothing was looked at.")
        _next_steps(findings)
    if any(finding.level is Level.PROBLEM for finding in findings):
        raise typer.Exit(Exit.FAILED)


def _prove(hub: Wiring, place: Target, logs: list[Path], *, as_json: bool) -> None:
    with errors().status("Sending secrets, and looking for them..."):
        report = finish(hub.leak_test(place, logs))
    if as_json:
        places = [{"name": each.name, "bytes": each.size} for each in report.places]
        show_json({"secrets": report.secrets, "places": places, "found": report.found})
    else:
        rows = [(each.name, "not searched" if each.size is None else f"{each.size:,} bytes") for each in report.places]
        show_table("Searched", ("place", "size"), rows, "Nothing was searched.")
        _verdict(report)
    if report.found:
        raise typer.Exit(Exit.FAILED)


def _verdict(report: LeakReport) -> None:
    if report.found:
        complain("Secrets stand in plain sight; do not use this server, and tell its makers:",
                 [("leak", line) for line in report.found])  # fmt: skip
    else:
        forms = "plain, as base64, URL-encoded, hexadecimal, in UTF-16 or reversed"
        say(f"{report.secrets} secrets were sent, and none was found there: {forms}.")


async def _diagnose(hub: Wiring, place: Target) -> list[Finding]:
    with errors().status("Looking..."):
        return list(await hub.diagnose(place))


def _next_steps(findings: list[Finding]) -> None:
    steps = [finding.next_step for finding in findings if finding.next_step and finding.level is not Level.OK]
    for number, step in enumerate(steps, 1):
        screen().print(f"\n[bold]{number}.[/bold] {step}")


def _shown(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check, "level": finding.level, "message": finding.message, "nextStep": finding.next_step,
    }  # fmt: skip
