"""`moorings backup` and `moorings restore`: the database, on the machine itself."""

from pathlib import Path
from typing import Annotated, Any

import typer

from moorings.cli.exits import refuse
from moorings.cli.options import DataDir, Json, wiring
from moorings.cli.output import complain, say, show_json
from moorings.errors import MooringsError

Folder = Annotated[Path, typer.Argument(help="A directory that holds no backup yet; it is made.")]
Backup = Annotated[Path, typer.Argument(help="The directory that `moorings backup` wrote, or the file in it.")]


def backup(context: typer.Context, directory: Folder, json: Json = False, data_dir: DataDir = None) -> None:
    """Copy the database of one moment into a directory, beside the running server; the root keys are not in it."""
    try:
        made = wiring(context).back_up(data_dir, directory)
    except MooringsError as error:
        refuse(error)
    if json:
        show_json({"file": str(made.file), "bytes": made.file.stat().st_size, "rootKeys": made.keys})
        return
    say(f"The database is copied and whole: {made.file} ({made.file.stat().st_size:,} bytes).")
    say(f"The root keys are not in it: keep {made.keys} elsewhere; it opens nothing alone.", "yellow")


def restore(context: typer.Context, directory: Backup, json: Json = False, data_dir: DataDir = None) -> None:
    """Put a backup in the database's place while no server runs; what stood there is moved aside, not deleted."""
    try:
        made = wiring(context).restore(data_dir, directory)
    except MooringsError as error:
        refuse(error)
    if json:
        aside = None if made.aside is None else str(made.aside)
        show_json({"file": str(made.file), "rootKeys": made.keys, "rootKeysThere": made.keys_there, "aside": aside})
        return
    say(f"The backup is in place: {made.file}.")
    _next(made)


def _next(made: Any) -> None:
    if made.aside is not None:
        say(f"What stood there is in {made.aside}; delete it when all is well.", "default")
    if not made.keys_there:
        complain(f"The root keys are not here ({made.keys}): put them back from their own backup, with chmod 600.")
    say("Look before you start the server: moorings doctor, then moorings audit verify.", "default")
