"""A table on a narrow screen: words are put on lines of their own, and no word is ever broken.

An id, a key or a moment is a word that somebody copies. Where even single words do not fit beside one another, each row
becomes a block of lines.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType

GAP = 2
"""Signs between two columns, as rich draws them."""


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> "RenderableType":
    """Rows of markup under their columns, for a screen of that many signs."""
    widths = _widths(columns, rows, room)
    return _blocks(title, columns, rows) if widths is None else _columns(title, columns, rows, widths)


def _columns(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], widths: list[int]) -> "RenderableType":
    from rich.table import Table

    drawn = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column, width in zip(columns, widths, strict=True):
        drawn.add_column(column, width=width)
    for row in rows:
        drawn.add_row(*row)
    return drawn


def _blocks(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> "RenderableType":
    from rich.console import Group
    from rich.text import Text

    lines, wide = [Text(title, style="italic")], max(map(len, columns))
    for row in rows:
        lines.append(Text())  # the terminal breaks what is long, and still copies it whole
        for column, cell in zip(columns, row, strict=True):
            lines.append(Text.from_markup(f"[bold]{column:{wide}}[/bold]  {cell}"))
    for line in lines:
        line.no_wrap, line.overflow = True, "ignore"
    return Group(*lines)


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """How wide each column is drawn; None where not even its words fit."""
    from rich.text import Text

    cells = [[Text(name), *(Text.from_markup(row[place]) for row in rows)] for place, name in enumerate(columns)]
    most = [max(cell.cell_len for cell in column) for column in cells]
    least = [max(_longest_word(cell.plain) for cell in column) for column in cells]
    spare = room - sum(least) - GAP * (len(columns) - 1)
    return None if spare < 0 else _shared(least, most, spare)


def _shared(least: list[int], most: list[int], spare: int) -> list[int]:
    """What is left is given to those that want least first, so that few columns are broken."""
    widths = [*least]
    wanting = sorted(range(len(least)), key=lambda place: most[place] - least[place])
    for number, place in enumerate(wanting):
        more = min(most[place] - least[place], spare // (len(wanting) - number))
        widths[place] += more
        spare -= more
    return widths


def _longest_word(text: str) -> int:
    from rich.cells import cell_len

    return max((cell_len(word) for word in text.split()), default=0)
