"""What is sealed opens for its owner, in its place, in its latest writing, and never else."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorings.domain.credential import CredentialRef, Revision, StoredSecret
from moorings.domain.owner_key import CheckValue
from moorings.domain.secret import Sealed, Secret
from moorings.errors import SealBroken, VaultFailed, WrongRootKey
from moorings.vault.envelope import Context, Key
from tests.vault.made import FIELDS, NOW, OWNER_KEY, REF, sealed, vault_with

VAULT = vault_with(k1=1)
ELSEWHERE: dict[str, CredentialRef] = {
    "owner": replace(REF, owner="org_2"),
    "integration": replace(REF, integration_id="tavily"),
    "installation": replace(REF, integration_id="intg_01arz3ndektsv4rrffq69g5fav"),
    "environment": replace(REF, environment="staging"),
    "all environments": replace(REF, environment=None),
}


def moved(row: StoredSecret, ref: CredentialRef, **changed: Any) -> StoredSecret:
    """The bytes of one row in the place of another, whose revision row was made to fit."""
    current = VAULT.stamp(OWNER_KEY, ref, row.revision_id)
    return replace(row, ref=ref, current=current, **changed)


def unsealed(key: Key, stored: StoredSecret, integration: str = "firecrawl") -> dict[str, Secret]:
    """The fields of a row, for the integration that it was sealed for."""
    return VAULT.open(key, stored, integration)


@given(st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=40), min_size=1, max_size=4))
def test_fields_come_back_as_they_went_in(fields: dict[str, str]) -> None:
    given_fields = {name: Secret(value) for name, value in fields.items()}
    data = VAULT.seal(OWNER_KEY, REF, "firecrawl", given_fields, "rev_1")
    stored = StoredSecret(REF, "firecrawl", data, tuple(fields), "rev_1", VAULT.stamp(OWNER_KEY, REF, "rev_1"))
    assert {name: value.reveal() for name, value in unsealed(OWNER_KEY, stored).items()} == fields


@pytest.mark.parametrize("place", ELSEWHERE)
def test_a_row_moved_elsewhere_does_not_open(place: str) -> None:
    with pytest.raises(SealBroken):
        unsealed(OWNER_KEY, moved(sealed(VAULT), ELSEWHERE[place]))


@pytest.mark.parametrize("place", ELSEWHERE)
def test_two_rows_exchanged_do_not_open(place: str) -> None:
    one, other = sealed(VAULT), sealed(VAULT, ELSEWHERE[place])
    for row, bytes_of in ((one, other), (other, one)):
        with pytest.raises(SealBroken):
            unsealed(OWNER_KEY, replace(row, sealed=bytes_of.sealed))


@pytest.mark.parametrize("names", [("apiKey",), ("apiKey", "region", "token"), ("apiKey", "regions"), ()])
def test_a_row_with_another_set_of_fields_does_not_open(names: tuple[str, ...]) -> None:
    with pytest.raises(SealBroken):
        unsealed(OWNER_KEY, replace(sealed(VAULT), field_names=names))


def test_a_row_is_opened_for_no_other_integration() -> None:
    with pytest.raises(SealBroken, match=r"firecrawl \(production\) of org_1 was sealed for firecrawl .* tavily"):
        unsealed(OWNER_KEY, sealed(VAULT), "tavily")


def test_a_row_whose_integration_was_changed_opens_neither_for_that_nor_for_its_own() -> None:
    row = replace(sealed(VAULT), integration="tavily")
    for integration in ("tavily", "firecrawl", ""):
        with pytest.raises(SealBroken):
            unsealed(OWNER_KEY, row, integration)


def test_the_bytes_of_two_fields_cannot_be_exchanged_for_they_are_sealed_as_one() -> None:
    one, other = sealed(VAULT, apiKey="a", token="b"), sealed(VAULT, apiKey="b", token="a")
    opened = unsealed(OWNER_KEY, replace(one, sealed=other.sealed))
    # Same place, same revision, same fields: a whole value of our own. It is as it was sealed, nothing mixed.
    assert (opened["apiKey"].reveal(), opened["token"].reveal()) == ("b", "a")


def test_old_sealed_bytes_put_back_do_not_open() -> None:
    old, new = sealed(VAULT, revision="rev_1"), sealed(VAULT, revision="rev_2")
    with pytest.raises(SealBroken):
        unsealed(OWNER_KEY, replace(new, sealed=old.sealed))


def test_a_whole_old_row_put_back_does_not_open() -> None:
    old, new = sealed(VAULT, revision="rev_1"), sealed(VAULT, revision="rev_2")
    with pytest.raises(SealBroken, match="not its latest writing"):
        unsealed(OWNER_KEY, replace(old, current=new.current))


def test_a_whole_old_row_put_back_under_the_new_revisions_name_does_not_open() -> None:
    old, new = sealed(VAULT, revision="rev_1"), sealed(VAULT, revision="rev_2")
    with pytest.raises(SealBroken):
        unsealed(OWNER_KEY, replace(old, revision_id="rev_2", current=new.current))


def test_a_row_put_back_after_its_deletion_does_not_open() -> None:
    tombstone = VAULT.stamp(OWNER_KEY, REF, "rev_9")
    with pytest.raises(SealBroken, match="an old one was put back"):
        unsealed(OWNER_KEY, replace(sealed(VAULT), current=tombstone))


def test_a_row_whose_revision_was_removed_does_not_open() -> None:
    with pytest.raises(SealBroken):
        unsealed(OWNER_KEY, replace(sealed(VAULT), current=None))


def test_a_revision_written_by_hand_does_not_pass() -> None:
    row = sealed(VAULT)
    forged = [b"", bytes(32), VAULT.stamp(OWNER_KEY, ELSEWHERE["environment"], "rev_1").stamp]
    for stamp in forged:
        with pytest.raises(SealBroken, match="stamp"):
            unsealed(OWNER_KEY, replace(row, current=Revision("rev_1", stamp)))


def test_tampered_bytes_at_every_position_do_not_open() -> None:
    row = sealed(VAULT)
    for place in range(len(row.sealed.data)):
        changed = bytearray(row.sealed.data)
        changed[place] ^= 1
        with pytest.raises(VaultFailed):
            unsealed(OWNER_KEY, replace(row, sealed=Sealed(bytes(changed), OWNER_KEY.id)))


def test_a_failure_names_the_row_and_holds_nothing_of_it() -> None:
    row = sealed(VAULT)
    with pytest.raises(SealBroken) as caught:
        unsealed(OWNER_KEY, replace(row, current=None))
    assert "firecrawl (production) of org_1" in caught.value.message
    assert not any(value.reveal() in caught.value.message for value in FIELDS.values() if len(value.reveal()) > 4)


def test_sealing_under_one_owners_key_opens_under_no_others() -> None:
    other, _ = VAULT.new_owner_key("org_2", 1, NOW)
    with pytest.raises(VaultFailed):
        unsealed(other, sealed(VAULT))


def test_an_owner_key_comes_back_the_same_from_its_wrapping() -> None:
    key, wrapped = VAULT.new_owner_key("org_1", 1, NOW)
    assert (wrapped.owner, wrapped.generation, wrapped.root_key_id, wrapped.created_at) == ("org_1", 1, "k1", NOW)
    assert VAULT.unwrap(wrapped).mac(b"") == key.mac(b"")


def test_two_owner_keys_are_never_the_same() -> None:
    made = [VAULT.new_owner_key("org_1", 1, NOW) for _ in range(20)]
    assert len({key.mac(b"") for key, _ in made}) == len({wrapped.id for _, wrapped in made}) == 20


@pytest.mark.parametrize("change", [{"owner": "org_2"}, {"id": "okey_2"}, {"generation": 2}])
def test_a_wrapped_key_moved_elsewhere_does_not_unwrap(change: dict[str, Any]) -> None:
    _, wrapped = VAULT.new_owner_key("org_1", 1, NOW)
    with pytest.raises(SealBroken):
        VAULT.unwrap(replace(wrapped, **change))


def test_a_tampered_wrapped_key_does_not_unwrap() -> None:
    _, wrapped = VAULT.new_owner_key("org_1", 1, NOW)
    for place in range(len(wrapped.wrapped)):
        changed = bytearray(wrapped.wrapped)
        changed[place] ^= 1
        with pytest.raises(VaultFailed):
            VAULT.unwrap(replace(wrapped, wrapped=bytes(changed)))


def test_a_missing_root_key_is_named_with_those_that_are_loaded() -> None:
    _, wrapped = vault_with(k1=1, k2=2, k3=3).new_owner_key("org_1", 1, NOW)
    with pytest.raises(WrongRootKey, match=r"root key k3 is wanted.*loaded: k1, k2\)"):
        vault_with(k1=1, k2=2).unwrap(wrapped)


def test_with_no_root_key_loaded_the_message_says_so() -> None:
    _, wrapped = VAULT.new_owner_key("org_1", 1, NOW)
    with pytest.raises(WrongRootKey, match=r"k1 is wanted.*loaded: none"):
        vault_with().unwrap(wrapped)


def test_another_root_key_of_the_same_number_is_a_clear_error() -> None:
    _, wrapped = VAULT.new_owner_key("org_1", 1, NOW)
    with pytest.raises(WrongRootKey, match="k1"):
        vault_with(k1=99).unwrap(wrapped)


def test_a_wrong_root_key_is_recognised_by_its_check_value_before_anything_is_opened() -> None:
    stored = VAULT.check_value("k1")
    VAULT.check(stored)
    with pytest.raises(WrongRootKey, match="k1"):
        vault_with(k1=99).check(stored)
    with pytest.raises(WrongRootKey, match=r"k2 is wanted.*loaded: k1"):
        VAULT.check(CheckValue("k2", b"1234"))


def test_a_rewrapped_key_is_the_same_key_under_the_current_root_key() -> None:
    key, wrapped = VAULT.new_owner_key("org_1", 1, NOW)
    both = vault_with(k1=1, k2=2)
    again = both.rewrap(wrapped)
    assert (again.id, again.owner, again.generation, again.created_at) == (wrapped.id, "org_1", 1, NOW)
    assert again.root_key_id == "k2"
    assert vault_with(k2=2).unwrap(again).mac(b"") == key.mac(b"")


def test_other_bytes_are_bound_to_their_context_as_well() -> None:
    context = Context("idempotent answer", "org_1", "a-key")
    data = VAULT.seal_bytes(OWNER_KEY, context, b"body")
    assert VAULT.open_bytes(OWNER_KEY, context, data) == b"body"
    with pytest.raises(SealBroken):
        VAULT.open_bytes(OWNER_KEY, replace(context, record="b-key"), data)


def test_nothing_sealed_holds_its_plaintext() -> None:
    row = sealed(VAULT, apiKey="fc-marker-marker")
    assert b"marker" not in row.sealed.data
    assert isinstance(unsealed(OWNER_KEY, row)["apiKey"], Secret)
