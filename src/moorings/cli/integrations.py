"""`moorings integrations`: what can be connected."""

from typing import Annotated, Any

import typer

from moorings.cli.exits import finish
from moorings.cli.options import ApiKey, DataDir, Environment, Json, OwnerName, Url, target, wiring
from moorings.cli.output import environment_name, screen, show_json, show_table
from moorings.cli.tools import effect

app = typer.Typer(help="What can be connected, and what is.", no_args_is_help=True)


@app.command("list", epilog="Example: moorings integrations list --category search")
def list_integrations(
    context: typer.Context, category: Annotated[str | None, typer.Option(help="Only this category.")] = None,
    search: Annotated[str | None, typer.Option("--search", "-q", help="Only entries that speak of this.")] = None,
    environment: Environment = None, json: Json = False,
    url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """List the catalogue."""
    place, query = target(url, api_key, data_dir, owner), {"category": category, "environment": environment}
    found = finish(wiring(context).ask(place, lambda api: api.integrations.list(search=search, **query)))
    if json:
        show_json(found)
        return
    rows = [
        (item["id"], item["name"], item["category"], item["status"], _places(item), item["toolCount"])
        for item in found["data"]
    ]
    show_table("Integrations", ("id", "name", "category", "status", "held for", "tools"), rows, "Nothing fits.")


@app.command(epilog="Example: moorings integrations show firecrawl")
def show(
    context: typer.Context, integration: Annotated[str, typer.Argument(help="A catalogue id or an installation's id.")],
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Show one integration with its credential fields and tools."""
    place = target(url, api_key, data_dir, owner)
    found = finish(wiring(context).ask(place, lambda api: api.integrations.get(integration)))
    if json:
        show_json(found)
        return
    screen().print(f"[bold]{found['name']}[/bold]  [dim]{found['documentationUrl']}[/dim]\n{found['description']}\n")
    fields = [
        (field["name"], field["label"], field["required"], field["secret"], field["helpUrl"], field["description"])
        for field in found["credentialFields"]
    ]
    show_table("Credential fields", ("name", "label", "required", "secret", "where to get it", ""), fields, "None.")
    tools = [(tool["id"], tool["title"], effect(tool)) for tool in found["tools"]]
    screen().print()
    show_table("Tools", ("id", "title", ""), tools, "No tools yet.")


def _places(item: dict[str, Any]) -> str | None:
    return ", ".join(environment_name(name) for name in item["environments"]) or None
