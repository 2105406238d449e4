"""Reads manifests: what a folder under `providers/` declares, checked and turned into an `Integration`."""

import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import tomli
from pydantic import ValidationError

from moorings.catalog.checks import problems_of
from moorings.catalog.schema.manifest import Manifest
from moorings.domain.integration import Integration
from moorings.errors import Detail, ManifestError

FILE = "manifest.toml"


def load(folder: Path) -> Integration:
    """Read and check `<folder>/manifest.toml`; raises `ManifestError` with every problem found.

    A file that has not changed since is not read again in this process.
    """
    try:
        known = (folder / FILE).stat()
    except OSError:
        return _checked(folder)
    return _loaded(folder, known.st_mtime_ns, known.st_size, known.st_ino)


@lru_cache(maxsize=1_024)
def _loaded(folder: Path, *_: int) -> Integration:
    return _checked(folder)


def _checked(folder: Path) -> Integration:
    manifest = _parse(folder / FILE)
    integration = manifest.integration()
    problems = list(problems_of(integration, folder.name))
    if problems:
        raise ManifestError(f"The manifest of {folder.name} contradicts itself: {problems[0].message}", problems)
    return integration


def _parse(path: Path) -> Manifest:
    try:
        return Manifest.model_validate(_interned(tomli.loads(path.read_text(encoding="utf-8"))))
    except ValidationError as error:
        details = [Detail(".".join(str(part) for part in item["loc"]), item["msg"]) for item in error.errors()]
        raise ManifestError(
            f"{_where(path)} does not follow the manifest's schema: {_first(details)}", details
        ) from error
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"{_where(path)} is not readable TOML: {error}") from error


def _interned(value: Any) -> Any:
    """The same with each text kept once: all manifests together say most of theirs a hundred times."""
    if isinstance(value, str):
        return sys.intern(value)
    if isinstance(value, dict):
        return {sys.intern(name): _interned(inner) for name, inner in value.items()}
    return [_interned(inner) for inner in value] if isinstance(value, list) else value


def _where(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _first(details: list[Detail]) -> str:
    return f"{details[0].field}: {details[0].message}"
