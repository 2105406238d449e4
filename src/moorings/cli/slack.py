"""`moorings slack`: an app made, installed, and given new credentials."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from moorings.cli.exits import finish
from moorings.cli.installing import ForwardUrl, InstallationName, Reserved, Source, Wish, install_wish
from moorings.cli.options import ApiKey, DataDir, Environment, Json, OwnerName, Url, target, wiring
from moorings.cli.output import errors, say, screen, show_json
from moorings.cli.prompts import WithoutSecrets, entered
from moorings.cli.wiring import Target, Wiring

if TYPE_CHECKING:
    from moorings.client.nouns.integrations import CredentialField
    from moorings.client.nouns.slack import SlashCommand

app = typer.Typer(help="Make, install and rotate Slack apps.", no_args_is_help=True)

APPS = "https://api.slack.com/apps"
APP_FIELDS = (
    ("clientId", "client id", False),
    ("clientSecret", "client secret", True),
    ("signingSecret", "signing secret", True),
)


@app.command(epilog="Example: moorings slack manifest --name Support --command '/ask=Ask the agent'")
def manifest(
    context: typer.Context, integration: Reserved = None, name: InstallationName = None,
    environment: Environment = None, forward: ForwardUrl = None,
    command: Annotated[list[str] | None, typer.Option("--command", metavar="/WORD=WHAT IT DOES", help="A slash command that the app shall have; may be given more than once.")] = None,  # noqa: E501
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Reserve an installation and print the address of Slack's page that makes its app."""
    place, wish = target(url, api_key, data_dir, owner), install_wish(integration, environment, forward)
    commands = [_command(one) for one in command or ()]
    made = finish(wiring(context).ask(place, lambda api: api.slack.manifest(name=name, commands=commands, **wish)))
    if json:
        show_json(made)
        return
    say(f"{made['integrationId']} is reserved. {made['message']}")
    screen().print(made["createUrl"], soft_wrap=True)


@app.command(cls=WithoutSecrets, epilog="Example: moorings slack install --name Support --environment production")
def install(
    context: typer.Context, integration: Reserved = None, name: InstallationName = None,
    environment: Environment = None, forward: ForwardUrl = None, source: Source = None,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Install an app by its bot token and signing secret, which are asked for."""
    place = target(url, api_key, data_dir, owner)
    made = finish(_install(wiring(context), place, source, name, install_wish(integration, environment, forward)))
    if json:
        show_json(made)
        return
    say(f"{made['integrationId']} is the bot of {made['teamName'] or made['teamId']}; its events go to:")
    screen().print(made["webhookUrl"], soft_wrap=True)


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
    done = finish(_rotate(wiring(context), place, source, integration, grace))
    if json:
        show_json(done)
    else:
        say(done["message"])


@app.command(cls=WithoutSecrets, epilog="Example: moorings slack connect --name Support --environment production")
def connect(
    context: typer.Context, integration: Reserved = None, name: InstallationName = None,
    environment: Environment = None, forward: ForwardUrl = None,
    again: Annotated[str | None, typer.Option("--again", help="An installation to connect once more, with what is there.")] = None,  # noqa: E501
    source: Source = None,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Begin to connect an app by OAuth: print Slack's page, where a person lets the app in."""
    place = target(url, api_key, data_dir, owner)
    wish, hub = install_wish(integration, environment, forward), wiring(context)
    begun = finish(_again(hub, place, again) if again else _connect(hub, place, source, name, wish))
    if json:
        show_json(begun)
        return
    say(f"{begun['integrationId']} waits until {begun['expiresAt']} for a person who opens Slack's page:")
    screen().print(begun["authorizeUrl"], soft_wrap=True)


def _command(written: str) -> "SlashCommand":
    word, equals, description = written.partition("=")
    if not equals:
        raise typer.BadParameter("say what it does as well: '/ask=Ask the agent'", param_hint="--command")
    return {"command": word.strip(), "description": description.strip()}


async def _connect(hub: Wiring, place: Target, source: Path | None, name: str | None, wish: Wish) -> dict[str, Any]:
    async with hub.api(place) as api:
        values = entered("Slack", _app_fields(), source)
        begun = await api.slack.connect(
            values["clientId"], values["clientSecret"], values["signingSecret"], name=name, **wish
        )
        return begun.json_value()


async def _again(hub: Wiring, place: Target, integration: str) -> dict[str, Any]:
    async with hub.api(place) as api:
        return (await api.slack.connect_again(integration)).json_value()


def _app_fields() -> list["CredentialField"]:
    """What an app is authorised with stands in no manifest, for saving it alone connects nothing."""
    from moorings.client.nouns.integrations import CredentialField

    more = {"description": "Stands under Basic Information.", "helpUrl": APPS, "required": True}
    none = {"pattern": None, "example": None}
    return [
        CredentialField.model_validate({"name": name, "label": label, "secret": secret, **more, **none})
        for name, label, secret in APP_FIELDS
    ]


async def _install(hub: Wiring, place: Target, source: Path | None, name: str | None, wish: Wish) -> dict[str, Any]:
    async with hub.api(place) as api:
        values = entered("Slack", (await api.integrations.get("slack")).credential_fields, source)
        with errors().status("Asking Slack..."):
            made = await api.slack.install(values["botToken"], values["signingSecret"], name=name, **wish)
            return made.json_value()


async def _rotate(
    hub: Wiring, place: Target, source: Path | None, integration: str, grace: int | None
) -> dict[str, Any]:
    async with hub.api(place) as api:
        wanted = (await api.integrations.get("slack")).credential_fields
        values = entered("Slack", [field.model_copy(update={"required": False}) for field in wanted], source)
        token, secret = values.get("botToken"), values.get("signingSecret")
        with errors().status("Asking Slack..."):
            done = await api.slack.rotate(integration, bot_token=token, signing_secret=secret, grace_seconds=grace)
            return done.json_value()
