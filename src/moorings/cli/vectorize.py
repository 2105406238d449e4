"""`moorings vectorize`: configurations of Cloudflare Vectorize; the token is prompted for."""

from typing import Annotated

import typer

from moorings.cli import configurations
from moorings.cli.configurations import Config, Name, Secrets, Verify, Yes
from moorings.cli.exits import finish
from moorings.cli.options import ApiKey, DataDir, Environment, Json, OwnerName, Url, target, wiring
from moorings.cli.output import say, show_json
from moorings.cli.prompts import WithoutSecrets

app = typer.Typer(help="Configurations of Cloudflare Vectorize.", no_args_is_help=True)
TOKEN = {
    "name": "apiToken", "label": "API token", "secret": True, "required": True,
    "description": "A token with the permission Vectorize Read, or Vectorize Write to change things.",
    "helpUrl": "https://dash.cloudflare.com/profile/api-tokens",
}  # fmt: skip

Account = Annotated[str, typer.Option("--account", help="The Cloudflare account's id.")]
Index = Annotated[str, typer.Option("--index", help="The index that the tools work on.")]


@app.command("list", epilog="Example: moorings vectorize list --environment production")
def list_configurations(
    context: typer.Context, environment: Environment = None, json: Json = False,
    url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """List configurations, and say why one fails."""
    place = target(url, api_key, data_dir, owner)
    found = finish(wiring(context).ask(place, lambda api: api.vectorize.list(environment=environment)))
    if json:
        show_json(found)
        return
    empty = "No configurations yet; `moorings vectorize create` makes one."
    configurations.show(found, "Cloudflare Vectorize", ("accountId", "indexName"), empty)


@app.command(
    cls=WithoutSecrets,
    epilog="Example: moorings vectorize create articles --account 00000000000000000000000000000000 --index articles",
)
def create(
    context: typer.Context, name: Name, account: Account, index: Index, environment: Environment = None,
    source: Secrets = None, default: Annotated[bool, typer.Option("--default", help="Let it answer there.")] = False,
    verify: Verify = True, json: Json = False,
    url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Look whether token, account and index work together, and store them sealed."""
    place = target(url, api_key, data_dir, owner)
    token = configurations.secret(source, "Cloudflare", TOKEN) or ""
    work = wiring(context).ask(place, lambda api: api.vectorize.create(
        name, account, token, index, environment=environment, is_default=default, verify=verify,
    ))  # fmt: skip
    made = configurations.looked(work, verify=verify)
    if json:
        show_json(made)
    else:
        say(f"The configuration {made['name']} is stored as {made['id']}; it is {made['status']}.")


@app.command("test", epilog="Example: moorings vectorize test vec_01kb0h6v3m8x2q4r5s6t7v8w9x")
def check(
    context: typer.Context, config: Config, json: Json = False,
    url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Look whether a stored configuration still works."""
    place = target(url, api_key, data_dir, owner)
    work = wiring(context).ask(place, lambda api: api.vectorize.test_saved(config))
    configurations.tell(configurations.looked(work), as_json=json)


@app.command(epilog="Example: moorings vectorize delete vec_01kb0h6v3m8x2q4r5s6t7v8w9x --yes")
def delete(
    context: typer.Context, config: Config, yes: Yes = False, json: Json = False,
    url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Delete a configuration with its sealed bytes; the index at Cloudflare stays."""
    configurations.sure(f"Delete the configuration {config} for good?", yes=yes)
    place = target(url, api_key, data_dir, owner)
    gone = finish(wiring(context).ask(place, lambda api: api.vectorize.delete(config)))
    if json:
        show_json(gone)
    else:
        say(gone["message"])
