"""`moorings owners`: organisations or users, on the local data directory."""

import shlex
from typing import Annotated, Any

import typer

from moorings.cli.exits import finish
from moorings.cli.options import DataDir, Json, wiring
from moorings.cli.output import say, show_json, show_table
from moorings.cli.wiring import Wiring
from moorings.domain.owner import Owner

app = typer.Typer(help="Make, list and link owners, on the machine itself.", no_args_is_help=True)


@app.command(epilog="Example: moorings owners create acme, then: moorings keys create admin --owner acme")
def create(
    context: typer.Context, name: Annotated[str, typer.Argument(help="The owner's name.")],
    json: Json = False, data_dir: DataDir = None,
) -> None:  # fmt: skip
    """Make an owner, whose things no other owner ever sees."""
    owner = finish(_create(wiring(context), data_dir, name))
    if json:
        show_json(_shown(owner))
    else:
        first = shlex.join(["moorings", "keys", "create", "admin", "--owner", owner.name])
        say(f"Owner {owner.name} ({owner.id}) is made. Its first key: {first}")


@app.command("list", epilog="Example: moorings owners list")
def list_owners(context: typer.Context, json: Json = False, data_dir: DataDir = None) -> None:
    """List all owners, the first one first."""
    owners = finish(_list(wiring(context), data_dir))
    if json:
        show_json({"data": [_shown(owner) for owner in owners], "total": len(owners)})
        return
    rows = [(owner.id, owner.name, f"{owner.created_at:%Y-%m-%d %H:%M}") for owner in owners]
    show_table("Owners", ("id", "name", "since (UTC)"), rows, "No owners yet.")


@app.command(epilog="Example: moorings owners link acme org_2abcDEF")
def link(
    context: typer.Context, name: Annotated[str, typer.Argument(help="The owner's name or id.")],
    subject: Annotated[str, typer.Argument(help="The organisation's or user's id at the session issuer.")],
    user: Annotated[bool, typer.Option("--user", help="The id is a user's, not an organisation's.")] = False,
    json: Json = False, data_dir: DataDir = None,
) -> None:  # fmt: skip
    """Let an organisation or user of the session issuer see this owner's things, in place of an owner of its own."""
    owner = finish(_link(wiring(context), data_dir, name, subject, user=user))
    if json:
        show_json({**_shown(owner), "subject": subject})
    else:
        say(f"{subject} is the owner {owner.name} ({owner.id}) from now on.")


async def _link(hub: Wiring, data_dir: Any, name: str, subject: str, *, user: bool) -> Owner:
    async with hub.operator(data_dir) as operator:
        return await operator.link_owner(name, subject, user=user)


async def _create(hub: Wiring, data_dir: Any, name: str) -> Owner:
    async with hub.operator(data_dir) as operator:
        return await operator.create_owner(name)


async def _list(hub: Wiring, data_dir: Any) -> list[Owner]:
    async with hub.operator(data_dir) as operator:
        return list(await operator.owners())


def _shown(owner: Owner) -> dict[str, str]:
    return {"id": owner.id, "name": owner.name, "createdAt": owner.created_at.isoformat()}
