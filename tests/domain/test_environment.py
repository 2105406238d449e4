"""Which entry answers where."""

from itertools import combinations

import pytest

from moorings.domain.environment import ALL, Environment, Environments, Source, source_of
from moorings.errors import InvalidEnvironment

KNOWN = Environments(("development", "staging", "production"))
PLACES: tuple[Environment, ...] = (ALL, *KNOWN.names)
HELD = [held for count in range(5) for held in combinations(PLACES, count)]


@pytest.mark.parametrize("held", HELD, ids=str)
@pytest.mark.parametrize("asked", KNOWN.names)
def test_the_exact_environment_answers_then_all_environments_and_nothing_else(
    held: tuple[Environment, ...], asked: str
) -> None:
    expected = Source.ENVIRONMENT if asked in held else Source.ALL if ALL in held else None
    assert source_of(held, asked) is expected


@pytest.mark.parametrize("held", HELD, ids=str)
def test_asked_for_all_environments_only_their_own_entry_answers(held: tuple[Environment, ...]) -> None:
    assert source_of(held, ALL) is (Source.ALL if ALL in held else None)


@pytest.mark.parametrize("name", PLACES)
def test_a_known_environment_and_all_environments_are_accepted(name: Environment) -> None:
    assert KNOWN.check(name) == name


@pytest.mark.parametrize("name", ["Production", "prod", "", "*", " production"])
def test_another_word_is_refused_and_the_valid_ones_are_listed(name: str) -> None:
    with pytest.raises(InvalidEnvironment, match="development, staging, production") as caught:
        KNOWN.check(name)
    assert not name.strip() or name not in caught.value.message.replace("production", "")


def test_environments_are_sorted_as_configured_with_all_first_and_forgotten_ones_last() -> None:
    held = ["zoo", "production", None, "archive", "development"]
    assert KNOWN.sort(held) == [None, "development", "production", "archive", "zoo"]
