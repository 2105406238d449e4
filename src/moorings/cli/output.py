"""What commands print: tables and colours for people, JSON for programs.

What draws for people is loaded when it is wanted: it takes 3 MiB, which a server would hold for as long as it runs.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

COLOURS = {
    "valid": "green", "connected": "green", "ok": "green", "unverified": "yellow", "pending": "yellow",
    "warning": "yellow", "invalid": "red", "expired": "red", "failing": "red", "unreadable": "red", "problem": "red",
    "available": "dim", "revoked": "dim",
}  # fmt: skip

# An id is there to be copied, and a short name to be read: neither is broken where a terminal is narrow.
_WIDTHS = {"name": 12}
_WHOLE = ("id", "key", "state", "status", "tool")


@cache
def screen() -> "Console":
    """Standard output, for people."""
    from rich.console import Console

    return Console(highlight=False)


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
    from rich.table import Table

    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in _WHOLE, min_width=_WIDTHS.get(column))
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    screen().print(table if table.row_count else f"[dim]{escape(empty)}[/dim]")


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
