"""`moorings weaviate`: configurations of Weaviate; the key is prompted for."""

from typing import Annotated

import typer

from moorings.cli import configurations
from moorings.cli.configurations import Config, Name, Secrets, Verify, Yes
from moorings.cli.exits import finish
from moorings.cli.options import ApiKey, DataDir, Environment, Json, OwnerName, Url, target, wiring
from moorings.cli.output import say, show_json
from moorings.cli.prompts import WithoutSecrets

app = typer.Typer(help="Configurations of Weaviate.", no_args_is_help=True)
KEY = {
    "name": "apiKey", "label": "API key", "secret": True, "required": True,
    "description": "A key of the server with a role that may read its collections.",
    "helpUrl": "https://docs.weaviate.io/cloud/manage-clusters/authentication",
}  # fmt: skip

Address = Annotated[str, typer.Option("--server", help="The server's address; https:// may be left out.")]
Collection = Annotated[str | None, typer.Option("--collection", help="The collection that the tools work on.")]
Anonymous = Annotated[bool, typer.Option("--anonymous", help="The server lets anyone in: ask for no key.")]


@app.command("list", epilog="Example: moorings weaviate list --environment production")
def list_configurations(
    context: typer.Context, environment: Environment = None, json: Json = False,
    url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """List configurations, and say why one fails."""
    place = target(url, api_key, data_dir, owner)
    found = finish(wiring(context).ask(place, lambda api: api.weaviate.list(environment=environment)))
    if json:
        show_json(found)
        return
    empty = "No configurations yet; `moorings weaviate create` makes one."
    configurations.show(found, "Weaviate", ("url", "collectionName", "version"), empty)


@app.command(
    cls=WithoutSecrets,
    epilog="Example: moorings weaviate create articles --server https://example.weaviate.cloud --collection Article",
)
def create(
    context: typer.Context, name: Name, server: Address, collection: Collection = None,
    anonymous: Anonymous = False, environment: Environment = None,
    source: Secrets = None, default: Annotated[bool, typer.Option("--default", help="Let it answer there.")] = False,
    verify: Verify = True, json: Json = False,
    url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Look whether the server is there, takes the key and has the collection, and store it sealed."""
    place = target(url, api_key, data_dir, owner)
    key = None if anonymous else configurations.secret(source, "Weaviate", KEY)
    work = wiring(context).ask(place, lambda api: api.weaviate.create(
        name, server, api_key=key, collection_name=collection, environment=environment, is_default=default,
        verify=verify,
    ))  # fmt: skip
    made = configurations.looked(work, verify=verify)
    if json:
        show_json(made)
    else:
        say(f"The configuration {made['name']} is stored as {made['id']}; it is {made['status']}.")


@app.command("test", epilog="Example: moorings weaviate test wev_01kb0h6v3m8x2q4r5s6t7v8w9x")
def check(
    context: typer.Context, config: Config, json: Json = False,
    url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Look whether a stored configuration still works."""
    place = target(url, api_key, data_dir, owner)
    work = wiring(context).ask(place, lambda api: api.weaviate.test_saved(config))
    configurations.tell(configurations.looked(work), as_json=json)


@app.command(epilog="Example: moorings weaviate delete wev_01kb0h6v3m8x2q4r5s6t7v8w9x --yes")
def delete(
    context: typer.Context, config: Config, yes: Yes = False, json: Json = False,
    url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Delete a configuration with its sealed bytes; the collections stay."""
    configurations.sure(f"Delete the configuration {config} for good?", yes=yes)
    place = target(url, api_key, data_dir, owner)
    gone = finish(wiring(context).ask(place, lambda api: api.weaviate.delete(config)))
    if json:
        show_json(gone)
    else:
        say(gone["message"])
