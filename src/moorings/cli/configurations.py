"""What the commands for all vector stores have in common."""

import json
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from moorings.cli.exits import finish
from moorings.cli.output import complain, environment_name, errors, say, show_json, show_table
from moorings.cli.prompts import prompted, read

Config = Annotated[str, typer.Argument(help="The configuration's id, as the list shows it.")]
Name = Annotated[str, typer.Argument(help="What the configuration is called.")]
Secrets = Annotated[
    Path | None,
    typer.Option("--from", help="Read the secret from a file (- for standard input) instead of being asked for it."),
]
Verify = Annotated[bool, typer.Option(help="Look whether it works before storing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def secret(source: Path | None, provider: str, field: dict[str, Any]) -> str | None:
    """The one secret of a configuration, from a file or from a person."""
    from moorings.client.nouns.integrations import CredentialField

    wanted = CredentialField.model_validate({"pattern": None, "example": None, **field})
    return (read(source, [wanted]) if source else prompted(provider, [wanted])).get(wanted.name)


def looked(work: Coroutine[Any, Any, dict[str, Any]], *, verify: bool = True) -> dict[str, Any]:
    """What comes of a call that looks whether a configuration works, shown to be under way."""
    with errors().status("Looking whether it works..." if verify else "Storing..."):
        return finish(work)


def show(found: dict[str, Any], title: str, target: Sequence[str], empty: str) -> None:
    """A table of configurations; `target` names the columns that say where each leads."""
    rows = [
        (
            item["id"], item["name"], item["status"], environment_name(item["environment"]), item["isDefault"],
            *(item[name] for name in target), item["reason"],
        )
        for item in found["data"]
    ]  # fmt: skip
    show_table(title, ("id", "name", "status", "environment", "default", *target, "reason"), rows, empty)


def tell(check: dict[str, Any], *, as_json: bool) -> None:
    """What came of a test; a configuration that does not work is a failed command."""
    if as_json:
        show_json(check)
    elif check["valid"]:
        found = ", ".join(f"{name} {json.dumps(value)}" for name, value in check["metadata"].items())
        say(f"It works ({check['latencyMs']} ms): {found}.")
    else:
        complain(check["error"])
    if not check["valid"]:
        raise typer.Exit(1)


def sure(question: str, *, yes: bool) -> None:
    """Ask once more before something goes for good."""
    if not yes and not typer.confirm(question, err=True):
        raise typer.Exit(1)
