"""`moorings new-provider`: a folder, a page and failing tests, which are good once they are filled in."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import moorings
from moorings.catalog.manifest import load
from moorings.errors import ManifestError
from tests.cli.terminal import Terminal, sentence
from tests.serving.process import PATIENCE

pytestmark = pytest.mark.slow

TERMINAL = Terminal("anywhere")
SOURCE = Path(moorings.__file__).parent
FILLED = {
    "FILL IN: one of search, scraping": "search",
    "https://FILL-IN.example": "https://docs.acme.example",
    "https://FILL-IN.example/keys": "https://acme.example/keys",
    "https://api.FILL-IN.example": "https://api.acme.example",
    "api.FILL-IN.example": "api.acme.example",
    "/FILL-IN": "/v1/search",
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of a clone that the command looks at; the code without its caches."""
    folder = tmp_path_factory.mktemp("copy") / "clone"
    shutil.copytree(SOURCE, folder / "src" / "moorings", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    return folder


@pytest.fixture
def clone(copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone of the test's own, where it is."""
    monkeypatch.chdir(shutil.copytree(copy, tmp_path / "clone"))
    return tmp_path / "clone"


@pytest.fixture
def refusing(copy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The clone that all tests share in which nothing may come to be."""
    monkeypatch.chdir(copy)
    return copy


def test_in_a_clone_it_makes_manifest_page_and_tests(clone: Path) -> None:
    told = TERMINAL.run("new-provider", "acme-search").stdout
    places = [
        "src/moorings/providers/acme-search/manifest.toml",
        "docs/providers/acme-search.md",
        "tests/providers/test_acme_search.py",
    ]
    for place in places:
        assert place in told
        assert (clone / place).is_file()
    assert 'name = "Acme Search"' in (clone / places[0]).read_text()


def test_as_made_the_tests_fail_and_the_manifest_is_refused(clone: Path) -> None:
    TERMINAL.run("new-provider", "acme-search")
    with pytest.raises(ManifestError):
        load(clone / "src/moorings/providers/acme-search")
    ended = _pytest(clone)
    assert ended.returncode == 1
    assert "2 failed" in ended.stdout


def test_filled_in_the_tests_pass_and_the_manifest_is_good(clone: Path) -> None:
    TERMINAL.run("new-provider", "acme-search")
    manifest = clone / "src/moorings/providers/acme-search/manifest.toml"
    manifest.write_text(_filled(manifest.read_text()))
    page = clone / "docs/providers/acme-search.md"
    page.write_text(page.read_text().replace("FILL IN:", "It is"))
    found = load(manifest.parent)
    assert (found.id, found.name, found.tools[0].name) == ("acme-search", "Acme Search", "acme-search_fill_in")
    ended = _pytest(clone)
    assert "2 passed" in ended.stdout, ended.stdout


def test_the_made_test_is_as_tidy_as_the_house(clone: Path) -> None:
    TERMINAL.run("new-provider", "acme-search")
    settings = Path(__file__).parents[2] / "pyproject.toml"
    shutil.copy(settings, clone / "pyproject.toml")
    for arguments in (["check"], ["format", "--check"]):
        ended = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "ruff", *arguments, "--no-cache", "tests"],
            cwd=clone, capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stdout


def test_into_a_directory_of_ones_own_only_the_manifest_is_made(tmp_path: Path) -> None:
    TERMINAL.run("new-provider", "acme", "--into", "own")
    assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()] == [
        Path("own/acme/manifest.toml")
    ]


def test_until_it_is_filled_in_a_server_refuses_the_manifest_by_name(local: Terminal, tmp_path: Path) -> None:
    local.run("new-provider", "acme", "--into", "own")
    result = local.run("integrations", "list", code=6, catalogue_dir="own")
    assert "acme/manifest.toml" in sentence(result.stderr)
    manifest = tmp_path / "own" / "acme" / "manifest.toml"
    manifest.write_text(_filled(manifest.read_text()))
    assert local.json("integrations", "show", "acme", catalogue_dir="own")["name"] == "Acme"


@pytest.mark.parametrize("into", [(), ("--into", "own")])
def test_nothing_is_overwritten(clone: Path, into: tuple[str, ...]) -> None:
    TERMINAL.run("new-provider", "acme", *into)
    before = _contents(clone)
    result = TERMINAL.run("new-provider", "acme", *into, code=1)
    assert "exists already" in sentence(result.stderr)
    assert _contents(clone) == before


def test_when_one_of_the_files_is_there_none_is_made(clone: Path) -> None:
    page = clone / "docs" / "providers" / "acme.md"
    page.parent.mkdir(parents=True)
    page.write_text("Mine.")
    TERMINAL.run("new-provider", "acme", code=1)
    assert not (clone / "src/moorings/providers/acme").exists()
    assert page.read_text() == "Mine."


@pytest.mark.parametrize(
    "name", ["A", "a", "Acme", "acme_search", "-acme", "1acme", "acme/..", "../acme", "acme search", "a" * 42, ""]
)
def test_what_is_no_id_is_refused(refusing: Path, name: str) -> None:
    before = _contents(refusing)
    TERMINAL.run("new-provider", "--", name, code=2)
    assert _contents(refusing) == before


@pytest.mark.parametrize("name", ["tools", "credentials", "category"])
def test_a_word_of_the_apis_paths_is_refused(refusing: Path, name: str) -> None:
    TERMINAL.run("new-provider", name, code=2)
    assert not (refusing / "src/moorings/providers" / name).exists()


def test_outside_a_clone_it_asks_for_a_directory() -> None:
    assert "--into" in TERMINAL.run("new-provider", "acme", code=2).stderr


def _filled(text: str) -> str:
    for place, value in sorted(FILLED.items(), key=lambda item: -len(item[0])):
        text = re.sub(
            rf'"{re.escape(place)}[^"]*"' if "one of" in place else re.escape(f'"{place}"'), f'"{value}"', text
        )
    text = text.replace("(forty characters or more)", "and it says so at some length")
    return re.sub("FILL IN:?", "Known:", text)


def _contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}


def _pytest(clone: Path) -> "subprocess.CompletedProcess[str]":
    """The made test, over the clone's own code."""
    variables = {**os.environ, "PYTHONPATH": str(clone / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(clone), "tests/providers"],
        cwd=clone, env=variables, capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
