"""What commands print: tables and colours for people, JSON for programs.

What draws for people is loaded when it is wanted: it takes 3 MiB, which a server would hold for as long as it runs.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from moorings.cli.table import table

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

WIDEST = 100_000
"""Of a line in a pipe, which nobody breaks."""

COLOURS = {
    "valid": "green", "connected": "green", "ok": "green", "unverified": "yellow", "pending": "yellow",
    "warning": "yellow", "invalid": "red", "expired": "red", "failing": "red", "unreadable": "red", "problem": "red",
    "available": "dim", "revoked": "dim",
}  # fmt: skip


@cache
def screen() -> "Console":
    """Standard output, for people; where nobody looks at it, no line is broken."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDEST
    return console


@cache
def errors() -> "Console":
    """Standard error, for people."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def escape(text: str) -> str:
    """The same, with nothing in it that could be taken for markup."""
    from rich.markup import escape

    return escape(text)


def show_json(value: Any) -> None:
    """JSON on standard output, whole and undecorated."""
    print(json.dumps(value, indent=2, ensure_ascii=False))  # noqa: T201 - programs read this; rich would wrap it


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """A table; a sentence where there is nothing to show."""
    cells = [[_cell(value) for value in row] for row in rows]
    if not cells:
        tell(f"[dim]{escape(empty)}[/dim]")
        return
    _draw(table(title, columns, cells, screen().width))


def _draw(drawn: "RenderableType") -> None:
    """On a terminal as it is; elsewhere without the blanks that fill each line up to the longest."""
    if screen().is_terminal:
        screen().print(drawn, crop=False)
        return
    with screen().capture() as written:
        screen().print(drawn, crop=False)
    print("\n".join(line.rstrip() for line in written.get().splitlines()))  # noqa: T201 - see above


def tell(markup: str) -> None:
    """A sentence with rich markup, never broken into lines by us: a terminal wraps it, a program reads it whole."""
    screen().print(markup, soft_wrap=True)


def say(text: str, style: str = "green") -> None:
    """A sentence about what was done."""
    tell(f"[{style}]✓[/{style}] {escape(text)}" if style == "green" else f"[{style}]{escape(text)}[/{style}]")


def complain(text: str, details: Iterable[tuple[str, str]] = ()) -> None:
    """A sentence about what went wrong, with each place, on standard error."""
    errors().print(f"[red]✗[/red] {escape(text)}", soft_wrap=True)
    for place, message in details:
        errors().print(f"  [bold]{escape(place)}[/bold]  {escape(message)}", soft_wrap=True)


def environment_name(environment: str | None) -> str:
    """How people see an environment."""
    return "all" if environment is None else environment


def _cell(value: object) -> str:
    if value is None:
        return "[dim]-[/dim]"
    if isinstance(value, bool):
        return "yes" if value else "[dim]no[/dim]"
    text = escape(str(value))
    colour = COLOURS.get(text)
    return f"[{colour}]{text}[/{colour}]" if colour else text
