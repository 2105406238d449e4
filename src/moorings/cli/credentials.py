"""`moorings credentials`: secrets are prompted for, or read from a file; never taken from an argument.

An argument stands in the shell's history and in the process list, where every user of the machine reads it.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from moorings.cli.exits import finish
from moorings.cli.options import ApiKey, DataDir, Environment, Json, OwnerName, Url, target, wiring
from moorings.cli.output import environment_name, errors, say, show_json, show_table
from moorings.cli.prompts import WithoutSecrets, prompted, read
from moorings.cli.wiring import Target, Wiring

app = typer.Typer(help="Save, inspect and delete credentials.", no_args_is_help=True)


Integration = Annotated[str, typer.Argument(help="A catalogue id or an installation's id.")]


@app.command(cls=WithoutSecrets, epilog="Example: moorings credentials save firecrawl --environment production")
def save(
    context: typer.Context, integration: Integration, environment: Environment = None,
    source: Annotated[Path | None, typer.Option("--from", help="Read the values from a file (- for standard input): a JSON object, or the bare value of the one required field.")] = None,  # noqa: E501
    verify: Annotated[bool, typer.Option(help="Ask the provider before storing.")] = True,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Check credentials with their provider and store them sealed."""
    place = target(url, api_key, data_dir, owner)
    answer = finish(_save(wiring(context), place, integration, environment, source, verify=verify))
    if json:
        show_json(answer)
    else:
        say(answer["message"])


@app.command(epilog="Example: moorings credentials status --environment production")
def status(
    context: typer.Context, environment: Environment = None,
    every: Annotated[bool, typer.Option("--all", help="Also what has no credentials.")] = False,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Show which credentials are held and which entry answers in an environment."""
    place, configured = target(url, api_key, data_dir, owner), None if every else True
    work = wiring(context).ask(
        place, lambda api: api.credentials.status(environment=environment, configured=configured)
    )
    found = finish(work)
    if json:
        show_json(found)
        return
    rows = [
        (item["integrationId"], item["status"], _source(item), _held(item), _previews(item), item["verifiedAt"])
        for item in found["data"]
    ]
    heading = f"Credentials, seen from {environment_name(environment)}" if environment else "Credentials"
    columns = ("integration", "status", "answered by", "held for", "fields", "verified")
    show_table(heading, columns, rows, "No credentials yet; `moorings credentials save` stores some.")


@app.command(epilog="Example: moorings credentials delete firecrawl --environment production --yes")
def delete(
    context: typer.Context, integration: Integration, environment: Environment = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    revoke: Annotated[bool, typer.Option(help="Tell the provider to revoke them, where it can be told.")] = True,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Delete the sealed bytes of one entry; for an installation, uninstall it."""
    question = f"Delete the credentials of {integration} for {environment_name(environment)} environment(s) for good?"
    if not yes and not typer.confirm(question, err=True):
        raise typer.Exit(1)
    place = target(url, api_key, data_dir, owner)
    told = None if revoke else False
    work = wiring(context).ask(
        place, lambda api: api.credentials.delete(integration, environment=environment, revoke=told)
    )
    answer = finish(work)
    if json:
        show_json(answer)
    else:
        say(answer["message"])


async def _save(
    hub: Wiring, place: Target, integration: str, environment: str | None, source: Path | None, *, verify: bool
) -> Any:
    async with hub.api(place) as api:
        entry = await api.integrations.get(integration)
        values = read(source, entry.credential_fields) if source else prompted(entry.name, entry.credential_fields)
        with errors().status(f"Asking {entry.name}..." if verify else "Storing..."):
            saved = await api.credentials.save(integration, values, environment=environment, verify=verify)
            return saved.json_value()


def _source(item: dict[str, Any]) -> str | None:
    names = {"environment": "its own entry", "all": "the entry for all"}
    return names.get(item["source"])


def _held(item: dict[str, Any]) -> str:
    return ", ".join(environment_name(name) for name in item["environments"])


def _previews(item: dict[str, Any]) -> str:
    return ", ".join(f"{name} {field['preview'] or '(hidden)'}" for name, field in item["fields"].items())
