"""Every address lies at a declared host."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from moorings.catalog.checks.template_names import TEMPLATE, requests_of
from moorings.domain.integration import Integration
from moorings.errors import Detail


def hosts(integration: Integration) -> Iterator[Detail]:
    """Addresses outside the declared hosts, and hosts that are none."""
    for place, address in _addresses(integration):
        host = urlsplit(address).hostname or ""
        if not TEMPLATE.search(address) and not _covered(host, integration.hosts):
            yield Detail(place, f"its host {host} is not among the declared hosts")
    saved = TEMPLATE.fullmatch(integration.base_url) is not None
    for declared in integration.hosts:
        if TEMPLATE.search(declared):
            if not saved or declared != integration.base_url:
                yield Detail("hosts", f"{declared}: a host is a template only where it is the whole base address")
        elif "/" in declared or ":" in declared:
            yield Detail("hosts", f"{declared} is an address; a host's bare name is wanted")
    if integration.regions and integration.regions.field not in {field.name for field in integration.fields}:
        yield Detail("regions", f"{integration.regions.field} is no field")


def _addresses(integration: Integration) -> Iterator[tuple[str, str]]:
    yield "base_url", integration.base_url
    yield from (("regions", url) for url in (integration.regions.base_urls.values() if integration.regions else ()))
    yield from ((place, request.base_url) for place, request in requests_of(integration) if request.base_url)


def _covered(host: str, hosts: Iterable[str]) -> bool:
    return any(host == entry or (entry.startswith("*.") and host.endswith(entry[1:])) for entry in hosts)
