"""What people see: tables that can be read and copied from, and a sentence where there is nothing."""

import io
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console

from moorings.cli.output import _cell, environment_name, errors, screen
from moorings.cli.table import table
from tests.cli.terminal import FIRECRAWL_KEY, REFUSED_KEY, Terminal, lines, sentence


def test_the_catalogue_is_a_table_of_all_entries(place: Terminal) -> None:
    shown = lines(place.run("integrations", "list").stdout)
    assert shown[1].startswith("id name category status")
    for entry in place.json("integrations", "list")["data"]:
        assert any(line.startswith(f"{entry['id']} ") and entry["category"] in line for line in shown), entry["id"]


def test_an_entry_shows_its_fields_and_tools(place: Terminal) -> None:
    shown = sentence(place.run("integrations", "show", "firecrawl").stdout)
    for word in ("Firecrawl", "Credential fields", "apiKey API key yes yes", "Tools", "scrape_page", "reads"):
        assert word in shown


def test_nothing_that_fits_is_a_sentence(place: Terminal) -> None:
    assert sentence(place.run("integrations", "list", "--search", "no such words").stdout) == "Nothing fits."


def test_an_integration_with_calls_of_its_own_is_shown_like_the_others(place: Terminal) -> None:
    shown = place.run("integrations", "show", "weaviate").stdout
    for word in ("Weaviate", "collectionName", "near_text", "list_collections"):
        assert word in shown


def test_no_credentials_and_no_keys_are_sentences_with_the_next_step(local: Terminal) -> None:
    assert "moorings credentials save" in local.run("credentials", "status").stdout
    assert sentence(local.run("keys", "list").stdout) == "No keys yet."


def test_the_status_says_which_entry_answers(place: Terminal) -> None:
    place.save("--no-verify")
    place.save("--environment", "production")
    here = sentence(place.run("credentials", "status", "-e", "production").stdout)
    assert "seen from production" in here
    assert "firecrawl valid its own entry" in here
    there = sentence(place.run("credentials", "status", "-e", "staging").stdout)
    assert "firecrawl unverified the entry for all" in there
    assert "fc-…rawl" in there


def test_saving_and_deleting_are_told_in_a_sentence(place: Terminal) -> None:
    saved = place.run("credentials", "save", "firecrawl", "--from", "-", "-e", "staging", text=FIRECRAWL_KEY)
    assert sentence(saved.stdout) == "✓ Firecrawl accepts the credentials; they are stored for staging."
    deleted = place.run("credentials", "delete", "firecrawl", "-e", "staging", "--yes")
    assert sentence(deleted.stdout) == "✓ The credentials of Firecrawl are deleted for staging."


def test_a_failure_goes_to_standard_error_alone(place: Terminal) -> None:
    result = place.run("credentials", "save", "firecrawl", "--from", "-", text=REFUSED_KEY, code=5)
    assert result.stdout == ""
    assert result.stderr.startswith("✗ ")


def test_a_failure_lists_each_place(place: Terminal) -> None:
    result = place.run("credentials", "save", "firecrawl", "--from", "-", text='{"nothing": "here"}', code=2)
    assert len([line for line in lines(result.stderr) if line.startswith("credentials.")]) == 2


WIDE_ENOUGH, NARROW = 150, 80
ROW = ("key_01kb0h6v3m8x2q4r5s6t7v8w9x", "a deployment pipeline", "INTEGRATIONS:READ, INTEGRATIONS:EXECUTE",
       "2026-11-28T16:51:01.573Z")  # fmt: skip
COLUMNS = ("id", "name", "scopes", "last used")


def _drawn(room: int) -> str:
    drawn = io.StringIO()
    console = Console(file=drawn, width=room)
    console.print(table("Keys", COLUMNS, [ROW, ROW], room), crop=False)
    return drawn.getvalue()


@pytest.mark.parametrize("room", [48, NARROW, 100, WIDE_ENOUGH])
def test_no_word_of_a_table_is_broken_and_no_column_is_left_out(room: int) -> None:
    """`keys revoke` takes the id as the list shows it."""
    shown = _drawn(room)
    assert all(shown.split().count(word) == 2 for word in " ".join(ROW).split())
    assert all(name in sentence(shown) for name in COLUMNS if name != "last used")
    assert "last" in shown
    assert room < NARROW or all(len(line.rstrip()) <= room for line in shown.splitlines())


def test_in_a_pipe_each_row_is_one_line(local: Terminal) -> None:
    for name in ("a deployment pipeline", "agents in production"):
        local.run("keys", "create", name, "-s", "INTEGRATIONS:READ", "-e", "production", "-e", "staging", "--days", "9")
    shown = lines(local.run("keys", "list").stdout)
    for key in local.json("keys", "list")["data"]:
        [line] = [line for line in shown if line.startswith(key["id"])]
        assert f"{key['name']} {key['preview']} valid INTEGRATIONS:READ production, staging" in line


def test_in_a_pipe_no_line_is_filled_up_with_blanks(place: Terminal) -> None:
    lines = place.run("integrations", "list").stdout.splitlines()
    assert max(map(len, lines)) > 60
    assert lines == [line.rstrip() for line in lines]


def test_every_key_of_the_stand_ins_can_be_copied() -> None:
    words = Terminal("anywhere").run("emulate", "--show").stdout.split()
    for fields in Terminal("anywhere").json("emulate", "--show").values():
        assert [value for value in fields.values() if " " not in value and value not in words] == []


def test_a_made_key_stands_whole_on_its_line(local: Terminal) -> None:
    shown = local.run("keys", "create", "a key").stdout.splitlines()
    assert len(shown) == 2
    assert shown[1].startswith("mrg_")
    assert len(shown[1]) == 40


def test_a_key_that_has_ended_is_not_shown_as_valid(local: Terminal, data: Path) -> None:
    local.run("keys", "create", "a key", "--days", "1")
    assert " valid" in local.run("keys", "list").stdout
    with closing(sqlite3.connect(data / "moorings.db")) as database, database:
        database.execute("UPDATE api_keys SET expires_at = 1000")
    assert " valid" not in local.run("keys", "list").stdout


def test_a_revoked_key_is_shown_as_such(local: Terminal) -> None:
    made = local.json("keys", "create", "a key")
    told = local.run("keys", "revoke", made["id"]).stdout
    assert "is revoked" in sentence(told)
    assert "revoked" in local.run("keys", "list").stdout


def test_what_looks_like_markup_is_shown_as_it_is(local: Terminal) -> None:
    local.run("owners", "create", "[bold]acme[/bold]")
    local.run("keys", "create", "[red]k[/red]")
    assert "[bold]acme[/bold]" in local.run("owners", "list").stdout
    assert "[red]k[/red]" in local.run("keys", "list").stdout


def test_output_that_is_no_terminal_has_no_colours(local: Terminal) -> None:
    local.save("--no-verify")
    assert "\x1b" not in local.run("credentials", "status").stdout
    assert not screen().is_terminal
    assert not errors().is_terminal


def test_what_is_good_is_green_and_what_is_broken_is_red() -> None:
    assert _cell("valid") == "[green]valid[/green]"
    assert _cell("unreadable") == "[red]unreadable[/red]"
    assert [_cell(value) for value in (None, True)] == ["[dim]-[/dim]", "yes"]
    assert environment_name(None) == "all"
