"""Secrets stay in the auth part."""

from collections.abc import Iterator

from moorings.catalog.checks.template_names import FIELDS, names_in, requests_of
from moorings.domain.integration import Integration
from moorings.errors import Detail


def secret_places(integration: Integration) -> Iterator[Detail]:
    """A secret belongs into the auth part; a path only where `in_path` says so, a query never."""
    secret = {f"{FIELDS}{field.name}" for field in integration.fields if field.secret}
    if not secret.isdisjoint(names_in(integration.base_url)):
        yield Detail("base_url", "a secret stands in the host")
    if not secret.isdisjoint(names_in(dict(integration.headers))):
        yield Detail("headers", "a secret stands outside the auth part")
    for place, request in requests_of(integration):
        if not secret.isdisjoint(names_in(dict(request.query))):
            yield Detail(place, "a secret stands in the query, where logs and caches keep it")
        if not secret.isdisjoint(names_in(request.base_url or "")):
            yield Detail(place, "a secret stands in the host")
        allowed = integration.auth.in_path or request.in_path
        if not allowed and not secret.isdisjoint(names_in(request.path)):
            yield Detail(place, "a secret stands in the path; say in_path if the provider leaves no choice")
