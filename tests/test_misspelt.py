"""A variable that was meant as a setting and is none is told, with the nearest name and never with its value."""

from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from moorings.cli.main import app
from moorings.misspelt import KNOWN, PREFIX, misspelt
from moorings.settings import Settings


@pytest.mark.parametrize(
    ("variable", "advice"),
    [
        ("MOORINGS_POTR", "did you mean MOORINGS_PORT?"),
        ("MOORINGS_RATE_LIMIT_OWNERS", "did you mean MOORINGS_RATE_LIMIT_OWNER?"),
        ("MOORINGS_CORS_ORIGIN", "did you mean MOORINGS_CORS_ORIGINS?"),
        ("MOORINGS_DATABASE", "did you mean MOORINGS_DATABASE_URL?"),
        ("MOORINGS_APIKEY", "did you mean MOORINGS_API_KEY?"),
        ("moorings_potr", "did you mean MOORINGS_PORT?"),
        ("MOORINGS_ZZZZ", "docs/settings.md lists them."),
        ("MOORINGS_", "docs/settings.md lists them."),
    ],
)
def test_what_is_near_to_a_setting_is_told_with_it(variable: str, advice: str) -> None:
    assert list(misspelt([variable, "PATH", "OTHER_MOORINGS_PORT"])) == [
        f"{variable} is not a setting and is ignored; {advice}"
    ]


def test_every_setting_is_known_in_any_case() -> None:
    names = [f"{PREFIX}{name}" for name in Settings.model_fields]
    assert list(misspelt([*names, *(name.upper() for name in names), *(name.lower() for name in names)])) == []


def variables(command: Any) -> Iterator[str]:
    """Every variable that a command or one below it reads."""
    for parameter in command.params:
        names = parameter.envvar or ()
        yield from [names] if isinstance(names, str) else names
    for below in getattr(command, "commands", {}).values():
        yield from variables(below)


def test_every_variable_of_the_command_line_is_known() -> None:
    found = set(variables(get_command(app)))
    assert {f"{PREFIX}URL", f"{PREFIX}API_KEY", f"{PREFIX}OWNER"} <= found
    assert found <= {f"{PREFIX}{name}" for name in KNOWN}


def test_what_kubernetes_sets_for_a_service_of_our_name_is_nobody_s_mistake() -> None:
    links = ("SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP", "PORT_8700_TCP", "PORT_8700_TCP_ADDR")
    assert list(misspelt(f"{PREFIX}{name}" for name in links)) == []
