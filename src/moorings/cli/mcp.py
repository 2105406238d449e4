"""`moorings mcp --stdio`."""

from typing import Annotated

import typer

from moorings.cli.exits import finish
from moorings.cli.options import ApiKey, DataDir, Environment, OwnerName, Url, target, wiring

Stdio = Annotated[bool, typer.Option("--stdio", help="Speak over standard input and output.")]


def mcp(
    context: typer.Context, stdio: Stdio = False, environment: Environment = None, url: Url = None,
    api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Speak the Model Context Protocol with the client that started this, until it closes our input."""
    if not stdio:
        raise typer.BadParameter("say --stdio; over HTTP a running server speaks it at /mcp", param_hint="--stdio")
    finish(wiring(context).speak(target(url, api_key, data_dir, owner), environment))
