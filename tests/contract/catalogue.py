"""Every provider folder there is, found by looking, and credentials to build its requests with."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import moorings.emulators as package
from moorings.catalog.manifest import FILE, load
from moorings.domain.integration import Integration
from moorings.domain.secret import Secret, SecretFields
from moorings.domain.tool import Tool
from moorings.emulators.contract import Call, Emulator
from moorings.emulators.registry import all_emulators
from moorings.errors import ManifestError
from moorings.providers.registry import FOLDER
from moorings.providers.request import PreparedRequest
from moorings.providers.transport import USER_AGENT

IDS = sorted(manifest.parent.name for manifest in FOLDER.glob(f"*/{FILE}"))


@cache
def integration(integration_id: str) -> Integration:
    """The integration of a folder; raises `ManifestError`."""
    return load(FOLDER / integration_id)


@cache
def emulators() -> Mapping[str, Emulator]:
    """All emulators."""
    return all_emulators()


@cache
def emulator_modules() -> Mapping[str, Any]:
    """The modules of the emulators; beside `EMULATOR` each has its `SUBTLE` cases."""
    modules = [import_module(f"{package.__name__}.{entry.name}") for entry in iter_modules(package.__path__)]
    return {module.EMULATOR.integration_id: module for module in modules if hasattr(module, "EMULATOR")}


def tools() -> Iterator[Tool]:
    """Every tool of every manifest that can be read; that all can is a test of its own."""
    for integration_id in IDS:
        try:
            yield from integration(integration_id).tools
        except ManifestError:
            continue


def accepted(integration_id: str) -> dict[str, Secret]:
    """The credentials that the emulator takes."""
    return secrets(emulators()[integration_id].credentials())


def recognisable(entry: Integration) -> dict[str, Secret]:
    """Credentials whose secrets are words that can be found wherever they went."""
    emulator = emulators().get(entry.id)
    known = emulator.credentials() if emulator else {}
    plain = {field.name: known.get(field.name) or field.example or "example" for field in entry.fields}
    marked = {field.name: f"recognisablesecret{place}word" for place, field in enumerate(entry.fields) if field.secret}
    return secrets({**plain, **marked})


def secrets(values: Mapping[str, str]) -> dict[str, Secret]:
    """The same values, as the verifier takes them."""
    return {name: Secret(value) for name, value in values.items()}


def revealed(fields: SecretFields) -> dict[str, str]:
    """The plain values."""
    return {name: secret.reveal() for name, secret in fields.items()}


def call_of(request: PreparedRequest, base: str) -> Call:
    """The request as an emulator sees it."""
    parts = urlsplit(request.url)
    path = unquote(parts.path.removeprefix(urlsplit(base).path.rstrip("/"))) or "/"
    sent = {"User-Agent": USER_AGENT, "Accept": "application/json", **request.headers}
    headers = {name.lower(): value for name, value in sent.items()}
    return Call(request.method, path, parse_qs(parts.query, keep_blank_values=True), headers, request.body or b"")
