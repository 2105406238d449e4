"""Where a command goes: to a server by its address or to a data directory here, and never to the wrong one unheard."""

from pathlib import Path

import pytest

from moorings.cli.exits import Exit
from tests import postgresql
from tests.cli.terminal import Terminal, sentence


@pytest.mark.parametrize(
    "arguments",
    [
        ["keys", "create", "admin"],
        ["keys", "list"],
        ["credentials", "delete", "firecrawl", "--yes"],
        ["tools", "list"],
        ["audit", "export"],
        ["mcp", "--stdio"],
    ],
)
def test_an_owner_is_not_named_to_a_server_whose_key_says_whose_things_they_are(
    remote: Terminal, arguments: list[str]
) -> None:
    refused = remote.run(*arguments, "--owner", "acme", code=Exit.WRONG_INPUT)
    assert "--owner" in refused.stderr
    assert "MOORINGS_URL" in refused.stderr
    assert refused.stdout == ""


def test_neither_is_an_owner_that_a_variable_names(remote: Terminal) -> None:
    remote.run("keys", "create", "admin", code=Exit.WRONG_INPUT, owner="acme")
    assert remote.json("keys", "list")["data"][0]["name"] == "admin"
    assert remote.json("keys", "list")["total"] == 1


def test_a_directory_named_beside_a_server_is_refused_and_one_of_the_environment_is_not(remote: Terminal) -> None:
    refused = remote.run("keys", "list", "--data-dir", "elsewhere", code=Exit.WRONG_INPUT)
    assert "--data-dir" in refused.stderr
    for named in ("/var/lib/moorings", "data/", "./data"):
        remote.run("keys", "list", data_dir=named)


def test_what_a_new_owner_is_told_to_type_can_be_pasted(local: Terminal) -> None:
    said = sentence(local.run("owners", "create", "a b/c").stdout)
    assert said.endswith("moorings keys create admin --owner 'a b/c'")


COMMANDS = [
    ["keys", "create", "admin"],
    ["keys", "list"],
    ["credentials", "status"],
    ["audit", "verify"],
    ["owners", "create", "acme"],
    ["vault", "rotate"],
    ["mcp", "--stdio"],
    ["doctor", "--leak-test"],
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_where_no_database_is_a_command_says_where_it_looked_and_makes_none(
    tmp_path: Path, arguments: list[str]
) -> None:
    refused = Terminal("elsewhere").run(*arguments, code=Exit.CONFIGURATION)
    assert str(tmp_path / "data" / "moorings.db") in refused.stderr
    assert "MOORINGS_DATA_DIR" in refused.stderr
    assert "moorings serve" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_neither_is_one_made_where_the_file_is_empty(local: Terminal, data: Path) -> None:
    (data / "moorings.db").write_bytes(b"")
    refused = local.run("keys", "list", code=Exit.CONFIGURATION)
    assert "root keys" in refused.stderr
    assert (data / "moorings.db").read_bytes() == b""


def test_nor_in_an_empty_postgresql(databases: postgresql.Server) -> None:
    url = databases.empty()
    refused = Terminal("elsewhere").run("keys", "list", code=Exit.CONFIGURATION, database_url=url)
    assert "There is no database at" in refused.stderr
    again = Terminal("elsewhere").run("keys", "list", code=Exit.CONFIGURATION, database_url=url)
    assert again.stderr == refused.stderr
