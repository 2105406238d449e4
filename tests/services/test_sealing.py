"""Sealing: what is hidden stays hidden, and what was sealed opens."""

import pytest

from moorings.catalog.catalog import load_catalog
from moorings.domain.credential import Credential, CredentialRef
from moorings.domain.secret import Secret
from moorings.providers.registry import FOLDER
from moorings.services.sealing import Sealing
from moorings.store import credentials as rows
from tests.services.house import House, Process

pytestmark = pytest.mark.anyio

SLACK = load_catalog([FOLDER]).get("slack")
FIELDS = {
    "botToken": Secret("xoxb-0000000000-abcdefgh"), "signingSecret": Secret("short"),
    "previousSigningSecret": Secret("an-older-signing-secret"),
}  # fmt: skip


async def kept(process: Process, ref: CredentialRef) -> Sealing:
    sealing = Sealing(process.vault, process.owner_keys(), process.database, process.clock)

    async def write(credential: Credential) -> None:
        await process.database.write(rows.put, credential, process.entry(ref.owner))

    await sealing.keep(SLACK, ref, FIELDS, None, write)
    return sealing


async def test_what_was_sealed_opens_with_all_its_fields(house: House) -> None:
    process = house.process()
    ref = CredentialRef((await process.admin()).owner, "slack", None)
    sealing = await kept(process, ref)
    opened = await sealing.open(ref, "slack")
    assert opened is not None
    assert {name: secret.reveal() for name, secret in opened.fields.items()} == {
        name: secret.reveal() for name, secret in FIELDS.items()
    }


async def test_a_field_that_the_manifest_does_not_declare_is_not_even_named(house: House) -> None:
    process = house.process()
    ref = CredentialRef((await process.admin()).owner, "slack", None)
    await kept(process, ref)
    [entry] = (await process.states().of(ref.owner)).credentials
    assert dict(entry.previews) == {"botToken": "xoxb-…efgh", "signingSecret": None}


async def test_nothing_opens_where_nothing_is(process: Process) -> None:
    sealing = Sealing(process.vault, process.owner_keys(), process.database, process.clock)
    assert await sealing.open(CredentialRef((await process.admin()).owner, "slack", None), "slack") is None
