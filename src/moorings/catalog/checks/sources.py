"""Every fact says which page it was taken from."""

import re
from collections.abc import Iterator

from moorings.domain.integration import Integration
from moorings.errors import Detail

# An address, a file of a published repository (twilio/twilio-oai spec/api.json), or a call that a document holds.
_PAGE = re.compile(r"[\w-][./][\w-]|(GET|POST|PUT|PATCH|DELETE) /")
_OPEN = "FILL IN"


def sources(integration: Integration) -> Iterator[Detail]:
    """Sources that name no page, and tools without the date on which theirs was read."""
    yield from _source("source", integration.source)
    for tool in integration.tools:
        yield from _source(f"tools.{tool.id}", tool.source)
        if not tool.source_date:
            yield Detail(f"tools.{tool.id}", "it does not say when its source was read")


def _source(place: str, source: str) -> Iterator[Detail]:
    if _OPEN in source or not _PAGE.search(source):
        yield Detail(place, "its source names no page or file, such as https://docs.example.com/api")
