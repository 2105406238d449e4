"""`moorings tools` lists, shows and runs tools, with the same words for the data directory and for a server."""

import io
import json

import pytest
import typer

from moorings.cli.exits import Exit
from moorings.cli.tool_parameters import given
from moorings.cli.tools import _confirm
from moorings.errors import InvalidRequest
from tests.cli.terminal import REFUSED_KEY, Terminal, lines, sentence

SCRAPE = "firecrawl_scrape_page"
PAGE = "url=https://example.com"


def test_nothing_is_listed_before_credentials_are_held(place: Terminal) -> None:
    assert place.json("tools", "list") == {"tools": [], "total": 0}
    assert "--all" in sentence(place.run("tools", "list").stdout)


def test_configured_tools_are_listed_with_their_source(place: Terminal) -> None:
    place.save("--environment", "production")
    found = place.json("tools", "list", "-e", "production")["tools"]
    assert {tool["integrationId"] for tool in found} == {"firecrawl"}
    assert {tool["source"] for tool in found} == {"environment"}
    shown = place.run("tools", "list", "-e", "production").stdout
    assert SCRAPE in shown
    assert "reads" in shown


def test_what_is_offered_is_listed_without_credentials(local: Terminal) -> None:
    every = local.json("tools", "list", "--all")["tools"]
    own = local.json("tools", "list", "--integration", "firecrawl")["tools"]
    assert {tool["integrationId"] for tool in every} > {"firecrawl", "exa"}
    assert {tool["integrationId"] for tool in own} == {"firecrawl"}
    assert {tool["source"] for tool in own} == {None}


def test_a_tool_is_shown_with_its_parameters_and_an_example(place: Terminal) -> None:
    shown = sentence(place.run("tools", "show", SCRAPE).stdout)
    assert "Parameters" in shown
    assert "moorings tools run firecrawl_scrape_page url=https://example.com" in shown
    assert place.json("tools", "show", SCRAPE)["name"] == SCRAPE


def test_a_tool_runs_and_prints_its_result(place: Terminal) -> None:
    place.save()
    plain = json.loads(place.run("tools", "run", SCRAPE, PAGE).stdout)
    answer = place.json("tools", "run", SCRAPE, PAGE, "-e", "production")
    assert answer["success"]
    assert (answer["environment"], answer["source"]) == ("production", "all")
    assert plain == answer["result"]


def test_parameters_come_from_standard_input_too(local: Terminal) -> None:
    local.save()
    text = json.dumps({"url": "https://example.com"})
    assert local.json("tools", "run", SCRAPE, "--parameters", "-", text=text)["success"]


def test_missing_credentials_give_a_hint_with_its_page(place: Terminal) -> None:
    result = place.run("tools", "run", SCRAPE, PAGE, code=Exit.PROVIDER)
    assert "/connect/firecrawl" in sentence(result.stderr)
    assert result.stdout == ""
    assert place.json("tools", "run", SCRAPE, PAGE, code=Exit.PROVIDER)["hint"]["code"] == "CREDENTIALS_MISSING"


def test_refused_credentials_give_a_hint_and_no_secret(place: Terminal) -> None:
    place.save("--no-verify", key=REFUSED_KEY)
    result = place.run("tools", "run", SCRAPE, PAGE, code=Exit.PROVIDER)
    assert "no longer accepts" in sentence(result.stderr)
    assert REFUSED_KEY not in result.output


def test_wrong_parameters_are_told_with_their_place(place: Terminal) -> None:
    place.save()
    result = place.run("tools", "run", SCRAPE, "nonsense=1", code=Exit.WRONG_INPUT)
    assert "parameters.nonsense" in sentence(result.stderr)


@pytest.mark.parametrize(
    ("name", "code"),
    [("firecrawl", Exit.WRONG_INPUT), ("_x", Exit.WRONG_INPUT), ("nobody_x", Exit.NOT_FOUND),
     ("firecrawl_nothing", Exit.NOT_FOUND)],
)  # fmt: skip
def test_a_name_that_is_no_tools_is_refused(local: Terminal, name: str, code: Exit) -> None:
    local.run("tools", "run", name, code=code)
    local.run("tools", "show", name, code=code)


class Keyboard(io.StringIO):
    """Standard input of a person at a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_a_person_is_asked_before_something_is_destroyed(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr("sys.stdin", Keyboard(answer))
    with pytest.raises(typer.Exit):
        _confirm("Delete")


def test_a_person_may_say_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Keyboard("y\n"))
    _confirm("Delete")


def test_a_program_must_have_said_that_it_is_sure(place: Terminal) -> None:
    place.save()
    destroys = ["tools", "run", "firecrawl_cancel_crawl", "id=550e8400-e29b-41d4-a716-446655440000"]
    refused = place.run(*destroys, code=Exit.WRONG_INPUT)
    assert "--yes" in refused.stderr
    place.run(*destroys[:3], "-p", "-", text='{"id": "550e8400-e29b-41d4-a716-446655440000"}', code=Exit.WRONG_INPUT)
    place.run(*destroys, "--yes", code={Exit.DONE, Exit.PROVIDER})


def test_an_integration_says_of_a_tool_what_the_list_says(local: Terminal) -> None:
    shown = lines(local.run("integrations", "show", "firecrawl").stdout)
    assert any(line.startswith("cancel_crawl ") and line.endswith(" destroys") for line in shown)


SCHEMA = {
    "properties": {
        "text": {"type": "string"},
        "count": {"type": "integer"},
        "deep": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "sizes": {"type": "array", "items": {"type": "integer"}},
        "filter": {"type": "object"},
    }
}


@pytest.mark.parametrize(
    ("assignment", "value"),
    [
        ("text=5", {"text": "5"}),
        ("text=a=b", {"text": "a=b"}),
        ("text=", {"text": ""}),
        ("count=5", {"count": 5}),
        ("count:=5", {"count": 5}),
        ("deep=Yes", {"deep": True}),
        ("deep=false", {"deep": False}),
        ("tags=a, b", {"tags": ["a", "b"]}),
        ('tags=["a,b"]', {"tags": ["a,b"]}),
        ("sizes=1,2", {"sizes": [1, 2]}),
        ('filter={"a": 1}', {"filter": {"a": 1}}),
        ("unknown=5", {"unknown": "5"}),
        ("text:=null", {"text": None}),
    ],
)
def test_an_assignment_becomes_what_the_schema_wants(assignment: str, value: object) -> None:
    assert given([assignment], None, SCHEMA) == value


def test_an_assignment_comes_before_the_object() -> None:
    assert given(["count=2"], '{"count": 1, "text": "a"}', SCHEMA) == {"count": 2, "text": "a"}


@pytest.mark.parametrize(
    ("assignments", "whole"),
    [(["private"], None), (["=private"], None), (["count=private"], None), (["text:=private"], None),
     ([], '["private"]'), ([], "private")],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_without_being_said_again(assignments: list[str], whole: str | None) -> None:
    with pytest.raises(InvalidRequest) as caught:
        given(assignments, whole, SCHEMA)
    assert "private" not in f"{caught.value.message} {caught.value.details}"
