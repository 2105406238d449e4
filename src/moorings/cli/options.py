"""Options that many commands share, each also to be given as a variable."""

import os
from pathlib import Path
from typing import Annotated

import typer

from moorings.cli.exits import refuse
from moorings.cli.wiring import Target, Wiring
from moorings.errors import InvalidRequest

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
    """Where a command goes; what names a place on this machine never goes to a remote server unheard."""
    if url is not None and owner is not None:
        refuse(InvalidRequest(
            "--owner (MOORINGS_OWNER) works on the local data directory alone; at a server's address (MOORINGS_URL) "
            "the API key says whose things they are. Leave one of them out."
        ))  # fmt: skip
    # As a variable it may stand there for the server's sake.
    if url is not None and data_dir is not None and data_dir != Path(os.environ.get("MOORINGS_DATA_DIR", "")):
        refuse(InvalidRequest(
            "--data-dir names a directory here, and --url (MOORINGS_URL) a server. Leave one of them out."
        ))  # fmt: skip
    return Target(url, api_key, data_dir, owner)


def wiring(context: typer.Context) -> Wiring:
    """What the composition root has handed over."""
    found: Wiring = context.obj
    return found
