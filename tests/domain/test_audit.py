"""The chain of audit entries."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorings.domain.audit import GENESIS, AuditEntry, Kind, chained
from moorings.domain.caller import Origin

AT = datetime(2026, 11, 23, 12, 0, 0, 123_000, tzinfo=UTC)
ENTRY = AuditEntry(
    "org_1", AT, Kind.CREDENTIALS_SAVED, "key_1", "firecrawl", "production", "ok", Origin("127.0.0.1", "req_1"), "rev_1"
)
# Made once and kept: chains that were written stay verifiable.
SAMPLE = "77f20f32ea804eb4d9a02a3b3df61f31182e7d1f9916ba1790289dd95bfd3489"
CHANGES = [
    {"owner": "org_2"},
    {"at": AT + timedelta(milliseconds=1)},
    {"kind": Kind.CREDENTIALS_DELETED},
    {"actor": "key_2"},
    {"subject": "tavily"},
    {"environment": None},
    {"outcome": "MISSING_SCOPE"},
    {"origin": Origin("127.0.0.2", "req_1")},
    {"origin": Origin("127.0.0.1", "req_2")},
    {"revision": None},
]


def test_the_first_entry_stands_behind_thirty_two_zero_bytes() -> None:
    assert bytes(32) == GENESIS


def test_an_entrys_hash_is_a_sha256() -> None:
    assert len(chained(GENESIS, 1, ENTRY)) == hashlib.sha256().digest_size


def test_a_stored_sample_of_an_entry_has_the_hash_it_always_had() -> None:
    assert chained(GENESIS, 1, ENTRY).hex() == SAMPLE


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_every_part_of_an_entry_counts_in_its_hash(change: dict[str, object]) -> None:
    assert chained(GENESIS, 1, replace(ENTRY, **change)) != chained(GENESIS, 1, ENTRY)  # type: ignore[arg-type]


def test_an_entrys_place_and_its_predecessor_count_in_its_hash() -> None:
    hashes = {chained(GENESIS, 1, ENTRY), chained(GENESIS, 2, ENTRY), chained(bytes([1] * 32), 1, ENTRY)}
    assert len(hashes) == 3


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_neighbouring_parts_never_run_into_each_other(one: tuple[str, str], other: tuple[str, str]) -> None:
    first, second = (replace(ENTRY, actor=actor, subject=subject) for actor, subject in (one, other))
    assert (chained(GENESIS, 1, first) == chained(GENESIS, 1, second)) == (one == other)
