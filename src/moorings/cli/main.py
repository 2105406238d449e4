"""The command line: one small module for each noun."""

from typing import Annotated

import typer

from moorings import __version__
from moorings.cli import (
    audit,
    backup,
    catalogue,
    credentials,
    doctor,
    environments,
    events,
    forward,
    integrations,
    keys,
    mcp,
    new_provider,
    owners,
    server,
    slack,
    telegram,
    tools,
    vault,
    vectorize,
    weaviate,
)
from moorings.cli.wiring import Wiring

EXITS = (
    "Exit codes: 0 done, 1 failed, 2 wrong input, 3 not found, 4 not allowed, 5 the provider refused or could not be "
    "asked, 6 a setting is wrong."
)

app = typer.Typer(
    name="moorings", help="An open integrations and credentials hub for AI agents.", epilog=EXITS, no_args_is_help=True,
    pretty_exceptions_show_locals=False, rich_markup_mode=None,
)  # fmt: skip
app.command(epilog="Example: moorings serve --emulators")(server.serve)
app.command(epilog="Example: moorings emulate --show --json")(server.emulate)
app.add_typer(integrations.app, name="integrations")
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(credentials.app, name="credentials")
app.add_typer(tools.app, name="tools")
app.add_typer(slack.app, name="slack")
app.add_typer(telegram.app, name="telegram")
app.add_typer(events.app, name="events")
app.add_typer(forward.app, name="forward")
app.add_typer(vectorize.app, name="vectorize")
app.add_typer(weaviate.app, name="weaviate")
app.add_typer(keys.app, name="keys")
app.add_typer(owners.app, name="owners")
app.add_typer(environments.app, name="environments")
app.add_typer(audit.app, name="audit")
app.add_typer(vault.app, name="vault")
app.command(epilog="Example: moorings backup /backups/2030-01-01")(backup.backup)
app.command(epilog="Example: moorings restore /backups/2030-01-01")(backup.restore)
app.command(epilog="Example: moorings doctor --json")(doctor.doctor)
app.command(epilog="Example: moorings mcp --stdio --environment production")(mcp.mcp)
app.command("new-provider", epilog="Example: moorings new-provider acme-search")(new_provider.new_provider)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"moorings {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """An open integrations and credentials hub for AI agents."""


def run(wiring: Wiring) -> None:
    """Run the command line over what the composition root hands over."""
    app(obj=wiring)
