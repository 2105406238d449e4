"""What the settings name, as the values that everything else is made of."""

from collections.abc import Iterable, Mapping
from ipaddress import ip_network

from moorings.catalog.catalog import Catalog, load_catalog
from moorings.domain.caller import Network
from moorings.domain.secret import Secret
from moorings.domain.span import Tracer
from moorings.errors import ConfigurationError
from moorings.providers.guard import Allowed, Guard
from moorings.providers.registry import FOLDER
from moorings.providers.running import Limits
from moorings.providers.shares import Shares
from moorings.providers.transport import Transport
from moorings.services.limits import Quotas
from moorings.settings import Settings
from moorings.vault.keyring import KeyFile, KeySource, KeyText


def key_source(settings: Settings) -> KeySource:
    """Where root keys come from: the setting, or the file."""
    if settings.root_keys is not None:
        return KeyText(settings.root_keys.get_secret_value())
    return KeyFile(settings.key_file)


def database_url(settings: Settings) -> str | None:
    """Where PostgreSQL is; None for the file in the data directory."""
    return settings.database_url.get_secret_value() if settings.database_url else None


def catalogue(settings: Settings) -> Catalog:
    """Our manifests, and the operator's own."""
    own = [settings.catalogue_dir] if settings.catalogue_dir else []
    for folder in own:
        if not folder.is_dir():
            raise ConfigurationError("MOORINGS_CATALOGUE_DIR is not a directory.")
    return load_catalog([FOLDER, *own])


def upstreams(settings: Settings, catalog: Catalog) -> Mapping[str, str]:
    """Where the operator leads integrations; a misspelt one would be led to its provider, secrets and all."""
    unknown = sorted(name for name in settings.upstreams if name not in catalog)
    if unknown:
        raise ConfigurationError(f"MOORINGS_UPSTREAMS leads {', '.join(unknown)}, but there is no such integration.")
    return settings.upstreams


def transport(settings: Settings, tracer: Tracer, shares: Shares | None = None) -> Transport:
    """Connections to the world, as far as it is open."""
    proxy = settings.proxy.get_secret_value() if settings.proxy else None
    return Transport(
        timeout=settings.provider_timeout, proxy=proxy, guard=guard(settings), tracer=tracer, shares=shares
    )


def guard(settings: Settings) -> Guard:
    """Where requests may go: the world, and what the operator has opened of our own network."""
    return Guard(Allowed.read(settings.egress_allow))


def bounds(settings: Settings) -> Limits:
    """How long a tool may take, and how large its answer may be."""
    return Limits(settings.tool_timeout, settings.tool_answer_limit)


def quotas(settings: Settings) -> Quotas:
    """What this process may give out of the calls that the settings allow."""
    given = Quotas(settings.rate_limit_key, settings.rate_limit_owner, settings.rate_limit_guesses)
    return given.shared(settings.workers)


def proxies(settings: Settings) -> tuple[Network, ...]:
    """The networks of trusted reverse proxies."""
    return networks(settings.trusted_proxies)


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks as a setting names them."""
    return tuple(ip_network(text) for text in texts)


def manager(settings: Settings) -> Secret | None:
    """The token of the Telegram bot that manages others."""
    token = settings.telegram_manager_token
    return Secret(token.get_secret_value()) if token else None
