"""What can be set, called, typed or written stands in the documents, and what the documents say is so."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest
import typer
from pydantic import BaseModel

import moorings
from moorings import errors
from moorings.catalog.catalog import load_catalog
from moorings.catalog.schema.manifest import Manifest
from moorings.catalog.schema.part import Part
from moorings.cli.exits import Exit
from moorings.cli.main import app as commands
from moorings.domain.integration import CATEGORIES
from moorings.domain.request_form import Arrays, Encoding, Outcome
from moorings.emulators.script import Script
from moorings.emulators.slack import people as slack
from moorings.emulators.slack.events import Manner
from moorings.emulators.telegram import people as telegram
from moorings.http import application
from moorings.http.openapi import document
from moorings.providers.registry import FOLDER
from moorings.settings import Settings
from tests.serving.process import PATIENCE, Server, environment, serving

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not any(part.startswith(".") or part == "node_modules" for part in path.relative_to(ROOT).parts)
)
OUTSIDE = ("http://", "https://", "mailto:")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
PORT = 8700


def _text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def _everything() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in PAGES)


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_stands_in_the_reference_with_what_it_does(name: str) -> None:
    description = Settings.model_fields[name].description
    assert description
    assert re.search(rf"`MOORINGS_{name.upper()}` \|.*\| {re.escape(description)}", _text("settings.md"))


def test_every_variable_that_the_pages_name_exists() -> None:
    known = {f"MOORINGS_{name.upper()}" for name in Settings.model_fields} | {
        str(parameter.envvar) for _, command in _commands() for parameter in command.params if parameter.envvar
    }
    assert set(re.findall(r"\bMOORINGS_[A-Z_]+\b", _everything())) - {"MOORINGS_"} <= known


def test_every_variable_of_a_command_stands_in_the_pages() -> None:
    variables = {
        str(parameter.envvar) for _, command in _commands() for parameter in command.params if parameter.envvar
    }
    assert {variable for variable in variables if variable not in _everything()} == set()


def _tree(kind: type[errors.MooringsError]) -> Iterator[type[errors.MooringsError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _tree(below)


def _errors() -> list[type[errors.MooringsError]]:
    for module in walk_packages(moorings.__path__, "moorings."):
        if "migrations" not in module.name:
            import_module(module.name)
    return sorted(
        (kind for kind in set(_tree(errors.MooringsError)) if kind.__module__.startswith("moorings.")),
        key=lambda kind: kind.__name__,
    )


@pytest.mark.parametrize("kind", _errors(), ids=lambda kind: kind.__name__)
def test_every_error_code_stands_in_the_reference_with_its_status(kind: type[errors.MooringsError]) -> None:
    again = "yes" if kind.transient else "no"
    assert f"\n| `{kind.code}` | {kind.status} | {again} |" in _text("errors.md")


@pytest.mark.parametrize("kind", _errors(), ids=lambda kind: kind.__name__)
def test_every_error_stands_in_the_tree_that_is_drawn_above_it(kind: type[errors.MooringsError]) -> None:
    if kind.__module__.startswith(f"{errors.__name__}.") and kind is not errors.MooringsError:
        assert re.search(rf"── {kind.__name__}\b.*\b{kind.status}\b", str(errors.__doc__))


def test_no_code_stands_twice_in_the_reference() -> None:
    codes = re.findall(r"^\| `([A-Z_]+)` \|", _text("errors.md"), re.MULTILINE)
    assert [code for code in codes if codes.count(code) > 1] == []


def test_every_code_that_the_operators_page_names_exists() -> None:
    named = set(re.findall(r"^\| `([A-Z]+_[A-Z_]+)`", _text("operating.md"), re.MULTILINE))
    assert named
    assert named <= {kind.code for kind in _errors()}


def _commands() -> list[tuple[str, Any]]:
    def walk(command: Any, name: str) -> Iterator[tuple[str, Any]]:
        below = getattr(command, "commands", None)
        if below is None:
            yield name, command
        for part, inner in (below or {}).items():
            yield from walk(inner, f"{name} {part}")

    return list(walk(typer.main.get_command(commands), "moorings"))


@pytest.mark.parametrize(("name", "command"), _commands(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_stands_in_the_reference_with_its_parameters_and_an_example(name: str, command: Any) -> None:
    section = _text("command-line.md").partition(f"## `{name}`\n")[2].partition("\n## ")[0]
    assert section, f"{name} is not documented"
    for parameter in command.params:
        for option in parameter.opts if parameter.opts[0].startswith("-") else []:
            assert option == "--help" or re.search(rf"`.*{re.escape(option)}\b.*`", section), option
    assert f"Example: {name}" in section


def test_every_exit_code_stands_in_the_reference() -> None:
    listed = re.findall(r"^\| (\d) \| (\w.*) \|$", _text("command-line.md"), re.MULTILINE)
    assert [int(code) for code, _ in listed] == [int(code) for code in Exit]


def _parts() -> list[type[BaseModel]]:
    return [Manifest, *Part.__subclasses__()]


@pytest.mark.parametrize("part", _parts(), ids=lambda part: part.__name__)
def test_every_field_of_a_manifest_is_explained(part: type[BaseModel]) -> None:
    page = _text("catalogue.md")
    names = [field.alias or name for name, field in part.model_fields.items()]
    assert [name for name in names if not re.search(rf"`\[*{name}[\s`=\]]", page) and f".{name}]" not in page] == []


@pytest.mark.parametrize("word", [*Outcome, *Encoding, *Arrays])
def test_every_word_that_a_manifest_may_hold_is_explained(word: str) -> None:
    assert f"`{word}`" in _text("catalogue.md")


def test_every_category_that_a_manifest_may_name_is_listed_somewhere() -> None:
    template = (ROOT / "src/moorings/cli/templates/manifest.toml.txt").read_text(encoding="utf-8")
    assert [name for name in CATEGORIES if not re.search(rf"\b{name}\b", template)] == []


@pytest.mark.parametrize("name", list(Script.model_fields))
def test_every_field_of_a_script_is_explained(name: str) -> None:
    field = Script.model_fields[name]
    assert f"`{field.alias or field.serialization_alias or name}`" in _text("emulators.md")


@pytest.mark.parametrize(
    "path", [*(f"telegram/{name}" for name in telegram.DEEDS), *(f"slack/{name}" for name in slack.DEEDS)]
)
def test_everything_that_people_can_do_is_explained(path: str) -> None:
    assert f"/__control/{path}" in _text("emulators.md")


@pytest.mark.parametrize("manner", list(Manner))
def test_every_manner_of_an_event_is_explained(manner: str) -> None:
    assert f"`{manner}`" in _text("emulators.md")


@pytest.fixture(scope="module")
def openapi() -> Any:
    return document(application.CALLS)


def test_every_call_stands_in_the_reference(openapi: Any) -> None:
    page = _text("api.md")
    for path, calls in openapi["paths"].items():
        for method, call in calls.items():
            section = page.partition(f"`{method.upper()} {path}` · `{call['operationId']}`")[2].partition("\n## ")[0]
            assert section, f"{method} {path}"
            for parameter in call.get("parameters", []):
                assert f"`{parameter['name']}`" in section, f"{method} {path}: {parameter['name']}"
            assert f"Answers: {', '.join(call['responses'])}." in section


def test_every_call_of_the_reference_exists(openapi: Any) -> None:
    calls = {f"{method.upper()} {path}" for path, calls in openapi["paths"].items() for method in calls}
    assert set(re.findall(r"^`([A-Z]+ /\S+)` ·", _text("api.md"), re.MULTILINE)) == calls


@pytest.mark.parametrize("entry", list(load_catalog([FOLDER])), ids=lambda entry: entry.id)
def test_every_integration_has_its_page_with_its_fields_and_tools(entry: Any) -> None:
    page = _text(f"providers/{entry.id}.md")
    assert f"({entry.id}.md)" in _text("providers/README.md")
    assert [field.name for field in entry.fields if f"`{field.name}`" not in page] == []
    assert [tool.id for tool in entry.tools if f"`{tool.id}`" not in page] == []
    assert [fact for fact in entry.unconfirmed if fact not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in LINK.findall(text):
        if target.startswith(OUTSIDE):
            continue
        place, _, anchor = target.partition("#")
        found = (page.parent / place).resolve() if place else page
        assert found.exists(), f"{target} leads nowhere"
        assert not anchor or anchor in _anchors(found), f"{target} names no heading"


def test_every_decision_has_its_number_once_and_a_heading() -> None:
    records = sorted((DOCS / "adr").glob("*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    assert all(path.read_text(encoding="utf-8").startswith("# ") for path in records)


def test_what_is_not_released_yet_is_told_in_fragments() -> None:
    fragments = [path for path in (ROOT / "changelog.d").iterdir() if path.name != ".gitkeep"]
    assert fragments
    for path in fragments:
        assert path.suffix == ".md", path.name
        assert len(path.read_text(encoding="utf-8").strip()) > 40, path.name
        assert path.read_text(encoding="utf-8").strip().endswith("."), path.name


def test_every_dependency_has_its_reason() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [re.split(r"[\[>=<~]", line)[0] for line in project["dependencies"]]
    assert [name for name in names if not re.search(rf"`?{name}\b", _text("dependencies.md"))] == []


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that the README starts, on its own port unless another program holds that or its neighbour."""
    folder = tmp_path_factory.mktemp("newcomer")
    with ExitStack() as stack:
        try:
            server = stack.enter_context(serving(folder, "--emulators", port=str(PORT), emulators_port=str(PORT + 1)))
        except AssertionError:
            server = stack.enter_context(serving(folder, "--emulators"))
        yield server


