"""`moorings vault`: root keys, on the machine itself, beside the running server."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from moorings.cli.exits import Exit, finish
from moorings.cli.options import DataDir, Json, wiring
from moorings.cli.output import complain, errors, say, show_json, show_table
from moorings.cli.wiring import Wiring
from moorings.domain.attestation import AlteredRow
from moorings.domain.root_key import Outcome, RootKeyView

app = typer.Typer(help="Look at root keys, replace them, and let the present one vouch for rows.", no_args_is_help=True)


Reseal = Annotated[bool, typer.Option("--reseal", help="Also give owners new keys and seal every record anew.")]


@app.command(epilog="Example: moorings vault status")
def status(context: typer.Context, json: Json = False, data_dir: DataDir = None) -> None:
    """Show the root keys and how much stands under each."""
    views = finish(_status(wiring(context), data_dir))
    if json:
        show_json({"rootKeys": [_shown(view) for view in views]})
    else:
        _table(views)
    if any(view.missing for view in views):
        raise typer.Exit(Exit.FAILED)


@app.command(epilog="Example: moorings vault rotate --reseal")
def rotate(
    context: typer.Context,
    reseal: Reseal = False,
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Make a new root key current and bring everything under it, while the server serves.

    Killed on its way, the same command goes on where it was.
    """
    outcome, views = finish(_rotate(wiring(context), data_dir, reseal=reseal))
    if json:
        show_json({"rootKey": outcome.root_key_id, "resumed": outcome.resumed, "rewrapped": outcome.rewrapped,
                   "resealed": outcome.resealed, "unreadable": outcome.unreadable,
                   "rootKeys": [_shown(view) for view in views]})  # fmt: skip
    else:
        _tell(outcome, views)
    if outcome.unreadable:
        raise typer.Exit(Exit.FAILED)


@app.command(epilog="Example: moorings vault attest")
def attest(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False, data_dir: DataDir = None,
) -> None:  # fmt: skip
    """Believe rows that Moorings has not written so, as they stand: API keys, owners, addresses.

    For a database of an earlier version, and for what you have changed by hand. Look at them first.
    """
    altered = finish(_altered(wiring(context), data_dir))
    rows = [(row.table, row.id) for row in altered]
    if not json:
        show_table(
            "Rows that Moorings has not written so", ("table", "row"), rows, "Every row is as Moorings wrote it."
        )
    if altered and not yes and not typer.confirm(f"Believe these {len(altered)} row(s) as they stand?", err=True):
        raise typer.Exit(Exit.FAILED)
    number = finish(_attest(wiring(context), data_dir)) if altered else 0
    if json:
        show_json({"attested": number, "rows": [{"table": row.table, "id": row.id} for row in altered]})
    elif number:
        say(f"{number} row(s) are believed from now on.")


async def _altered(hub: Wiring, data_dir: Path | None) -> Sequence[AlteredRow]:
    async with hub.attester(data_dir) as attester:
        return await attester.altered()


async def _attest(hub: Wiring, data_dir: Path | None) -> int:
    async with hub.attester(data_dir) as attester:
        return await attester.attest()


async def _status(hub: Wiring, data_dir: Path | None) -> Sequence[RootKeyView]:
    async with hub.operator(data_dir) as operator:
        return await operator.root_keys()


async def _rotate(hub: Wiring, data_dir: Path | None, *, reseal: bool) -> tuple[Outcome, Sequence[RootKeyView]]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=errors()
    )
    tasks: dict[str, TaskID] = {}

    def progress(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=total)
        bar.update(tasks[what], completed=done, total=total)

    async with hub.operator(data_dir) as operator:
        with bar:
            outcome = await operator.rotate(reseal=reseal, progress=progress)
        return outcome, await operator.root_keys()


def _tell(outcome: Outcome, views: Sequence[RootKeyView]) -> None:
    again = "The earlier rotation was finished" if outcome.resumed else "A new root key was made"
    say(f"{again}: {outcome.root_key_id} is current.")
    say(f"Owner keys re-wrapped: {outcome.rewrapped}. Records sealed anew: {outcome.resealed}.")
    for view in views:
        if not view.current:
            spare = "it may be destroyed" if view.owner_keys == 0 else "run this again"
            say(f"{view.records} records left under {view.id}; {spare}.")
    if outcome.unreadable:
        complain(f"{len(outcome.unreadable)} record(s) could not be opened and were left as they are:",
                 [("record", message) for message in outcome.unreadable])  # fmt: skip


def _table(views: Sequence[RootKeyView]) -> None:
    rows = [(view.id, _state(view), view.owner_keys, view.records) for view in views]
    show_table("Root keys", ("id", "state", "owner keys", "records"), rows, "No root keys yet.")


def _state(view: RootKeyView) -> str:
    if view.missing:
        return "problem: missing, and needed"
    if not view.loaded:
        return "not loaded, not needed"
    return "current" if view.current else "loaded"


def _shown(view: RootKeyView) -> dict[str, Any]:
    return {
        "id": view.id, "loaded": view.loaded, "current": view.current, "ownerKeys": view.owner_keys,
        "records": view.records, "missing": view.missing,
    }  # fmt: skip
