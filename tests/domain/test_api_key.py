"""The form of API keys."""

import secrets
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorings.domain.api_key import ALPHABET, ApiKey, checksum, hash_of, new_token, preview_of, well_formed
from moorings.domain.caller import Scope

# Made once and kept: keys that people hold must stay good for ever.
SAMPLE = "mrg_0123456789ABCDEFGHIJabcdefghij1pftFB"
SAMPLE_HASH = "ee9df09fc78005dbed2d50d58f72eaaf7f15c07645007fb8da0c51bcd90d2f62"
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def drawn(numbers: list[int]) -> str:
    """A key whose random characters were drawn as these numbers."""
    waiting = iter(numbers)
    return new_token(lambda alphabet: alphabet[next(waiting) % len(alphabet)])


tokens = st.lists(st.integers(0, len(ALPHABET) - 1), min_size=30, max_size=30).map(drawn)


def test_a_key_is_its_prefix_thirty_random_characters_and_a_checksum_of_six() -> None:
    token = new_token(secrets.choice)
    assert token.startswith("mrg_")
    assert len(token) == 4 + 30 + 6
    assert set(token[4:]) <= set(ALPHABET)
    assert len(ALPHABET) == 62
    assert token.endswith(checksum(token[:-6]))


def test_two_keys_are_never_the_same() -> None:
    assert len({new_token(secrets.choice) for _ in range(200)}) == 200


def test_a_stored_sample_of_a_key_is_good_and_has_the_hash_it_always_had() -> None:
    assert well_formed(SAMPLE)
    assert hash_of(SAMPLE).hex() == SAMPLE_HASH


@given(tokens)
def test_every_key_that_is_made_is_well_formed(token: str) -> None:
    assert well_formed(token)


@given(tokens, st.integers(0, 39), st.characters())
def test_any_single_changed_character_is_refused(token: str, place: int, character: str) -> None:
    changed = token[:place] + character + token[place + 1 :]
    assert well_formed(changed) == (changed == token)


@given(tokens, st.integers(0, 38))
def test_two_neighbouring_characters_exchanged_are_refused(token: str, place: int) -> None:
    changed = token[:place] + token[place + 1] + token[place] + token[place + 2 :]
    assert well_formed(changed) == (changed == token)


@given(st.text())
def test_an_arbitrary_text_is_refused_without_an_error(text: str) -> None:
    assert not well_formed(text)


@pytest.mark.parametrize(
    "text", ["", SAMPLE[:-1], SAMPLE + "0", SAMPLE[4:], " " + SAMPLE[1:], SAMPLE.replace("mrg", "mrq")]
)
def test_a_key_of_another_length_or_prefix_is_refused(text: str) -> None:
    assert not well_formed(text)


def test_a_preview_shows_the_prefix_and_the_last_four_characters_only() -> None:
    assert preview_of(SAMPLE) == f"mrg_…{SAMPLE[-4:]}"


def test_whoever_presents_a_key_has_exactly_its_rights_and_bounds() -> None:
    networks, ends = (ip_network("10.0.0.0/8"),), NOW + timedelta(days=1)
    scopes, environments = frozenset({Scope.READ}), frozenset({"staging"})
    key = ApiKey("key_1", "org_1", "reader", b"", "", scopes, NOW, environments, networks, ends)
    caller = key.caller()
    assert (caller.id, caller.owner) == ("key_1", "org_1")
    assert (caller.scopes, caller.environments, caller.networks) == (scopes, environments, networks)
    assert caller.expires_at == ends
