"""`moorings telegram`: bots installed by their token, and bots made by a link."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from moorings.cli.exits import finish
from moorings.cli.installing import ForwardUrl, InstallationName, Reserved, Source, Wish, install_wish
from moorings.cli.options import ApiKey, DataDir, Environment, Json, OwnerName, Url, target, wiring
from moorings.cli.output import errors, say, screen, show_json
from moorings.cli.prompts import WithoutSecrets, entered
from moorings.cli.wiring import Target, Wiring
from moorings.domain.username import username_problem

if TYPE_CHECKING:
    from moorings.client import AsyncMoorings
    from moorings.client.answer import Answer

app = typer.Typer(help="Install Telegram bots, by their token or by a link.", no_args_is_help=True)

managed = typer.Typer(help="Bots that a person makes by a link.", no_args_is_help=True)
app.add_typer(managed, name="managed")

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
    wish = install_wish(integration, environment, forward)
    made = finish(_install(wiring(context), place, source, name, wish, forget=forget))
    if json:
        show_json(made)
    else:
        say(f"{made['integrationId']} is @{made['botUsername']}; {HEARD[made['delivery']]}.")


async def _install(
    hub: Wiring, place: Target, source: Path | None, name: str | None, wish: Wish, *, forget: bool
) -> dict[str, Any]:
    async with hub.api(place) as api:
        values = entered("Telegram", (await api.integrations.get("telegram")).credential_fields, source)
        with errors().status("Asking Telegram..."):
            made = await api.telegram.install(values["botToken"], name=name, drop_pending_updates=forget, **wish)
            return made.json_value()


@app.command("rotate", cls=WithoutSecrets, epilog="Example: moorings telegram rotate intg_01kb0h6v3m8x2q4r5s6t7v8w9x")
def replace_token(
    context: typer.Context,
    integration: Annotated[str, typer.Argument(help="The installation's id; telegram means the only one.")],
    source: Source = None,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Give a bot the token that @BotFather made in place of a revoked one; it is asked for."""
    place = target(url, api_key, data_dir, owner)
    done = finish(_replace_token(wiring(context), place, source, integration))
    if json:
        show_json(done)
    else:
        say(done["message"])


async def _replace_token(hub: Wiring, place: Target, source: Path | None, integration: str) -> dict[str, Any]:
    async with hub.api(place) as api:
        values = entered("Telegram", (await api.integrations.get("telegram")).credential_fields, source)
        with errors().status("Asking Telegram..."):
            return (await api.telegram.replace_token(integration, values["botToken"])).json_value()


RequestId = Annotated[str, typer.Argument(help="The request's id, which begins with tmb_.")]


@managed.command(epilog="Example: moorings telegram managed available --username acme_helper_bot")
def available(
    context: typer.Context,
    username: Annotated[str | None, typer.Option(help="A username to be looked at.")] = None,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Say whether this server has a bot that may make others."""
    place = target(url, api_key, data_dir, owner)
    found = finish(wiring(context).ask(place, lambda api: api.telegram.availability(username)))
    if json:
        show_json(found)
    elif found["available"]:
        say(f"@{found['managerBotUsername']} makes bots here.")
    else:
        say(f"No bot can be made. {_why(found['reason'], username)}", "yellow")


@managed.command(epilog="Example: moorings telegram managed create 'Acme Helper' --environment production")
def create(
    context: typer.Context, name: Annotated[str, typer.Argument(help="The name that people see.")],
    username: Annotated[str | None, typer.Option(help="How its username shall begin.")] = None,
    integration: Reserved = None, environment: Environment = None, forward: ForwardUrl = None,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Ask for a bot: print the link by which a person makes it in Telegram."""
    place, wish = target(url, api_key, data_dir, owner), install_wish(integration, environment, forward)
    made = finish(_asked(wiring(context), place, lambda api: api.telegram.initiate(name, username=username, **wish)))
    if json:
        show_json(made)
        return
    say(f"{made['requestId']} waits until {made['expiresAt']} for a person who opens this link in Telegram:")
    screen().print(made["deepLink"], soft_wrap=True)


@managed.command(epilog="Example: moorings telegram managed status tmb_01kb0h6v3m8x2q4r5s6t7v8w9x")
def status(
    context: typer.Context, request: RequestId,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Say where a request stands."""
    place = target(url, api_key, data_dir, owner)
    _tell(finish(wiring(context).ask(place, lambda api: api.telegram.request(request))), json=json)


@managed.command(epilog="Example: moorings telegram managed confirm tmb_01kb0h6v3m8x2q4r5s6t7v8w9x")
def confirm(
    context: typer.Context, request: RequestId,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Bind the bot that a person made under another username than the suggested one."""
    place = target(url, api_key, data_dir, owner)
    _tell(finish(_asked(wiring(context), place, lambda api: api.telegram.confirm_rename(request))), json=json)


@managed.command(epilog="Example: moorings telegram managed reject tmb_01kb0h6v3m8x2q4r5s6t7v8w9x")
def reject(
    context: typer.Context, request: RequestId,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Leave that bot to its owner, with its token replaced and forgotten."""
    place = target(url, api_key, data_dir, owner)
    _tell(finish(_asked(wiring(context), place, lambda api: api.telegram.reject_rename(request))), json=json)


@managed.command(epilog="Example: moorings telegram managed cancel tmb_01kb0h6v3m8x2q4r5s6t7v8w9x")
def cancel(
    context: typer.Context, request: RequestId,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """End a request before a bot is bound by it."""
    place = target(url, api_key, data_dir, owner)
    ended = finish(_asked(wiring(context), place, lambda api: api.telegram.cancel(request)))
    if json:
        show_json(ended)
    else:
        say(ended["message"])


@managed.command(epilog="Example: moorings telegram managed rotate intg_01kb0h6v3m8x2q4r5s6t7v8w9x")
def rotate(
    context: typer.Context,
    integration: Annotated[str, typer.Argument(help="The installation's id; telegram means the only one.")],
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Give a managed bot a new token, which nobody is shown."""
    place = target(url, api_key, data_dir, owner)
    done = finish(_asked(wiring(context), place, lambda api: api.telegram.rotate(integration)))
    if json:
        show_json(done)
    else:
        say(done["message"])


def _tell(found: Any, *, json: bool) -> None:
    if json:
        show_json(found)
        return
    name = found["actualUsername"] or found["suggestedUsername"]
    more = found["integrationId"] or found["error"] or ""
    say(f"{found['requestId']} is {found['status']}: @{name} {more}".rstrip())


async def _asked(hub: Wiring, place: Target, call: Callable[["AsyncMoorings"], Awaitable["Answer"]]) -> dict[str, Any]:
    """A call that Telegram is asked for in turn."""
    with errors().status("Asking Telegram..."):
        return await hub.ask(place, call)


def _why(reason: str, username: str | None) -> str:
    from moorings.services.managing_bot import SENTENCES, Reason

    return SENTENCES.get(Reason(reason)) or username_problem(username or "") or "Telegram takes no bot of this name."
