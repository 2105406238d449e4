"""What a provider calls us is kept in the open, and therefore looked at first."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from moorings.domain.request_form import RequestForm, VerifyForm
from moorings.providers.declarative import LONGEST_NAME, DeclarativeVerifier
from moorings.providers.scrubbing import REMOVED
from moorings.providers.transport import Transport
from tests.providers.made import FIELDS, KEY, integration, said, saying, wire

pytestmark = pytest.mark.anyio

FORM = VerifyForm(
    RequestForm("GET", "/me"), frozenset({200}), frozenset({401}), frozenset(), "id", account_id="id",
    account_label="name",
)  # fmt: skip


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    async with Transport(timeout=2) as made:
        yield made


async def label(transport: Transport, name: Any) -> str | None:
    async with wire(saying(said(json.dumps({"id": "me", "name": name})))) as provider:
        verifier = DeclarativeVerifier(transport, integration(verify=FORM), provider.url)
        account = (await verifier.verify(FIELDS)).account
        assert account is not None
        return account.label


async def test_the_secret_is_not_kept_as_the_name_of_its_account(transport: Transport) -> None:
    assert await label(transport, f"key {KEY}") == f"key {REMOVED}"
    assert await label(transport, {"key": KEY}) is None


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Harbour caf\u00e9", "Harbour caf\u00e9"),
        ("a\x00b\ud800c\u202ed", "abcd"),
        ("\x00", None),
        (42, "42"),
        (None, None),
    ],
)
async def test_only_what_can_be_stored_and_shown_is_kept(transport: Transport, name: Any, kept: str | None) -> None:
    assert await label(transport, name) == kept


async def test_a_novel_is_cut(transport: Transport) -> None:
    assert await label(transport, "x" * 100_000) == "x" * LONGEST_NAME
