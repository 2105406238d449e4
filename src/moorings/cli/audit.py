"""`moorings audit`: what was done, and the proof that it was not changed."""

import json as jsons
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from moorings.cli.exits import Exit, finish, refuse
from moorings.cli.options import ApiKey, DataDir, Json, OwnerName, Url, target, wiring
from moorings.cli.output import complain, say, show_json
from moorings.cli.wiring import Target, Wiring
from moorings.domain.audit import ChainReport
from moorings.errors import InvalidRequest

PAGE = 1_000

app = typer.Typer(help="Verify and export the audit trail.", no_args_is_help=True)

Expect = Annotated[
    str | None,
    typer.Option(
        metavar="NUMBER:HASH",
        help="An entry of the owner as an earlier look had it.",
    ),
]


@app.command(epilog="Example: moorings audit verify")
def verify(
    context: typer.Context, expect: Expect = None, json: Json = False, data_dir: DataDir = None,
    owner: OwnerName = None,
) -> None:  # fmt: skip
    """Walk the chains of all owners, or of one, on the machine itself, and name the first entry that is not right."""
    reports = finish(_verify(wiring(context), data_dir, owner, _expected(expect)))
    if json:
        show_json({"data": [_shown(report) for report in reports], "total": len(reports)})
    else:
        for report in reports:
            _tell(report)
    if any(report.problem for report in reports):
        raise typer.Exit(Exit.FAILED)


@app.command(epilog="Example: moorings audit export --kind credentials.saved > saved.jsonl")
def export(
    context: typer.Context,
    integration: Annotated[str | None, typer.Option(help="Only of this integration or installation.")] = None,
    environment: Annotated[str | None, typer.Option("--environment", "-e", help="Only of this environment.")] = None,
    actor: Annotated[str | None, typer.Option(help="Only by this key or user.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only of this kind.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Only from then on, as 2030-01-01T00:00:00Z.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Only before then.")] = None,
    url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Print the owner's entries, one JSON object a line, the newest first."""
    query = {
        "integration_id": integration, "environment": environment, "actor": actor, "kind": kind,
        "since": _moment("--from", since), "until": _moment("--to", until),
    }  # fmt: skip
    finish(_export(wiring(context), target(url, api_key, data_dir, owner), query))


async def _verify(
    hub: Wiring, data_dir: Path | None, owner: str | None, expected: tuple[int, bytes] | None
) -> Sequence[ChainReport]:
    async with hub.operator(data_dir) as operator:
        return await operator.verify_audit(owner, expected)


async def _export(hub: Wiring, place: Target, query: dict[str, Any]) -> None:
    # Closed with the pipe: a program that has read enough is no failure of ours.
    async with aclosing(_events(hub, place, query)) as events:
        async for event in events:
            print(jsons.dumps(event, ensure_ascii=False))  # noqa: T201 - programs read this


async def _events(hub: Wiring, place: Target, query: dict[str, Any]) -> AsyncGenerator[Any, None]:
    async with hub.api(place) as api:
        page = await api.audit.list(limit=PAGE, **query)
        while True:
            for event in page.data:
                yield event.json_value()
            if page.next_cursor is None:
                return
            page = await api.audit.list(limit=PAGE, cursor=page.next_cursor, **query)


def _moment(option: str, text: str | None) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError:
        refuse(InvalidRequest(f"{option} wants a time such as 2030-01-01T00:00:00Z."))


def _expected(text: str | None) -> tuple[int, bytes] | None:
    if text is None:
        return None
    found = re.fullmatch(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", text)
    if found is None:
        refuse(InvalidRequest("--expect wants a number and a hash, as `moorings audit verify` prints them."))
    return int(found[1]), bytes.fromhex(found[2])


def _tell(report: ChainReport) -> None:
    if report.problem is None:
        say(f"{report.name}: {report.entries} entries are whole. The end: {report.entries}:{report.hash.hex()}")
    else:
        complain(f"{report.name}: {report.problem} Whole up to {report.entries}.")


def _shown(report: ChainReport) -> dict[str, Any]:
    return {
        "owner": report.owner, "name": report.name, "entries": report.entries, "hash": report.hash.hex(),
        "problem": report.problem, "sequence": report.sequence,
    }  # fmt: skip
