"""Secrets on their way in at a terminal: asked for, or read from a file; never taken from an argument."""

import json as jsons
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

from moorings.cli.exits import refuse
from moorings.cli.output import errors
from moorings.errors import Detail, InvalidRequest

if TYPE_CHECKING:
    from moorings.client.nouns.integrations import CredentialField


class WithoutSecrets(TyperCommand):
    """A command to which somebody may give a secret as an argument: it is refused without being said again."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As ever, but what is too many is not repeated."""
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            # typer brings its own copy of click, whose UsageError has no public name.
            if "unexpected extra argument" not in getattr(error, "message", ""):
                raise
            advice = "A secret is never given as an argument; you are asked for it, or give it with --from."
            raise typer.BadParameter(f"There is an argument too many. {advice}", ctx) from None


def entered(name: str, fields: Sequence["CredentialField"], source: Path | None) -> dict[str, str]:
    """The values of an integration that has an install call of its own: read or asked for, complete and no others."""
    values = read(source, fields) if source else prompted(name, fields)
    known = {field.name: field.required for field in fields}
    wrong = [Detail(each, f"{each} is missing.") for each, required in known.items() if required and each not in values]
    if wrong or not values.keys() <= known.keys():
        refuse(InvalidRequest(f"{name} takes {', '.join(known)}, and these are not the values for them.", wrong))
    return values


def prompted(name: str, fields: Sequence["CredentialField"]) -> dict[str, str]:
    """The values a person enters, secret ones without echo; what is left empty is not there."""
    if not sys.stdin.isatty():
        refuse(
            InvalidRequest("There is no terminal to ask at; give the values with --from FILE, or --from - for stdin.")
        )
    from rich.prompt import Prompt

    values = {}
    for field in fields:
        errors().print(f"[dim]{field.description}{f' {field.help_url}' if field.help_url else ''}[/dim]")
        optional = "" if field.required else " (optional)"
        value = Prompt.ask(f"{name} {field.label}{optional}", password=field.secret, console=errors(), default="")
        if value:
            values[field.name] = value
    return values


def read(source: Path, fields: Sequence["CredentialField"]) -> dict[str, str]:
    """The values that stand in a file, - for standard input: a JSON object, or the one required field's bare value."""
    text = _text(source).strip()
    if text.startswith("{"):
        return _object(text)
    required = [field.name for field in fields if field.required]
    if len(required) != 1:
        refuse(InvalidRequest(f"This integration has several fields ({', '.join(required)}); give a JSON object."))
    return {required[0]: text}


def _text(source: Path) -> str:
    try:
        return (sys.stdin.buffer.read() if str(source) == "-" else source.read_bytes()).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        refuse(InvalidRequest(f"{source} cannot be read as text."))


def _object(text: str) -> dict[str, str]:
    try:
        values: dict[str, str] = jsons.loads(text)
    except ValueError:
        refuse(InvalidRequest("The values begin like a JSON object and are none."))
    return values
