"""Options that many commands share, each also to be given as a variable."""

from pathlib import Path
from typing import Annotated

import typer

from moorings.cli.wiring import Target, Wiring

Url = Annotated[
    str | None,
    typer.Option(
        "--url", envvar="MOORINGS_URL", help="A remote server's address; the local data directory without it."
    ),
]
ApiKey = Annotated[
    str | None,
    typer.Option("--api-key", envvar="MOORINGS_API_KEY", help="The key for a remote server; better set as a variable."),
]
DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", envvar="MOORINGS_DATA_DIR", help="The local data directory.  [default: data]"),
]
OwnerName = Annotated[
    str | None,
    typer.Option(
        "--owner",
        envvar="MOORINGS_OWNER",
        help="The owner to act as on the local data directory; the first one without.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Environment = Annotated[
    str | None, typer.Option("--environment", "-e", help="The environment; all environments without.")
]


def target(url: str | None, api_key: str | None, data_dir: Path | None, owner: str | None) -> Target:
    """Where a command goes."""
    return Target(url, api_key, data_dir, owner)


def wiring(context: typer.Context) -> Wiring:
    """What the composition root has handed over."""
    found: Wiring = context.obj
    return found
