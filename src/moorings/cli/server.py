"""`moorings serve` and `moorings emulate`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from moorings.cli.exits import refuse
from moorings.cli.options import Json, wiring
from moorings.cli.output import show_json, show_table, tell
from moorings.errors import MooringsError

EMULATORS_PORT = 8701

Host = Annotated[
    str | None, typer.Option(envvar="MOORINGS_HOST", help="The address to listen on.  [default: 127.0.0.1]")
]
Port = Annotated[
    int | None,
    typer.Option(envvar="MOORINGS_PORT", min=0, max=65535, help="The port; 0 takes a free one.  [default: 8700]"),
]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data-dir", envvar="MOORINGS_DATA_DIR", help="Where the database and root keys live.  [default: data]"
    ),
]
Emulators = Annotated[
    bool | None,
    typer.Option(
        "--emulators",
        envvar="MOORINGS_EMULATORS",
        help="Start stand-ins of the providers and use them: try everything with no account.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        envvar="MOORINGS_WORKERS", min=1, max=64, help="Server processes; more than one needs PostgreSQL.  [default: 1]"
    ),
]
LogLevel = Annotated[
    str | None, typer.Option(envvar="MOORINGS_LOG_LEVEL", help="debug, info, warning or error.  [default: info]")
]
NewDatabase = Annotated[
    bool,
    typer.Option("--new-database", help="Begin an empty database though root keys of an earlier one are here."),
]
LogFormat = Annotated[str | None, typer.Option(envvar="MOORINGS_LOG_FORMAT", help="text or json.  [default: text]")]


def serve(
    context: typer.Context, host: Host = None, port: Port = None, data_dir: Data = None, emulators: Emulators = None,
    workers: Workers = None, log_level: LogLevel = None, log_format: LogFormat = None,
    new_database: NewDatabase = False,
) -> None:  # fmt: skip
    """Start the server. Every setting can also be given as MOORINGS_<NAME>; docs/settings.md lists them all."""
    given = {
        "host": host, "port": port, "data_dir": data_dir, "emulators": emulators, "workers": workers,
        "log_level": log_level, "log_format": log_format,
    }  # fmt: skip
    try:
        wiring(context).serve(_announce, new_database=new_database, **given)
    except MooringsError as error:
        refuse(error)


def emulate(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="The loopback address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = EMULATORS_PORT,
    show: Annotated[bool, typer.Option("--show", help="Print the credentials that are accepted, and end.")] = False,
    json: Json = False,
) -> None:  # fmt: skip
    """Serve stand-ins of the providers on loopback; they accept the shown credentials and refuse all others."""
    hub = wiring(context)
    if show:
        _show(hub.emulated_credentials(), json=json)
        return
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise typer.BadParameter("the stand-ins accept published keys and listen on loopback only", param_hint="--host")
    try:
        hub.emulate(
            host,
            port,
            lambda address: tell(f"The stand-ins answer at [bold]{address}[/bold]; Ctrl-C ends them."),
        )
    except MooringsError as error:
        refuse(error)


def _show(credentials: dict[str, dict[str, str]], *, json: bool) -> None:
    if json:
        show_json(credentials)
        return
    rows = [(name, field, value) for name, fields in credentials.items() for field, value in fields.items()]
    show_table(
        "Credentials that the stand-ins accept", ("integration", "field", "value"), rows, "There are no stand-ins."
    )


def _announce(started: Any) -> None:
    """Without what draws for people elsewhere: the server would hold it for as long as it runs."""
    name, address = (typer.style(text, bold=True) for text in ("Moorings", started.address))
    typer.echo(f"{name} answers at {address} with {started.integrations} integrations.")
    if started.database:
        begun = typer.style("A new, empty database was begun:", fg="yellow")
        typer.echo(f"{begun} {started.database}.")
    if started.emulators:
        typer.echo(
            f"Providers are played by stand-ins at {started.emulators}; `moorings emulate --show` lists their keys."
        )
    if started.key_file:
        made = typer.style("A root key was made:", fg="yellow")
        typer.echo(f"{made} {started.key_file}. Back it up, apart from the database.")
    if started.admin_key:
        typer.echo(f"\nThe admin API key, shown this once:\n\n  {typer.style(started.admin_key, fg='green')}\n")
        typer.echo(f"Try: export MOORINGS_URL={started.address} MOORINGS_API_KEY={started.admin_key}")
