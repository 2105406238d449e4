"""What all commands that install a bot take."""

from pathlib import Path
from typing import Annotated, TypedDict

import typer

Source = Annotated[
    Path | None,
    typer.Option("--from", help="Read the values from a file (- for standard input) that holds a JSON object."),
]
Reserved = Annotated[
    str | None, typer.Option("--integration", help="A reserved installation to complete; a new one without it.")
]
InstallationName = Annotated[str | None, typer.Option("--name", help="A name for the installation.")]
ForwardUrl = Annotated[str | None, typer.Option("--forward-url", help="An https address that events are passed on to.")]


class Wish(TypedDict):
    """How an installation shall be, as the client takes it."""

    integration: str | None
    environment: str | None
    forward_url: str | None


def install_wish(integration: str | None, environment: str | None, forward: str | None) -> Wish:
    """The three options that every installing command has."""
    return {"integration": integration, "environment": environment, "forward_url": forward}
