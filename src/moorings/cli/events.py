"""`moorings events`: what people wrote to a bot, and how it was passed on."""

from typing import Annotated, Any

import typer

from moorings.cli.exits import finish
from moorings.cli.options import ApiKey, DataDir, Json, OwnerName, Url, target, wiring
from moorings.cli.output import environment_name, say, show_json, show_table

app = typer.Typer(help="What providers told, and how it was passed on.", no_args_is_help=True)

LONGEST = 60
"""Signs of a message that a table shows."""

Integration = Annotated[str, typer.Argument(help="An installation's id, or slack or telegram for all of it.")]


@app.command("list", epilog="Example: moorings events list slack --limit 50")
def list_events(
    context: typer.Context, integration: Integration,
    limit: Annotated[int, typer.Option(min=1, max=100, help="At most so many.")] = 20,
    before: Annotated[str | None, typer.Option(help="Only older ones than this event.")] = None,
    json: Json = False, url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """List the newest events with what became of each."""
    place = target(url, api_key, data_dir, owner)
    found = finish(wiring(context).ask(place, lambda api: api.events.list(integration, limit=limit, cursor=before)))
    if json:
        show_json(found)
        return
    columns = ("id", "type", "installation", "environment", "received", "delivery", "tries", "text")
    show_table("Events", columns, [_row(event) for event in found["data"]], "No events yet.")
    if found["nextCursor"]:
        say(f"There are older ones: --before {found['nextCursor']}", "dim")


@app.command(epilog="Example: moorings events redeliver slack evt_01kb0h6v3m8x2q4r5s6t7v8w9x")
def redeliver(
    context: typer.Context, integration: Integration,
    event: Annotated[str, typer.Argument(help="The event's id, as the list shows it.")], json: Json = False,
    url: Url = None, api_key: ApiKey = None, data_dir: DataDir = None, owner: OwnerName = None,
) -> None:  # fmt: skip
    """Pass an event on once more, however it ended; a running server sends it."""
    place = target(url, api_key, data_dir, owner)
    again = finish(wiring(context).ask(place, lambda api: api.events.redeliver(integration, event)))
    if json:
        show_json(again)
    else:
        say(f"{again['id']} is {again['delivery']['state']}, and will be sent again.")


def _row(event: dict[str, Any]) -> tuple[object, ...]:
    text = event["text"] if event["readable"] else "(does not open)"
    short = text if text is None or len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return (
        event["id"], event["type"], event["integrationId"], environment_name(event["environment"]),
        event["receivedAt"], _state(event["delivery"]), len(event["delivery"]["tries"]), _one_line(short),
    )  # fmt: skip


def _state(delivery: dict[str, Any]) -> str:
    last = delivery["tries"][-1] if delivery["tries"] else None
    why = (last["error"] or last["status"]) if last and delivery["state"] != "delivered" else None
    return f"{delivery['state']} ({why})" if why else str(delivery["state"])


def _one_line(text: str | None) -> str | None:
    """What strangers wrote, without line breaks or signs that move a terminal's cursor."""
    return None if text is None else "".join(sign if sign.isprintable() else " " for sign in text)
