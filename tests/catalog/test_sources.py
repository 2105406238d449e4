"""Every fact says which page it was taken from."""

from collections.abc import Callable
from pathlib import Path

import pytest

from moorings.catalog.checks.sources import sources
from moorings.catalog.manifest import load
from tests.catalog.written import Table, changed, firecrawl, write


def tool(manifest: Table) -> Table:
    found: Table = manifest["tools"][0]
    return found


def test_good_sources_are_good(tmp_path: Path) -> None:
    assert list(sources(load(write(tmp_path, firecrawl())))) == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda manifest: manifest.update(source="their website"), "source"),
        (lambda manifest: manifest.update(source="FILL IN https://example.com/docs"), "source"),
        (lambda manifest: tool(manifest).update(source="the reference"), "tools.read_page"),
    ],
)
def test_a_source_that_names_nothing_is_told(tmp_path: Path, change: Callable[[Table], None], place: str) -> None:
    [problem] = sources(load(write(tmp_path, changed(change))))
    assert problem.field == place
    assert "names no page" in problem.message
