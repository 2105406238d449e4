"""What all commands that install a bot take."""

from pathlib import Path
from typing import Annotated, Any

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


def install_wish(
    integration: str | None, name: str | None, environment: str | None, forward: str | None
) -> dict[str, Any]:
    """How the installation shall be, as the API takes it; what was not given is not there."""
    given = {"integrationId": integration, "name": name, "environment": environment, "forwardUrl": forward}
    return {key: value for key, value in given.items() if value is not None}
