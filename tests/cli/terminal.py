"""The command line as a person or a program meets it, run inside the test with the real wiring."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from typer.testing import CliRunner, Result

from moorings import __main__ as entry
from moorings.cli.main import app

WIRING = entry.WIRING
FIRECRAWL_KEY = "fc-emulated0000000000000000firecrawl"
REFUSED_KEY = "fc-Zq7a-key-that-no-stand-in-accepts"


@dataclass
class Terminal:
    """Commands under some variables; `name` says where they go."""

    name: str
    variables: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, code: int | set[int] = 0, text: str | None = None, **variables: str) -> Result:
        """The command's result, after checking that it ended with this exit code and not with a trace."""
        given = {**self.variables, **{f"MOORINGS_{name.upper()}": value for name, value in variables.items()}}
        result = CliRunner().invoke(app, list(arguments), obj=WIRING, env=given, input=text)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise AssertionError(f"moorings {' '.join(arguments)} broke") from result.exception
        codes = code if isinstance(code, set) else {code}
        assert result.exit_code in codes, f"exit code {result.exit_code}: {result.output}"
        return result

    def json(self, *arguments: str, **more: Any) -> Any:
        """What the command prints for programs; nothing else may stand on standard output."""
        return json.loads(self.run(*arguments, "--json", **more).stdout)

    def save(self, *arguments: str, key: str = FIRECRAWL_KEY, **more: Any) -> Any:
        """Save firecrawl's key."""
        return self.json("credentials", "save", "firecrawl", "--from", "-", *arguments, text=key, **more)


def lines(text: str) -> list[str]:
    """Output as lines with single spaces."""
    return [re.sub(r"\s+", " ", line).strip() for line in text.splitlines()]


def sentence(text: str) -> str:
    """Output as one line with single spaces."""
    return re.sub(r"\s+", " ", text).strip()
