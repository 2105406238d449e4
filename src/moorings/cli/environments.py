"""`moorings environments`: which credentials answer where, and how two environments differ."""

from typing import Annotated, Any

import typer

from moorings.cli.exits import finish
from moorings.cli.options import ApiKey, DataDir, Environment, Json, OwnerName, Url, target, wiring
from moorings.cli.output import environment_name, say, show_json, show_table

app = typer.Typer(help="Explain and compare environments.", no_args_is_help=True)

Integration = Annotated[str, typer.Argument(help="A catalogue id or an installation's id.")]
Name = typer.Argument(help="An environment.")


@app.command(epilog="Example: moorings environments explain firecrawl --environment production")
def explain(
    context: typer.Context, integration: Integration, environment: Environment = None, json: Json = False,
    url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Tell which entry answers and why, who used it last, and what would change without it."""
    place = target(url, api_key, data_dir, owner)
    told = finish(
        wiring(context).ask(place, lambda api: api.environments.resolve(integration, environment=environment))
    )
    if json:
        show_json(told)
        return
    rows = [
        (
            entry["connectionId"],
            environment_name(entry["environment"]),
            entry["status"],
            entry["answers"],
            entry["reason"],
        )
        for entry in told["candidates"]
    ]
    title = f"Credentials of {integration}, seen from {environment_name(environment)}"
    show_table(title, ("connection", "held for", "status", "answers", "why"), rows, "No credentials yet.")
    if told["lastUsedAt"]:
        say(f"Last used {told['lastUsedAt']} by {told['lastUsedBy']}.")
    for change in told["ifDeleted"]:
        say(f"Without it, {environment_name(change['environment'])} would have {_entry(change['answering'])}.", "dim")


@app.command(epilog="Example: moorings environments diff staging production")
def diff(
    context: typer.Context, left: Annotated[str, Name], right: Annotated[str, Name], json: Json = False,
    url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Compare two environments: what each has, and where both use the same value; never the value."""
    place = target(url, api_key, data_dir, owner)
    found = finish(wiring(context).ask(place, lambda api: api.environments.diff(left, right)))
    if json:
        show_json(found)
        return
    rows = [(row["integrationId"], _entry(row["from"]), _entry(row["to"]), _same(row)) for row in found["data"]]
    show_table(f"{left} and {right}", ("integration", left, right, "values"), rows, "Neither has any credentials.")


def _entry(answering: dict[str, Any] | None) -> str:
    if answering is None:
        return "nothing"
    return f"{answering['connectionId']} ({environment_name(answering['environment'])})"


def _same(row: dict[str, Any]) -> str | None:
    if row["sameEntry"]:
        return "one entry for both"
    if row["sameValues"] is None:
        return None
    same = [name for name, equal in row["sameValues"].items() if equal]
    return f"the same: {', '.join(same)}" if same else "different"