def test_the_calls_of_the_readme_work_as_pasted(newcomer: Server) -> None:
    pasted = [block for block in BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8")) if "curl" in block]
    assert len(pasted) == 5, "list, save, status, run a tool and delete"
    assert newcomer.admin_key is not None
    listed, saved, status, ran, deleted = (_paste(block, newcomer) for block in pasted)
    assert listed["total"] == len(listed["data"]) > 10
    assert (saved["success"], saved["environment"]) == (True, "production")
    assert saved["verifiedAt"] is not None
    assert [(entry["integrationId"], entry["source"]) for entry in status["data"]] == [("firecrawl", "environment")]
    assert (ran["success"], ran["source"], ran["hint"]) == (True, "environment", None)
    assert ran["result"]["markdown"]
    assert (deleted["success"], deleted["environment"]) == (True, "production")


def test_the_commands_of_the_readme_work_as_pasted_and_ask_the_stand_ins(newcomer: Server) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    said = dict(re.findall(r"^\$ export (MOORINGS_[A-Z_]+)=(\S+)$", page, re.MULTILINE))
    assert said == {"MOORINGS_URL": f"http://127.0.0.1:{PORT}", "MOORINGS_API_KEY": "mrg_..."}
    assert f"export MOORINGS_URL={newcomer.address} MOORINGS_API_KEY={newcomer.admin_key}" in newcomer.said
    block = page.partition("The same from the command line")[2].partition("```console\n")[2].partition("```")[0]
    saved, status, ran, doctor = (_typed(line, newcomer) for line in block.splitlines())
    assert "firecrawl" in saved.lower()
    assert "valid" in status
    assert "markdown" in ran
    assert "The server answers" in doctor


def _typed(line: str, server: Server) -> str:
    """What a shell says to the line; a secret that is asked for at a terminal comes by standard input."""
    line = line.removeprefix("$ ").replace(".venv/bin/moorings", f"{sys.executable} -m moorings")
    given = "fc-emulated0000000000000000firecrawl"
    ended = subprocess.run(  # noqa: S603 - what our own pages say
        ["/bin/sh", "-c", f"{line} --from -" if "credentials save" in line else line], input=given, timeout=PATIENCE,
        capture_output=True, text=True, check=False, env=environment(url=server.address, api_key=str(server.admin_key)),
    )  # fmt: skip
    assert ended.returncode == 0, f"{line}: {ended.stderr}"
    return ended.stdout


def test_no_page_or_message_installs_a_name_that_is_not_ours() -> None:
    """Moorings is on no package index: whoever registered its name there would be installed."""
    sources = (ROOT / "src").rglob("*.py")
    told = "\n".join(path.read_text(encoding="utf-8") for path in [*PAGES, *sources])
    assert re.findall(r"pip install [^\n]*?'?moorings\b.*", told) == []


def test_the_calls_of_the_stand_ins_page_work_as_pasted(newcomer: Server) -> None:
    scripted, delivered, heard, made = (_paste(block, newcomer) for block in BLOCK.findall(_text("emulators.md")))
    assert scripted["script"] == {"status": 503, "times": 2}
    assert (list(delivered["routes"]), delivered["pace"]) == (["https://hub.example.com"], 0.01)
    assert [event["text"] for event in heard["data"]] == ["Is anybody there?"]
    assert (made["status"], made["actualUsername"]) == ("completed", made["suggestedUsername"])


def _paste(block: str, server: Server) -> Any:
    """What a shell says to the block; only ports are changed, where another program holds the documented ones."""
    assert shutil.which("curl"), "the README's calls want curl"
    stand_ins = server.stand_ins.rpartition(":")[2]
    block = block.replace(f"127.0.0.1:{PORT}", f"127.0.0.1:{server.port}")
    block = block.replace(f"127.0.0.1:{PORT + 1}", f"127.0.0.1:{stand_ins}")
    ended = subprocess.run(  # noqa: S603 - what our own pages say
        ["/bin/sh", "-c", block], capture_output=True, text=True, check=False, timeout=PATIENCE,
        env=environment(api_key=str(server.admin_key)),
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def _anchors(page: Path) -> set[str]:
    if page.is_dir() or page.suffix != ".md":
        return set()
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
