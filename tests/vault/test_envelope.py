"""Sealed bytes open in their own place, whole and unchanged, and nowhere else."""

import re
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from moorings.errors import SealBroken, VaultFailed, WrongRootKey
from moorings.vault.envelope import Context, Key, key_id_of
from tests.vault.made import OWNER_KEY

CONTEXT = Context("credential", "org_1", "firecrawl", "production", ("apiKey",), "rev_1", "firecrawl")
PLAINTEXT = b"fc-0123456789abcdef"
SEALED = OWNER_KEY.seal(PLAINTEXT, CONTEXT)
PLACE = re.escape("firecrawl (production) of org_1")
HEADER = 2 + len(OWNER_KEY.id) + 4

texts = st.text(max_size=6)
contexts = st.builds(
    Context,
    kind=texts,
    owner=texts,
    record=texts,
    environment=st.none() | texts,
    fields=st.lists(texts, max_size=3, unique=True).map(tuple),
    revision=texts,
    bound_to=texts,
)


def same(one: Context, other: Context) -> bool:
    """Whether two contexts mean the same place; fields are a set."""
    return replace(one, fields=tuple(sorted(one.fields))) == replace(other, fields=tuple(sorted(other.fields)))


@given(contexts, contexts)
def test_two_contexts_never_collide(one: Context, other: Context) -> None:
    assert (one.encode() == other.encode()) == same(one, other)


@given(st.lists(st.sampled_from(["", "a", "aa", "\x00", "\x00\x00\x00\x01a"]), min_size=5, max_size=12), st.data())
def test_the_same_characters_cut_elsewhere_never_collide(parts: list[str], data: st.DataObject) -> None:
    def cut() -> Context:
        order = data.draw(st.permutations(parts))
        environment = data.draw(st.none() | st.just(order[3]))
        fields = tuple(dict.fromkeys(order[5:]))
        return Context(order[0], order[1], order[2], environment, fields, order[3], order[4])

    one, other = cut(), cut()
    assert (one.encode() == other.encode()) == same(one, other)


def test_no_environment_is_another_place_than_an_empty_one() -> None:
    assert replace(CONTEXT, environment=None).encode() != replace(CONTEXT, environment="").encode()


def test_the_order_of_the_fields_does_not_matter() -> None:
    both = replace(CONTEXT, fields=("apiKey", "region")), replace(CONTEXT, fields=("region", "apiKey"))
    assert both[0].encode() == both[1].encode()


@given(st.binary(max_size=200), contexts)
def test_what_was_sealed_opens_unchanged_in_its_own_context(plaintext: bytes, context: Context) -> None:
    assert OWNER_KEY.open(OWNER_KEY.seal(plaintext, context), context) == plaintext


@given(contexts)
def test_what_was_sealed_opens_in_no_other_context(context: Context) -> None:
    assume(not same(context, CONTEXT))
    with pytest.raises(SealBroken):
        OWNER_KEY.open(SEALED, context)


def test_the_same_value_sealed_twice_looks_different() -> None:
    assert len({OWNER_KEY.seal(PLAINTEXT, CONTEXT) for _ in range(50)}) == 50


@pytest.mark.parametrize("flip", [0x01, 0x80, 0xFF])
def test_a_changed_byte_at_any_position_is_noticed(flip: int) -> None:
    for place in range(len(SEALED)):
        changed = bytearray(SEALED)
        changed[place] ^= flip
        with pytest.raises(VaultFailed, match=PLACE):
            OWNER_KEY.open(bytes(changed), CONTEXT)


def test_a_value_cut_off_anywhere_is_noticed() -> None:
    for length in range(len(SEALED)):
        with pytest.raises(VaultFailed, match=PLACE):
            OWNER_KEY.open(SEALED[:length], CONTEXT)


def test_a_byte_added_at_either_end_is_noticed() -> None:
    for changed in (SEALED + b"\x00", b"\x00" + SEALED, b"\x01" + SEALED):
        with pytest.raises(VaultFailed):
            OWNER_KEY.open(changed, CONTEXT)


@given(st.binary(max_size=120))
def test_arbitrary_bytes_never_open(data: bytes) -> None:
    with pytest.raises(VaultFailed):
        OWNER_KEY.open(data, CONTEXT)


def test_a_tag_or_nonce_of_another_value_is_noticed() -> None:
    other = OWNER_KEY.seal(PLAINTEXT, CONTEXT)
    for changed in (SEALED[:-16] + other[-16:], SEALED[:HEADER] + other[HEADER : HEADER + 12] + SEALED[HEADER + 12 :]):
        with pytest.raises(SealBroken):
            OWNER_KEY.open(changed, CONTEXT)


def test_another_key_of_the_same_id_is_a_clear_error_and_never_a_garbage_decrypt() -> None:
    other = Key(OWNER_KEY.id, bytes(32))
    with pytest.raises(WrongRootKey, match=OWNER_KEY.id):
        other.open(SEALED, CONTEXT)


def test_a_value_under_another_keys_id_is_named_with_both_keys() -> None:
    other = Key("okey_2", bytes(range(32)))
    with pytest.raises(SealBroken, match=rf"{OWNER_KEY.id}.*okey_2"):
        other.open(SEALED, CONTEXT)


def test_a_failure_names_the_row_and_not_the_content() -> None:
    with pytest.raises(SealBroken) as caught:
        OWNER_KEY.open(SEALED[:-1] + bytes([SEALED[-1] ^ 1]), CONTEXT)
    message = caught.value.message
    assert "firecrawl (production) of org_1" in message
    assert PLAINTEXT.decode() not in message
    assert SEALED.hex() not in message
    assert caught.value.__cause__ is None


def test_a_row_for_all_environments_is_named_as_such() -> None:
    assert str(replace(CONTEXT, environment=None)) == "credential firecrawl (all environments) of org_1"


@pytest.mark.parametrize(
    "damaged",
    [b"", b"\x01", b"\x01\x00", b"\x03" + SEALED[1:], b"\x01\xff" + SEALED[2:], b"\x01\x02\xc3\xbc" + bytes(40)],
    ids=["empty", "version alone", "no id", "unknown version", "id past the end", "id that is no ASCII"],
)
def test_a_damaged_header_names_no_key(damaged: bytes) -> None:
    with pytest.raises(SealBroken):
        key_id_of(damaged)


def test_a_header_tells_the_key_it_was_sealed_under() -> None:
    assert key_id_of(SEALED) == OWNER_KEY.id


def test_a_wrapped_key_opens_to_a_key_that_opens_what_the_first_one_sealed() -> None:
    root, context = Key("k1", bytes(32)), Context("owner key", "org_1", OWNER_KEY.id)
    again = root.open_key(root.seal_key(OWNER_KEY, context), OWNER_KEY.id, context)
    assert again.open(SEALED, CONTEXT) == PLAINTEXT


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_has_thirty_two_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Key("k1", bytes(length))


def test_a_key_prints_its_id_only() -> None:
    assert repr(Key("k1", b"s" * 32)) == str(Key("k1", b"s" * 32)) == "Key(k1)"


def test_a_keyed_hash_depends_on_key_and_data() -> None:
    other = Key(OWNER_KEY.id, bytes(32))
    assert len({OWNER_KEY.mac(b"a"), OWNER_KEY.mac(b"b"), other.mac(b"a")}) == 3


def test_a_key_check_value_is_not_a_part_of_the_key() -> None:
    assert len(OWNER_KEY.check_value) == 4
    assert OWNER_KEY.check_value not in bytes(range(32)) * 2
