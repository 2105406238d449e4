"""`moorings forward`: where an installation's events go, and what they are signed with."""

from typing import Annotated

import typer

from moorings.cli.exits import finish
from moorings.cli.options import ApiKey, DataDir, Json, OwnerName, Url, target, wiring
from moorings.cli.output import say, screen, show_json
from moorings.cli.wiring import Target, Wiring

app = typer.Typer(help="Where events are passed on to.", no_args_is_help=True)

Installation = Annotated[str, typer.Argument(help="The installation's id, which begins with intg_.")]


@app.command(epilog="Example: moorings forward to intg_01kb0h6v3m8x2q4r5s6t7v8w9x https://app.example.com/events")
def to(
    context: typer.Context, integration: Installation,
    address: Annotated[str, typer.Argument(help="An https address of your program.")], json: Json = False,
    url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Pass an installation's events on to this address from now on."""
    _send(wiring(context), target(url, api_key, data_dir, owner), integration, address, as_json=json)


@app.command(epilog="Example: moorings forward off intg_01kb0h6v3m8x2q4r5s6t7v8w9x")
def off(
    context: typer.Context, integration: Installation, json: Json = False,
    url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Pass its events on to nowhere; they are still kept and listed."""
    _send(wiring(context), target(url, api_key, data_dir, owner), integration, None, as_json=json)


@app.command(
    "renew-secret", epilog="Example: moorings forward renew-secret intg_01kb0h6v3m8x2q4r5s6t7v8w9x --grace 600"
)
def renew_secret(
    context: typer.Context, integration: Installation,
    grace: Annotated[
        int | None, typer.Option(min=0, help="For how many seconds the one before signs as well; a day without.")
    ] = None,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Make the secret by which your program knows our deliveries; it is shown this once."""
    made = finish(_renew(wiring(context), target(url, api_key, data_dir, owner), integration, grace))
    if json:
        show_json(made)
        return
    until = made["previousValidUntil"]
    say("The secret is made; it is shown this once." + (f" The one before signs until {until}." if until else ""))
    screen().print(made["secret"], soft_wrap=True, style="bold")


def _send(hub: Wiring, place: Target, integration: str, address: str | None, *, as_json: bool) -> None:
    found = finish(hub.ask(place, lambda api: api.events.forward_to(integration, address)))
    if as_json:
        show_json(found)
    elif address is None:
        say("Its events are passed on to nowhere; they are kept and listed.")
    else:
        say("Its events go there from now on. `moorings forward renew-secret` makes the secret to check them with.")


async def _renew(hub: Wiring, place: Target, integration: str, grace: int | None) -> dict[str, str | None]:
    async with hub.api(place) as api:
        made = await api.events.renew_secret(integration, grace_seconds=grace)
        return {**made.json_value(), "secret": made.secret.get_secret_value()}
