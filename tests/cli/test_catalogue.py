"""`moorings catalogue check` says what manifests hold, lack and get wrong, without a network."""

from pathlib import Path

import pytest

from moorings.cli.exits import Exit
from moorings.providers.registry import FOLDER
from tests.catalog.written import Table, changed, firecrawl, write
from tests.cli.terminal import Terminal, sentence

TERMINAL = Terminal("anywhere")


def _three_tools(manifest: Table) -> None:
    first = manifest["tools"][0]
    manifest["tools"] = [{**first, "id": name} for name in ("one_page", "two_pages", "three_pages")]


def test_our_own_manifests_have_no_problem() -> None:
    found = TERMINAL.json("catalogue", "check")
    assert found["total"]["integrations"] == len(list(FOLDER.glob("*/manifest.toml")))
    assert found["total"]["problems"] == 0
    assert found["total"]["tools"] == sum(entry["tools"] for entry in found["integrations"])


def test_a_complete_manifest_lacks_nothing(tmp_path: Path) -> None:
    write(tmp_path / "own", changed(_three_tools))
    found = TERMINAL.json("catalogue", "check", str(tmp_path / "own"))
    assert found["total"] == {"integrations": 1, "complete": 1, "tools": 3, "problems": 0}
    assert found["integrations"][0]["lacks"] == []
    assert found["integrations"][0]["verifiedBy"] == "GET /team/credit-usage"


def test_too_few_tools_are_lacking_but_no_problem(tmp_path: Path) -> None:
    write(tmp_path / "own", firecrawl())
    result = TERMINAL.run("catalogue", "check", str(tmp_path / "own"))
    assert "3 tools" in sentence(result.stdout)
    assert "1 integrations (0 complete), 1 tools, 0 problems" in sentence(result.stdout)


def test_a_manifest_that_contradicts_itself_is_told_beside_the_good_ones(tmp_path: Path) -> None:
    write(tmp_path / "own", changed(_three_tools))
    write(tmp_path / "own", changed(lambda m: m.update(id="other", hosts=["x.dev"])))
    result = TERMINAL.run("catalogue", "check", str(tmp_path / "own"), code=Exit.FAILED)
    assert "2 integrations (1 complete), 3 tools, 1 problems" in sentence(result.stdout)
    assert "not among the declared hosts" in sentence(result.stderr)


def test_what_is_no_toml_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "own" / "broken").mkdir(parents=True)
    (tmp_path / "own" / "broken" / "manifest.toml").write_text("schema = ")
    found = TERMINAL.json("catalogue", "check", str(tmp_path / "own"), code=Exit.FAILED)
    assert found["total"]["problems"] == 1
    assert not found["integrations"][0]["readable"]


@pytest.mark.parametrize("name", ["empty", "missing"])
def test_a_directory_without_manifests_is_wrong_input(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    TERMINAL.run("catalogue", "check", str(tmp_path / name), code=Exit.WRONG_INPUT)
