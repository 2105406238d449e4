"""Bytes that each version wrote, kept here so that no format can change by accident.

They were made once by a program of its own, from the format's description and not by this code.
"""

from datetime import UTC, datetime

import pytest

from moorings.domain.credential import CredentialRef, Revision, StoredSecret
from moorings.domain.owner_key import CheckValue, WrappedKey
from moorings.domain.secret import Sealed
from moorings.errors import SealBroken
from moorings.vault.envelope import Context, Key
from tests.vault.made import vault_with

OWNER_KEY_ID = "okey_01arz3ndektsv4rrffq69g5fav"
OWNER_KEY = bytes(range(32))
REF = CredentialRef("org_1", "firecrawl", "production")

CONTEXT_1 = bytes.fromhex(
    "0000002d0000000a63726564656e7469616c000000056f72675f310000000966697265637261776c000000057265765f31"
    "0000000e0000000a70726f64756374696f6e"
    "00000014000000066170694b657900000006726567696f6e"
)
CONTEXTS = {1: CONTEXT_1, 2: CONTEXT_1 + bytes.fromhex("0000000d0000000966697265637261776c")}
_NAMED = "1f6f6b65795f303161727a336e64656b74737634727266667136396735666176500bfa38000102030405060708090a0b"
_SAME = "3c20b76bacaea762af7bb7a9d78a555db2e4b400c54d6844010687e6790c66902d308c8ecaa67bf71a8645cdaae25d1a93"
SEALED = {
    1: bytes.fromhex("01" + _NAMED + _SAME + "d52a2cacc93ccd3c97715551e3d7f040"),
    2: bytes.fromhex("02" + _NAMED + _SAME + "61ae5ede906abdb0b06c43b93c33df76"),
}
STAMP = bytes.fromhex("f9ecc199572e890cb0e44e337f6498a9d4c9d1aa1c3d59fd98867e3c57f29994")
_WRAPPED = (
    "02" "6b31" "3f97f2db" "000102030405060708090a0b"
    "5c535fa44e30edebb4f0c3cd2a7e50330361fb777e04b0063c14c9a1a79cd587"
)  # fmt: skip
WRAPPED = {
    1: bytes.fromhex("01" + _WRAPPED + "541daf96158b84c8f883edb7c4261b2a"),
    2: bytes.fromhex("02" + _WRAPPED + "90c4684c1511f14319113c9b766235ec"),
}

each_version = pytest.mark.parametrize("version", [1, 2])


def stored(version: int, integration: str = "firecrawl") -> StoredSecret:
    """The record of that version, whose row says for which integration it was sealed."""
    sealed = Sealed(SEALED[version], OWNER_KEY_ID)
    return StoredSecret(REF, integration, sealed, ("apiKey", "region"), "rev_1", Revision("rev_1", STAMP))


@each_version
def test_a_context_is_encoded_as_it_always_was(version: int) -> None:
    fields = ("region", "apiKey")
    context = Context("credential", "org_1", "firecrawl", "production", fields, "rev_1", "firecrawl")
    assert context.encode(version) == CONTEXTS[version]


@each_version
def test_a_credential_that_was_sealed_opens(version: int) -> None:
    fields = vault_with(k1=32).open(Key(OWNER_KEY_ID, OWNER_KEY), stored(version), "firecrawl")
    assert {name: value.reveal() for name, value in fields.items()} == {"apiKey": "fc-0123456789abcdef", "region": "eu"}


def test_a_value_of_the_present_version_does_not_open_as_one_that_is_bound_to_nothing() -> None:
    older = Sealed(b"\x01" + SEALED[2][1:], OWNER_KEY_ID)
    row = StoredSecret(REF, "tavily", older, ("apiKey", "region"), "rev_1", Revision("rev_1", STAMP))
    with pytest.raises(SealBroken):
        vault_with(k1=32).open(Key(OWNER_KEY_ID, OWNER_KEY), row, "tavily")


@each_version
def test_an_owner_key_that_was_wrapped_unwraps_to_the_same_key(version: int) -> None:
    wrapped = WrappedKey(OWNER_KEY_ID, "org_1", 1, "k1", WRAPPED[version], datetime(2026, 11, 23, tzinfo=UTC))
    key = vault_with(k1=32).unwrap(wrapped)
    assert key.id == OWNER_KEY_ID
    assert key.mac(b"") == Key(OWNER_KEY_ID, OWNER_KEY).mac(b"")


def test_the_check_value_of_a_root_key_is_what_it_always_was() -> None:
    assert vault_with(k1=32).check_value("k1") == CheckValue("k1", bytes.fromhex("3f97f2db"))
