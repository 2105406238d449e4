"""Usernames: what Telegram takes is taken, and a suggestion is always such and never the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorings.domain.username import ENTROPY, LONGEST, suggested, username_problem

GOOD = ("acme_bot", "AcmeBot", "a1bot", "A_b_c_BOT", "x" * 29 + "bot", "robot")
BAD = (
    "", "bot", "abot", "x" * 30 + "bot", "acme", "_acmebot", "1acmebot", "ac__me_bot", "acme-bot", "acme bot",
    "ácme_bot", "acme_bot ", "acme_bot\n", "acme_bot_", "admin_bot", "TelegramBot", "supportbot", "servicebot",
)  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_telegram_takes_it(name: str) -> None:
    assert username_problem(name) is None


@pytest.mark.parametrize("name", BAD)
def test_telegram_does_not_take_it_and_a_person_hears_why(name: str) -> None:
    assert (username_problem(name) or "").endswith(".")


@given(st.text(max_size=80))
def test_whatever_is_wished_for_the_suggestion_is_one_that_telegram_takes(wish: str) -> None:
    name = suggested(wish)
    assert username_problem(name) is None
    assert len(name) <= LONGEST


@pytest.mark.parametrize(
    ("wish", "stem"),
    [
        ("acme_helper_bot", "acme_helper"), ("AcmeBot", "acme"), ("Acme  Helpers!", "acme_helpers"), ("", "agent"),
        ("日本", "agent"), ("Support", "agent"), ("42 is it", "is_it"), ("a_very_long_name_bot", "a_very_long_nam"),
        ("bot", "agent"), ("Bot & Söhne", "bot_s_hne"),
    ],
)  # fmt: skip
def test_it_begins_like_the_wish(wish: str, stem: str) -> None:
    assert suggested(wish, lambda alphabet: alphabet[0]) == f"{stem}_{'a' * ENTROPY}_bot"


def test_no_two_are_alike() -> None:
    assert len({suggested("acme") for _ in range(500)}) == 500
