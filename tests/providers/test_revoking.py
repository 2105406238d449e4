"""What a provider makes of being told to revoke: on the stand-in of one that takes such word."""

import pytest

from moorings.catalog.catalog import load_catalog
from moorings.providers.registry import FOLDER, providers
from moorings.providers.transport import Transport

SUPPORTED = {"github", "gitlab", "google-workspace", "perplexity", "shopify", "trello", "twilio", "vercel"}


@pytest.mark.anyio
async def test_whoever_declares_a_request_can_be_told() -> None:
    async with Transport() as transport:
        found = providers(load_catalog([FOLDER]), transport, {})
        assert {name for name, provider in found.items() if provider.revoker} == SUPPORTED
