"""The names that stand in a manifest's templates."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from moorings.domain.integration import Integration
from moorings.domain.request_form import RequestForm

_NAMES = r"([A-Za-z_][A-Za-z0-9_.-]*(?:\|[A-Za-z_][A-Za-z0-9_.-]*)*)"
TEMPLATE = re.compile(rf"\{{\+?{_NAMES}\}}")
FIELDS = "fields."
TOKEN = "auth.token"  # noqa: S105 - a template's name

_WHOLE = re.compile(rf"^\{{{_NAMES}\}}$")


def names_in(part: Any) -> Iterator[str]:
    """Every template name in a path, header or query value, or in a body at any depth."""
    return _names(part, TEMPLATE)


def names_in_body(part: Any) -> Iterator[str]:
    """Template names of a body, where only a string that is wholly one template counts."""
    return _names(part, _WHOLE)


def _names(part: Any, shape: re.Pattern[str]) -> Iterator[str]:
    if isinstance(part, str):
        yield from (name for names in shape.findall(part) for name in names.split("|"))
    elif isinstance(part, dict):
        for value in part.values():
            yield from _names(value, shape)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _names(value, shape)


def names_of(request: RequestForm) -> Iterator[str]:
    """Every template name of a request."""
    yield from names_in((request.base_url or "", request.path))
    yield from names_in((dict(request.query), dict(request.headers)))
    yield from names_in_body(request.body)


def requests_of(integration: Integration) -> Iterable[tuple[str, RequestForm]]:
    """Every request of a manifest, with its place there."""
    if integration.verify and integration.verify.request:
        yield "verify", integration.verify.request
    if integration.auth.token:
        yield "auth.token", integration.auth.token.request
    if integration.revoke.request:
        yield "revoke", integration.revoke.request
    for tool in integration.tools:
        yield f"tools.{tool.id}", tool.request
