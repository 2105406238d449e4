"""Every template names a field that there is."""

from collections.abc import Iterator

from moorings.catalog.checks.template_names import FIELDS, TOKEN, names_in, names_of, requests_of
from moorings.domain.integration import Integration
from moorings.errors import Detail


def templates(integration: Integration) -> Iterator[Detail]:
    """Templates that stand for nothing."""
    known = {f"{FIELDS}{field.name}" for field in integration.fields}
    if integration.auth.token:
        known.add(TOKEN)
    for place, request in requests_of(integration):
        unknown = {name for name in names_of(request) if name.startswith((FIELDS, TOKEN))} - known
        yield from (Detail(place, f"the template {{{name}}} names no field") for name in sorted(unknown))
    everywhere = (
        integration.base_url,
        dict(integration.auth.headers),
        integration.auth.basic or (),
        (integration.auth.token.basic if integration.auth.token else None) or (),
        dict(integration.headers),
    )
    unknown = set(names_in(everywhere)) - known
    yield from (Detail("auth", f"the template {{{name}}} names no field") for name in sorted(unknown))
