"""`moorings telegram`: bots installed."""

from pathlib import Path
from typing import Annotated, Any

import typer

from moorings.cli.exits import finish
from moorings.cli.installing import ForwardUrl, InstallationName, Reserved, Source, install_wish
from moorings.cli.options import ApiKey, DataDir, Environment, Json, OwnerName, Url, target, wiring
from moorings.cli.output import errors, say, show_json
from moorings.cli.prompts import WithoutSecrets, prompted, read
from moorings.cli.wiring import Target, Wiring

app = typer.Typer(help="Install Telegram bots.", no_args_is_help=True)

CALLS = "/v1/integrations/telegram"
HEARD = {"webhook": "Telegram sends its messages here", "polling": "its messages are fetched"}


@app.command(cls=WithoutSecrets, epilog="Example: moorings telegram install --name Support --environment production")
def install(
    context: typer.Context, integration: Reserved = None, name: InstallationName = None,
    environment: Environment = None, forward: ForwardUrl = None,
    forget: Annotated[bool, typer.Option("--forget", help="Forget what people wrote to the bot before.")] = False,
    source: Source = None,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Install a bot by the token that @BotFather gave for it, which is asked for."""
    place = target(url, api_key, data_dir, owner)
    wish = {**install_wish(integration, name, environment, forward), "dropPendingUpdates": forget}
    made = finish(_install(wiring(context), place, source, wish))
    if json:
        show_json(made)
    else:
        say(f"{made['integrationId']} is @{made['botUsername']}; {HEARD[made['delivery']]}.")


async def _install(hub: Wiring, place: Target, source: Path | None, wish: dict[str, Any]) -> Any:
    async with hub.api(place) as api:
        fields = (await api.get(CALLS))["credentialFields"]
        values = read(source, fields) if source else prompted("Telegram", fields)
        with errors.status("Asking Telegram..."):
            return await api.post(f"{CALLS}/install", {**values, **wish})
