"""`moorings keys`: API keys."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from moorings.cli.exits import finish
from moorings.cli.options import ApiKey, DataDir, Json, OwnerName, Url, target, wiring
from moorings.cli.output import say, screen, show_json, show_table
from moorings.cli.wiring import Target, Wiring

if TYPE_CHECKING:
    from moorings.client.nouns.keys import KeyCreated

app = typer.Typer(help="Make, list, rotate and revoke API keys.", no_args_is_help=True)

PAGE = 1_000

Scopes = Annotated[
    list[str] | None, typer.Option("--scope", "-s", help="What it may do; may be repeated.  [default: *]")
]
Bound = Annotated[
    list[str] | None, typer.Option("--environment", "-e", help="The only environments it may touch; may be repeated.")
]
Networks = Annotated[
    list[str] | None,
    typer.Option("--network", help="The only networks it may be used from, as 203.0.113.0/24; may be repeated."),
]


@app.command(epilog="Example: moorings keys create pipeline --scope INTEGRATIONS:READ --environment production")
def create(
    context: typer.Context, name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Scopes = None, environment: Bound = None, network: Networks = None,
    days: Annotated[int | None, typer.Option(min=1, max=36500, help="After how many days it ends.")] = None,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Make a key; it is shown this once."""
    ends = datetime.now(UTC) + timedelta(days=days) if days else None
    bounds = {"environments": environment or None, "networks": network or None, "expires_at": ends}
    made = finish(_create(wiring(context), target(url, api_key, data_dir, owner), name, scope or ["*"], bounds))
    if json:
        show_json(made)
        return
    say(f"The key {made['name']} is made. It is shown this once; keep it safe.")
    screen().print(made["key"], soft_wrap=True, style="bold")


@app.command("list", epilog="Example: moorings keys list --json")
def list_keys(
    context: typer.Context, json: Json = False,
    url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """List the owner's keys; never the keys themselves."""
    found = finish(_list(wiring(context), target(url, api_key, data_dir, owner)))
    if json:
        show_json(found)
        return
    rows = [
        (key["id"], key["name"], key["preview"], _state(key), ", ".join(key["scopes"]), _bounds(key),
         _day(key["expiresAt"]), _day(key["lastUsedAt"]))
        for key in found["data"]
    ]  # fmt: skip
    columns = ("id", "name", "key", "state", "scopes", "bound to", "ends", "last used")
    show_table("API keys", columns, rows, "No keys yet.")


@app.command(epilog="Example: moorings keys rotate key_01kb0h6v3m8x2q4r5s6t7v8w9x --grace 86400")
def rotate(
    context: typer.Context, key: Annotated[str, typer.Argument(help="The key's id, as the list shows it.")],
    grace: Annotated[int, typer.Option(min=0, max=2_592_000, help="For how many seconds the old key works on.")] = 3600,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Make a key with the bounds of an old one, which works on for a while; the new one is shown this once."""
    made = finish(_rotate(wiring(context), target(url, api_key, data_dir, owner), key, grace))
    if json:
        show_json(made)
        return
    say(f"The key {made['name']} is made anew. The old one works until {made['previousValidUntil']}.")
    screen().print(made["key"], soft_wrap=True, style="bold")


@app.command(epilog="Example: moorings keys revoke key_01kb0h6v3m8x2q4r5s6t7v8w9x")
def revoke(
    context: typer.Context, key: Annotated[str, typer.Argument(help="The key's id, as the list shows it.")],
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """End a key at once."""
    answer = finish(wiring(context).ask(target(url, api_key, data_dir, owner), lambda api: api.keys.revoke(key)))
    if json:
        show_json(answer)
    else:
        say(answer["message"])


async def _create(hub: Wiring, place: Target, name: str, scopes: list[str], bounds: dict[str, Any]) -> dict[str, Any]:
    async with hub.api(place) as api:
        return _with_key(await api.keys.create(name, scopes, **bounds))


async def _list(hub: Wiring, place: Target) -> dict[str, Any]:
    async with hub.api(place) as api:
        page = await api.keys.list(limit=PAGE)
        found = [*page.data]
        while page.next_cursor:
            page = await api.keys.list(limit=PAGE, cursor=page.next_cursor)
            found += page.data
        return {"data": [key.json_value() for key in found], "total": page.total}


async def _rotate(hub: Wiring, place: Target, key: str, grace: int) -> dict[str, Any]:
    async with hub.api(place) as api:
        return _with_key(await api.keys.rotate(key, grace_seconds=grace))


def _with_key(made: "KeyCreated") -> dict[str, Any]:
    """The answer with the key in plain sight, for whoever is shown it this once."""
    return {**made.json_value(), "key": made.key.get_secret_value()}


def _bounds(key: dict[str, Any]) -> str | None:
    return ", ".join([*(key["environments"] or []), *(key["networks"] or [])]) or None


def _day(moment: str | None) -> str | None:
    return None if moment is None else moment[:10]


def _state(key: dict[str, Any]) -> str:
    if key["revokedAt"]:
        return "revoked"
    ended = key["expiresAt"] is not None and datetime.fromisoformat(key["expiresAt"]) <= datetime.now(UTC)
    return "expired" if ended else "valid"
