"""`moorings new-provider`: the folder, the docs page and the failing test that a new integration begins with."""

import re
from pathlib import Path
from string import Template
from typing import Annotated

import typer

from moorings.catalog.names import RESERVED
from moorings.cli.exits import refuse
from moorings.cli.output import say
from moorings.errors import Conflict, InvalidRequest

TEMPLATES = Path(__file__).parent / "templates"
_ID = re.compile(r"[a-z][a-z0-9-]{1,40}")

Id = Annotated[str, typer.Argument(metavar="ID", help="Lower-case letters, digits and dashes; it names the folder.")]
Into = Annotated[
    Path | None,
    typer.Option(help="A catalogue directory of your own (MOORINGS_CATALOGUE_DIR): only the manifest is made."),
]


def new_provider(provider: Id, into: Into = None) -> None:
    """Make the manifest of a new integration, and in a clone of Moorings its docs page and failing test."""
    if not _ID.fullmatch(provider):
        refuse(InvalidRequest("An id begins with a letter and has 2 to 41 lower-case letters, digits and dashes."))
    if provider in RESERVED:
        refuse(InvalidRequest(f"{provider} is a word of the API's paths; call the integration something else."))
    places = _places(provider, into)
    taken = [path for path in places.values() if path.exists()]
    if taken:
        refuse(Conflict(f"{taken[0]} exists already; nothing was changed."))
    for template, path in places.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_filled(template, provider), encoding="utf-8")
        say(f"{path}")
    say("Fill in what is marked FILL IN, from the provider's documentation; the tests say when it is right.", "bold")


def _places(provider: str, into: Path | None) -> dict[str, Path]:
    if into is not None:
        return {"manifest.toml": into / provider / "manifest.toml"}
    if not Path("src/moorings/providers").is_dir():
        refuse(InvalidRequest("This is not a clone of Moorings; name your own catalogue directory with --into."))
    return {
        "manifest.toml": Path("src/moorings/providers") / provider / "manifest.toml",
        "page.md": Path("docs/providers") / f"{provider}.md",
        "test.py": Path("tests/providers") / f"test_{provider.replace('-', '_')}.py",
    }


def _filled(template: str, provider: str) -> str:
    name = " ".join(part.capitalize() for part in provider.split("-"))
    text = (TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")
    return Template(text).substitute(id=provider, name=name)
