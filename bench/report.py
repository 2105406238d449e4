"""The table that a person reads, and the results that a program compares."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from goals import BELOW, ERRORS, GOALS, MIB, MILLISECONDS, RATE, SECONDS, TIMES, Goal, Row, ratio, verdict
from rich.console import Console
from rich.table import Table

COLUMNS = ("operation", "measured", "p99", "floor", "ratio", "to reach", "to aim at", "verdict")
VERSION = 1


def show(console: Console, rows: Sequence[Row]) -> None:
    """Print all rows, then the notes and what was answered wrongly."""
    floors = {row.title: row for row in rows}
    table = Table(title="Moorings, measured beside the floor of this machine", title_justify="left")
    for name in COLUMNS:
        table.add_column(name, justify="left" if name in ("operation", "verdict") else "right", overflow="fold")
    for row in rows:
        table.add_row(*_cells(row, floors), style="dim" if row.title.startswith(("floor:", "import")) else None)
    console.print(table)
    for row in rows:
        if row.note:
            console.print(f"[dim]{row.title}: {row.note}[/dim]")
    _failures(console, rows)


def write(path: Path, rows: Sequence[Row], settings: Mapping[str, Any]) -> None:
    """Write the results; nothing in them names this machine."""
    floors = {row.title: row for row in rows}
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
    results = {
        "version": VERSION, "at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine,
        "settings": dict(settings), "rows": {_key(row.title): _result(row, floors) for row in rows},
    }  # fmt: skip
    path.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def _cells(row: Row, floors: Mapping[str, Row]) -> tuple[str, ...]:
    goal, said, share = GOALS.get(row.title), verdict(row, floors), ratio(row, floors)
    reached = f"{_number(goal.to_reach, row.unit, goal)}" if goal else ""
    if goal and goal.p99_ms:
        reached += f", p99 {goal.p99_ms:g} ms"
    aim = _number(goal.to_aim_at, row.unit, goal) if goal and goal.to_aim_at is not None else ""
    colour = "red" if said == BELOW else "green"
    floor = floors.get(row.floor or "")
    return (
        row.title, _number(row.measured, row.unit), "" if row.p99_ms is None else f"{row.p99_ms:.1f} ms",
        _number(floor.measured, floor.unit) if floor else "", "" if share is None else f"{share:.2f}",
        reached, aim, f"[{colour}]{said}[/{colour}]" if said else "",
    )  # fmt: skip


def _number(value: float, unit: str, goal: Goal | None = None) -> str:
    forms = {RATE: "{:,.0f}/s", SECONDS: "{:.3g} s", MIB: "{:.0f} MiB", ERRORS: "{:.0f} errors", TIMES: "{:.2f}x",
             MILLISECONDS: "{:.2f} ms"}  # fmt: skip
    sign = "" if goal is None or unit == ERRORS else ("≥ " if unit == RATE else "≤ ")
    return sign + forms[unit].format(value)


def _failures(console: Console, rows: Sequence[Row]) -> None:
    for row in rows:
        if row.errors:
            console.print(f"[bold red]{row.title}: {row.errors} wrong answer(s)[/bold red]")
        for failure in row.failures:
            console.print(f"  {failure}", markup=False, highlight=False)


def _result(row: Row, floors: Mapping[str, Row]) -> dict[str, Any]:
    goal = GOALS.get(row.title)
    found = {
        "measured": row.measured, "unit": row.unit, "p50_ms": row.p50_ms, "p99_ms": row.p99_ms, "errors": row.errors,
        "floor": _key(row.floor) if row.floor else None, "ratio": ratio(row, floors), "note": row.note,
        "to_reach": goal.to_reach if goal else None, "to_aim_at": goal.to_aim_at if goal else None,
        "verdict": verdict(row, floors),
    }  # fmt: skip
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in found.items()}


def _key(title: str) -> str:
    return "_".join("".join(each if each.isalnum() else " " for each in title.lower().replace(",000", "000")).split())
