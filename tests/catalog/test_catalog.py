"""All manifests together: found by looking, sorted by name, each id once."""

from pathlib import Path

import pytest

from moorings import settings
from moorings.app import catalogue
from moorings.catalog.catalog import load_catalog
from moorings.catalog.logo import letter_mark
from moorings.domain.integration import CATEGORIES
from moorings.errors import CategoryNotFound, ConfigurationError, IntegrationNotFound, ManifestError
from moorings.providers.registry import FOLDER
from tests.catalog.written import Table, changed, write


def named(integration_id: str, name: str, category: str = "scraping") -> Table:
    """A good manifest of this id and name."""
    return changed(lambda m: m.update(id=integration_id, name=name, category=category))


def test_every_manifest_of_ours_is_good_and_in_the_catalogue() -> None:
    catalog = load_catalog([FOLDER])
    assert {integration.id for integration in catalog} == {path.parent.name for path in FOLDER.glob("*/manifest.toml")}
    assert len(catalog) > 0


def test_the_catalogue_is_sorted_by_name_whatever_the_case(tmp_path: Path) -> None:
    for integration_id, name in (("zz", "aardvark"), ("aa", "Zebra"), ("mm", "Badger")):
        write(tmp_path, named(integration_id, name))
    assert [integration.name for integration in load_catalog([tmp_path])] == ["aardvark", "Badger", "Zebra"]


def test_an_integration_is_found_by_its_id_and_by_its_category(tmp_path: Path) -> None:
    write(tmp_path, named("aa", "Ape", "search"))
    write(tmp_path, named("bb", "Bee", "scraping"))
    catalog = load_catalog([tmp_path])
    assert catalog.get("aa").name == "Ape"
    assert "aa" in catalog
    assert "cc" not in catalog
    assert [integration.id for integration in catalog.by_category("scraping")] == ["bb"]
    assert catalog.by_category("speech") == []


def test_an_unknown_id_is_answered_with_where_to_look(tmp_path: Path) -> None:
    with pytest.raises(IntegrationNotFound, match="GET /v1/integrations"):
        load_catalog([tmp_path]).get("nothing")


def test_an_unknown_category_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(CategoryNotFound) as caught:
        load_catalog([tmp_path]).by_category("crawling")
    assert all(category in caught.value.message for category in CATEGORIES)


def test_two_manifests_of_one_id_are_refused(tmp_path: Path) -> None:
    for folder in ("ours", "theirs"):
        write(tmp_path / folder, named("aa", "Ape"))
    with pytest.raises(ManifestError, match="Two manifests bear the id aa"):
        load_catalog([tmp_path / "ours", tmp_path / "theirs"])


def test_a_folder_without_a_manifest_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "README.md").touch()
    write(tmp_path, named("aa", "Ape"))
    assert len(load_catalog([tmp_path])) == 1


def test_an_operators_own_manifests_stand_beside_ours(tmp_path: Path) -> None:
    write(tmp_path, named("own-crawler", "Our own crawler"))
    catalog = catalogue(settings.load(catalogue_dir=tmp_path))
    assert "own-crawler" in catalog
    assert "firecrawl" in catalog
    assert len(catalog) == len(catalogue(settings.load())) + 1


def test_an_operators_manifest_cannot_replace_ours(tmp_path: Path) -> None:
    write(tmp_path, changed(lambda m: m.update(base_url="https://evil.example", hosts=["evil.example"])))
    with pytest.raises(ManifestError, match="firecrawl"):
        catalogue(settings.load(catalogue_dir=tmp_path))


def test_an_operators_wrong_manifest_is_named(tmp_path: Path) -> None:
    write(tmp_path, named("own-crawler", "Our own crawler") | {"hosts": ["x.dev"]})
    with pytest.raises(ManifestError, match="own-crawler"):
        catalogue(settings.load(catalogue_dir=tmp_path))


def test_an_operators_folder_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="MOORINGS_CATALOGUE_DIR"):
        catalogue(settings.load(catalogue_dir=tmp_path / "nowhere"))


def test_an_integration_without_a_logo_has_a_letter_mark_of_its_own() -> None:
    mark = letter_mark("firecrawl", "firecrawl")
    assert mark.startswith("data:image/svg+xml,")
    assert "F%3C/text%3E" in mark
    assert mark == letter_mark("firecrawl", "firecrawl")
    assert mark != letter_mark("fire", "firecrawl")
    assert not set('<>"#') & set(mark)
