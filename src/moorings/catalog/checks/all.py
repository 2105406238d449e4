"""All that a manifest must hold true beyond its schema: one module per concern.

Whether its sources name pages is asked by `moorings catalogue check` alone: an operator's own notes stop no server.
"""

from collections.abc import Callable, Iterator

from moorings.catalog.checks.expressions import expressions
from moorings.catalog.checks.fields import fields
from moorings.catalog.checks.hosts import hosts
from moorings.catalog.checks.identity import identity
from moorings.catalog.checks.secret_places import secret_places
from moorings.catalog.checks.templates import templates
from moorings.catalog.checks.tools import tools
from moorings.domain.integration import Integration
from moorings.errors import Detail

CHECKS: tuple[Callable[[Integration], Iterator[Detail]], ...] = (
    hosts, fields, secret_places, templates, expressions, tools,
)  # fmt: skip


def problems_of(integration: Integration, folder: str) -> Iterator[Detail]:
    """Everything that is wrong, in the order of the manifest."""
    yield from identity(integration, folder)
    for check in CHECKS:
        yield from check(integration)
