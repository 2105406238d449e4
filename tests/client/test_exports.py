"""What the package offers, and that the command line's part of it stays cheap."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import moorings.client
from moorings.client.exports import PLACES

STUB = Path(__file__).parents[2] / "src/moorings/client/__init__.pyi"


def test_type_checkers_are_told_of_what_there_is() -> None:
    imports = [node for node in ast.parse(STUB.read_text(encoding="utf-8")).body if isinstance(node, ast.ImportFrom)]
    told = {str(node.module).rpartition(".")[2]: sorted(name.name for name in node.names) for node in imports}
    assert told == {module: sorted(names) for module, names in PLACES.items()}
    assert all(getattr(moorings.client, name) for names in PLACES.values() for name in names)


def test_a_star_brings_what_there_is() -> None:
    brought: dict[str, object] = {}
    exec("from moorings.client import *", brought)  # noqa: S102 - a star cannot stand in a function
    assert brought.keys() >= {name for names in PLACES.values() for name in names}


def test_what_there_is_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        getattr(moorings.client, "Nothing")  # noqa: B009 - a type checker knows that it is not there


def test_the_command_line_does_not_load_the_client_before_it_is_used() -> None:
    program = "import json, sys, moorings.cli.main; print(json.dumps(sorted(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603 - our own program
    heavy = ("httpx2", "moorings.client.nouns")
    assert [name for name in json.loads(said.stdout) if name.startswith(heavy)] == []
