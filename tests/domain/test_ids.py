"""Ids: a prefix and a lower-case ULID."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moorings.domain.ids import CROCKFORD, is_id, new_id

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
NOW = datetime(2026, 11, 23, 12, 0, 0, 1_000, tzinfo=UTC)

IN_2038 = 2_158_963_200_002
"""Milliseconds that reckoning with floating point seconds would lose one of."""

milliseconds = st.integers(0, (datetime(2200, 1, 1, tzinfo=UTC) - EPOCH) // MILLISECOND)


def number_in(text: str) -> int:
    """What a ULID's characters stand for."""
    number = 0
    for character in text:
        number = number * 32 + CROCKFORD.index(character)
    return number


def test_an_id_is_its_prefix_an_underscore_and_twenty_six_characters() -> None:
    made = new_id("intg", NOW)
    assert made.startswith("intg_")
    assert len(made) == len("intg_") + 26
    assert made == made.lower()
    assert is_id(made, "intg")


def test_a_known_moment_and_known_randomness_give_the_known_id() -> None:
    # The example of https://github.com/ulid/spec: 01ARZ3NDEKTSV4RRFFQ69G5FAV.
    at, randomness = EPOCH + 1_469_922_850_259 * MILLISECOND, number_in("tsv4rrffq69g5fav")
    assert new_id("key", at, lambda _: randomness) == "key_01arz3ndektsv4rrffq69g5fav"


@example(moment=IN_2038, randomness=0)
@given(milliseconds, st.integers(0, 2**80 - 1))
def test_time_and_randomness_stand_in_the_id_unchanged(moment: int, randomness: int) -> None:
    number = number_in(new_id("key", EPOCH + moment * MILLISECOND, lambda _: randomness)[4:])
    assert divmod(number, 2**80) == (moment, randomness)


@example(moment=IN_2038)
@given(milliseconds)
def test_a_later_id_sorts_behind_an_earlier_one(moment: int) -> None:
    earlier = new_id("key", EPOCH + moment * MILLISECOND, lambda _: 2**80 - 1)
    later = new_id("key", EPOCH + (moment + 1) * MILLISECOND, lambda _: 0)
    assert earlier < later


def test_ids_of_the_same_moment_differ() -> None:
    assert len({new_id("key", NOW) for _ in range(500)}) == 500


@pytest.mark.parametrize(
    "text",
    [
        "", "intg", "intg_", "firecrawl", "key_01arz3ndektsv4rrffq69g5fav", "intg_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "intg_01arz3ndektsv4rrffq69g5fa", "intg_01arz3ndektsv4rrffq69g5favv", "intg_01arz3ndektsv4rrffq69g5fai",
        "intg_01arz3ndektsv4rrffq69g5fav\n", "intg-01arz3ndektsv4rrffq69g5fav",
    ],
)  # fmt: skip
def test_what_only_resembles_an_id_is_none(text: str) -> None:
    assert not is_id(text, "intg")
