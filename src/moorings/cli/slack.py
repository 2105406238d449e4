"""`moorings slack`: an app made, installed, and given new credentials."""

from pathlib import Path
from typing import Annotated, Any

import typer

from moorings.cli.exits import finish
from moorings.cli.installing import ForwardUrl, InstallationName, Reserved, Source, install_wish
from moorings.cli.options import ApiKey, DataDir, Environment, Json, OwnerName, Url, target, wiring
from moorings.cli.output import errors, say, screen, show_json
from moorings.cli.prompts import WithoutSecrets, prompted, read
from moorings.cli.wiring import Target, Wiring

app = typer.Typer(help="Make, install and rotate Slack apps.", no_args_is_help=True)

CALLS = "/v1/integrations/slack"


@app.command(epilog="Example: moorings slack manifest --name Support --environment production")
def manifest(
    context: typer.Context, integration: Reserved = None, name: InstallationName = None,
    environment: Environment = None, forward: ForwardUrl = None,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Reserve an installation and print the address of Slack's page that makes its app."""
    place = target(url, api_key, data_dir, owner)
    made = finish(_post(wiring(context), place, "manifest", install_wish(integration, name, environment, forward)))
    if json:
        show_json(made)
        return
    say(f"{made['integrationId']} is reserved. {made['message']}")
    screen.print(made["createUrl"], soft_wrap=True)


@app.command(cls=WithoutSecrets, epilog="Example: moorings slack install --name Support --environment production")
def install(
    context: typer.Context, integration: Reserved = None, name: InstallationName = None,
    environment: Environment = None, forward: ForwardUrl = None, source: Source = None,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Install an app by its bot token and signing secret, which are asked for."""
    place = target(url, api_key, data_dir, owner)
    made = finish(_install(wiring(context), place, source, install_wish(integration, name, environment, forward)))
    if json:
        show_json(made)
        return
    say(f"{made['integrationId']} is the bot of {made['teamName'] or made['teamId']}; its events go to:")
    screen.print(made["webhookUrl"], soft_wrap=True)


@app.command(cls=WithoutSecrets, epilog="Example: moorings slack rotate intg_01kb0h6v3m8x2q4r5s6t7v8w9x --grace 600")
def rotate(
    context: typer.Context,
    integration: Annotated[str, typer.Argument(help="The installation's id; slack means the only one.")],
    grace: Annotated[int | None, typer.Option(min=0, max=86_400, help="Seconds that the old signing secret still verifies.  [default: 3600]")] = None,  # noqa: E501
    source: Source = None,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Give an app a new token, a new signing secret or both; what is left empty stays."""
    place = target(url, api_key, data_dir, owner)
    body: dict[str, Any] = {"integrationId": integration} | ({} if grace is None else {"graceSeconds": grace})
    done = finish(_rotate(wiring(context), place, source, body))
    if json:
        show_json(done)
    else:
        say(done["message"])


async def _install(hub: Wiring, place: Target, source: Path | None, wish: dict[str, Any]) -> Any:
    async with hub.api(place) as api:
        fields = (await api.get(CALLS))["credentialFields"]
        values = read(source, fields) if source else prompted("Slack", fields)
        with errors.status("Asking Slack..."):
            return await api.post(f"{CALLS}/install", {**values, **wish})


async def _rotate(hub: Wiring, place: Target, source: Path | None, body: dict[str, Any]) -> Any:
    async with hub.api(place) as api:
        fields = [{**field, "required": False} for field in (await api.get(CALLS))["credentialFields"]]
        values = read(source, fields) if source else prompted("Slack", fields)
        with errors.status("Asking Slack..."):
            return await api.post(f"{CALLS}/rotate", {**values, **body})


async def _post(hub: Wiring, place: Target, call: str, body: dict[str, Any]) -> Any:
    async with hub.api(place) as api:
        return await api.post(f"{CALLS}/{call}", body)
