"""Finds what can talk to each provider: an adapter module in its folder, else the declarative form."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from moorings.domain.integration import Integration
from moorings.providers.contract import Verifier
from moorings.providers.declarative import DeclarativeVerifier
from moorings.providers.transport import Transport

FOLDER = Path(__file__).parent


def verifiers(
    integrations: Iterable[Integration], transport: Transport, upstreams: Mapping[str, str]
) -> Mapping[str, Verifier]:
    """One verifier per integration that can be verified."""
    found = {entry.id: _verifier(entry, transport, upstreams.get(entry.id)) for entry in integrations}
    return {name: verifier for name, verifier in found.items() if verifier is not None}


def _verifier(integration: Integration, transport: Transport, upstream: str | None) -> Verifier | None:
    module = f"moorings.providers.{integration.id.replace('-', '_')}.adapter"
    if (FOLDER / integration.id / "adapter.py").exists() and find_spec(module):
        adapter: Verifier = import_module(module).Adapter(transport, integration, upstream)
        return adapter
    return DeclarativeVerifier(transport, integration, upstream) if integration.verify else None
