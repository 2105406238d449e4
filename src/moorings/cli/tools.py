"""`moorings tools`: what integrations can do, and doing it."""

import json as jsons
import shlex
import sys
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from moorings.cli.exits import Exit, finish, refuse
from moorings.cli.options import ApiKey, DataDir, Environment, Json, OwnerName, Url, target, wiring
from moorings.cli.output import complain, environment_name, errors, escape, screen, show_json, show_table, tell
from moorings.cli.tool_parameters import given
from moorings.cli.wiring import Target, Wiring
from moorings.domain.example import example, fewest, kind_of
from moorings.errors import InvalidRequest

app = typer.Typer(help="What integrations can do, and doing it.", no_args_is_help=True)

ToolName = Annotated[str, typer.Argument(help="The full name, such as firecrawl_scrape_page.")]
Installation = Annotated[
    str | None, typer.Option("--integration", help="An installation's id, where there are several.")
]


@app.command("list", epilog="Example: moorings tools list --environment production")
def list_tools(
    context: typer.Context, environment: Environment = None,
    every: Annotated[bool, typer.Option("--all", help="Also what has no credentials.")] = False,
    integration: Annotated[str | None, typer.Option("--integration", help="All that this one offers.")] = None,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """List the tools that the held credentials unlock."""
    place = target(url, api_key, data_dir, owner)
    found = finish(_list(wiring(context), place, environment, integration, every=every))
    if json:
        show_json({"tools": found, "total": len(found)})
        return
    rows = [(tool["name"], tool["title"], effect(tool), _source(tool)) for tool in found]
    empty = "No credentials unlock a tool; `moorings tools list --all` shows what there is."
    show_table("Tools", ("tool", "title", "effect", "source"), rows, empty)


@app.command(epilog="Example: moorings tools show firecrawl_scrape_page")
def show(
    context: typer.Context, tool: ToolName, integration: Installation = None,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Show what a tool does, takes and gives back, with an example."""
    place, where = target(url, api_key, data_dir, owner), _place(tool, integration)
    found = finish(wiring(context).ask(place, lambda api: api.tools.get(where, tool)))
    if json:
        show_json(found)
        return
    tell(f"[bold]{escape(found['title'])}[/bold]  [dim]{escape(found['name'])}, {effect(found)}[/dim]")
    tell(f"{escape(found['description'])}\n")
    columns = ("name", "type", "required", "default", "")
    show_table("Parameters", columns, list(_parameters(found["parametersSchema"])), "None.")
    if found["outputSchema"]:
        tell("\n[bold]Output[/bold]")
        screen().print_json(data=found["outputSchema"])
    tell(f"\n[bold]Example[/bold]  {escape(_example(found))}")


@app.command(epilog="Example: moorings tools run firecrawl_scrape_page url=https://example.com -e production")
def run(
    context: typer.Context, tool: ToolName,
    parameters: Annotated[list[str] | None, typer.Argument(help="name=value, turned into the type that the tool wants, or name:=json.")] = None,  # noqa: E501
    whole: Annotated[str | None, typer.Option("--parameters", "-p", help="All parameters as a JSON object; - reads it from standard input.")] = None,  # noqa: E501
    environment: Environment = None, integration: Installation = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before something is destroyed.")] = False,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Run a tool with the credentials that answer in the environment, and print its result."""
    text = sys.stdin.read() if whole == "-" else whole
    place, where = target(url, api_key, data_dir, owner), _place(tool, integration)
    answer = finish(_run(wiring(context), place, where, tool, parameters or [], text, environment, sure=yes))
    if json:
        show_json(answer)
    else:
        _print(answer)
    if answer["isError"]:
        raise typer.Exit(Exit.PROVIDER)


async def _list(
    hub: Wiring, place: Target, environment: str | None, integration: str | None, *, every: bool
) -> list[dict[str, Any]]:
    async with hub.api(place) as api:
        configured = (await api.tools.configured(environment)).tools
        if integration is None and not every:
            return [tool.json_value() for tool in configured]
        sources = {tool.name: tool.source for tool in configured}
        names = [integration] if integration else [item.id for item in (await api.integrations.list()).data]
        offered = [tool for name in names for tool in (await api.tools.offered(name)).tools]
        return [{**tool.json_value(), "source": sources.get(tool.name)} for tool in offered]


async def _run(
    hub: Wiring, place: Target, integration: str, name: str, assignments: list[str], whole: str | None,
    environment: str | None, *, sure: bool,
) -> dict[str, Any]:  # fmt: skip
    async with hub.api(place) as api:
        tool = await api.tools.get(integration, name)
        values = given(assignments, whole, tool.parameters_schema)
        if tool.destructive and not sure:
            _confirm(tool.title)
        with errors().status(f"{tool.title}..."):
            return (await api.tools.run(integration, name, values, environment=environment)).json_value()


def _confirm(title: str) -> None:
    """Ask whoever is there; a program says beforehand that it is sure."""
    if not sys.stdin.isatty():
        refuse(InvalidRequest(f"{title} can destroy something; give --yes to run it without being asked."))
    if not typer.confirm(f"{title} can destroy something. Run it?", err=True):
        raise typer.Exit(Exit.FAILED)


def _place(tool: str, installation: str | None) -> str:
    """The installation, or the integration that the name begins with; its id holds no underscore."""
    integration, found, short = tool.partition("_")
    if not found or not integration or not short:
        refuse(InvalidRequest("A tool's full name is wanted, such as firecrawl_scrape_page; `moorings tools list`."))
    return installation or integration


def _print(answer: Mapping[str, Any]) -> None:
    if answer["hint"]:
        complain(answer["hint"]["message"])
        return
    if answer["isError"]:
        complain("The provider refused.")
    if screen().is_terminal:
        screen().print_json(data=answer["result"])
    else:
        show_json(answer["result"])
    _remarks(answer)


def _remarks(answer: Mapping[str, Any]) -> None:
    """What a person wants to know beside the result, on standard error."""
    if answer["truncated"]:
        errors().print("[yellow]The answer was too long and was cut.[/yellow]")
    if answer["retryAfter"] is not None:
        errors().print(f"[yellow]The provider wants to be asked again after {answer['retryAfter']} seconds.[/yellow]")
    place = escape(environment_name(answer["environment"]))
    errors().print(f"[dim]{answer['durationMs']} ms, environment: {place}[/dim]")


def effect(tool: Mapping[str, Any]) -> str:
    """What a tool does to what it works on, in a word."""
    return "destroys" if tool["destructive"] else "reads" if tool["readOnly"] else "changes"


def _source(tool: Mapping[str, Any]) -> str | None:
    names = {"environment": "its own entry", "all": "the entry for all"}
    return names.get(tool["source"])


def _parameters(schema: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    required = set(schema.get("required", ()))
    for name, each in schema.get("properties", {}).items():
        default = jsons.dumps(each["default"], ensure_ascii=False) if "default" in each else None
        choices = f" One of {', '.join(map(str, each['enum']))}." if "enum" in each else ""
        yield name, kind_of(each), name in required, default, each.get("description", "") + choices


def _example(tool: Mapping[str, Any]) -> str:
    schema = tool["parametersSchema"]
    values = fewest(schema) or {name: example(each, name) for name, each in _few(schema)}
    parts = [f"{name}={value}" if isinstance(value, str) else f"{name}:={jsons.dumps(value)}"
             for name, value in values.items()]  # fmt: skip
    return shlex.join(["moorings", "tools", "run", tool["name"], *parts])


def _few(schema: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Where nothing is required, one parameter shows how it is done."""
    return list(schema.get("properties", {}).items())[:1]
