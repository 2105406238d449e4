"""Finds what can talk to each provider: an adapter module in its folder, else the declarative form."""

from collections.abc import Iterable, Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from moorings.domain.integration import Integration
from moorings.errors import ManifestError
from moorings.providers.contract import Provider, Revoker, ToolRunner, Verifier
from moorings.providers.declarative import DeclarativeVerifier
from moorings.providers.exchange import Exchange
from moorings.providers.revoking import DeclarativeRevoker
from moorings.providers.running import DeclarativeRunner, Limits
from moorings.providers.transport import Transport

FOLDER = Path(__file__).parent
ADAPTER, INBOUND = "adapter.py", "inbound.py"
USUAL = Limits()


def providers(
    integrations: Iterable[Integration], transport: Transport, upstreams: Mapping[str, str], limits: Limits = USUAL
) -> Mapping[str, Provider]:
    """What can be asked of every provider, by its integration's id."""
    return {
        entry.id: _provider(entry, transport.to(entry.id), upstreams.get(entry.id), limits) for entry in integrations
    }


def verifiers(
    integrations: Iterable[Integration], transport: Transport, upstreams: Mapping[str, str]
) -> Mapping[str, Verifier]:
    """One verifier per integration that can be verified."""
    found = providers(integrations, transport, upstreams)
    return {name: provider.verifier for name, provider in found.items() if provider.verifier is not None}


def _provider(integration: Integration, transport: Transport, upstream: str | None, limits: Limits) -> Provider:
    """The declared abilities; an `Adapter` takes their place in what it has methods for, a `Store` is one more."""
    token = integration.auth.token
    exchange = Exchange(transport, integration, token, upstream) if token else None
    verifier = DeclarativeVerifier(transport, integration, upstream, exchange) if integration.verify else None
    runner = DeclarativeRunner(transport, integration, upstream, exchange, verifier, limits)
    module, heard = _module(integration, ADAPTER), _module(integration, INBOUND)
    adapter = module.Adapter(transport, integration, upstream) if hasattr(module, "Adapter") else None
    store = module.Store(transport, integration, upstream, limits) if hasattr(module, "Store") else None
    return Provider(
        verifier=adapter if hasattr(adapter, "verify") else verifier,
        revoker=_revoker(adapter, _declared_revoker(transport, integration, upstream, exchange, verifier)),
        runner=store.knowing({}) if store else _runner(integration, adapter, runner),
        messenger=adapter if hasattr(adapter, "authorize_url") else None,
        bot_host=adapter if hasattr(adapter, "set_webhook") else None,
        store=store,
        indexes=store if hasattr(store, "create_index") else None,
        collections=store if hasattr(store, "collections") else None,
        inbound=heard.Inbound() if heard else None,
    )


def _revoker(adapter: Any, declared: Revoker | None) -> Revoker | None:
    """The adapter's where it has one, over the declared one."""
    if declared is not None and hasattr(adapter, "revoker"):
        found: Revoker = adapter.revoker(declared)
        return found
    return declared


def _declared_revoker(
    transport: Transport, integration: Integration, upstream: str | None, exchange: Exchange | None,
    verifier: DeclarativeVerifier | None,
) -> Revoker | None:  # fmt: skip
    form = integration.revoke.request
    if not integration.revoke.supported or form is None:
        return None
    return DeclarativeRevoker(transport, integration, form, upstream, exchange, verifier)


def _runner(integration: Integration, adapter: Any, declared: ToolRunner) -> ToolRunner:
    """The adapter's where it has one, over the declared one; calls of its own need it."""
    if hasattr(adapter, "runner"):
        found: ToolRunner = adapter.runner(declared)
        return found
    if any(tool.own_calls for tool in integration.tools):
        raise ManifestError(f"{integration.name} has tools with calls of their own, and no adapter that makes them.")
    return declared


def _module(integration: Integration, file: str) -> Any:
    """A module of a provider's folder, None where there is none; an id with a dash is no module's name."""
    path = FOLDER / integration.id / file
    name = f"moorings.providers.{integration.id.replace('-', '_')}.{path.stem}"
    spec = spec_from_file_location(name, path)
    if not path.exists() or spec is None or spec.loader is None:
        return None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
