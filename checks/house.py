"""The house's own rules, each with a sentence: module and function length, names, documented settings and codes."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "moorings"
LINES_OF_MODULE, LINES_OF_FUNCTION = 400, 40
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "misc", "manager", "processor", "const"}

# Modules and functions that are longer than they should be. This list may only shrink.
TOO_LONG: frozenset[str] = frozenset()

_PATCHING = re.compile(r"(monkeypatch\.setattr|mock\.patch|@patch)\(\s*[\"']?moorings")


def problems() -> Iterator[str]:
    """Every rule that is broken, as a line."""
    for path in sorted(SOURCE.rglob("*.py")):
        yield from _length(path)
        yield from _name(path)
    for path in sorted((ROOT / "tests").rglob("*.py")):
        if _PATCHING.search(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(ROOT)} patches a module of ours; pass a fake in instead"
    yield from _stale_exceptions()


def _length(path: Path) -> Iterator[str]:
    text, place = path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))
    lines = text.count("\n")
    if lines > LINES_OF_MODULE and place not in TOO_LONG:
        yield f"{place} has {lines} lines; {LINES_OF_MODULE} are allowed: split it by concept"
    # A migration's steps are a listing of tables, written by Alembic.
    for name, length in [] if "migrations" in path.parts else _functions(text):
        if length > LINES_OF_FUNCTION and f"{place}:{name}" not in TOO_LONG:
            yield f"{place}: {name} has {length} lines; {LINES_OF_FUNCTION} are allowed"


def _functions(text: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            # The signature does not count: a route's documents the API's parameters.
            body = node.body[0].lineno
            yield node.name, (node.end_lineno or body) - body + 1


def _name(path: Path) -> Iterator[str]:
    if path.stem in BANNED_NAMES:
        yield f"{path.relative_to(ROOT)}: call it by a noun of the field, not {path.stem}"
    if path.name == "__init__.py" and path.parent != SOURCE and path.read_text(encoding="utf-8").strip():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr | ast.Assign) for node in tree.body):
            yield f"{path.relative_to(ROOT)} holds code; a package's __init__ is empty or re-exports"


def _stale_exceptions() -> Iterator[str]:
    for place in TOO_LONG:
        if not (ROOT / place.partition(":")[0]).exists():
            yield f"{place} is excepted in checks/house.py and no longer there; take it off the list"


def main() -> int:
    """Print what is broken."""
    found = list(problems())
    for line in found:
        print(line)
    print(f"house: {len(found)} problem(s)")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
