"""A bucket gives out what it holds, fills evenly, and never more than a minute's worth."""

from hypothesis import given
from hypothesis import strategies as st

from moorings.domain.quota import KEPT, WINDOW, Buckets

steps = st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=200)


def test_a_full_bucket_gives_out_its_limit_and_then_refuses_with_the_time_to_wait() -> None:
    buckets = Buckets(60)
    taken = [buckets.take("a", 1_000.0) for _ in range(61)]
    assert [one.remaining for one in taken] == [*range(59, -1, -1), 0]
    assert [one.wait for one in taken[:60]] == [0] * 60
    assert (taken[60].wait, taken[60].limit, taken[60].reset) == (1, 60, 60)


def test_it_fills_evenly() -> None:
    buckets = Buckets(60)
    for _ in range(60):
        buckets.take("a", 0.0)
    assert buckets.take("a", 0.9).wait == 1
    assert buckets.take("a", 1.0).wait == 0
    assert buckets.take("a", 1.0).wait == 1
    assert buckets.take("a", 1_000.0).remaining == 59


def test_a_slow_quota_says_how_long_to_wait() -> None:
    buckets = Buckets(2)
    buckets.take("a", 0.0)
    buckets.take("a", 0.0)
    assert buckets.take("a", 10.0).wait == 20


def test_names_do_not_share_a_bucket() -> None:
    buckets = Buckets(1)
    assert buckets.take("a", 0.0).wait == 0
    assert buckets.take("b", 0.0).wait == 0
    assert buckets.take("a", 0.0).wait == 60


@given(limit=st.integers(1, 1_000), steps=steps)
def test_over_any_time_no_more_is_given_than_one_full_bucket_and_what_flowed_in(limit: int, steps: list[float]) -> None:
    buckets, now, given_out = Buckets(limit), 0.0, 0
    for step in steps:
        now += step
        taken = buckets.take("a", now)
        given_out += taken.wait == 0
        assert 0 <= taken.remaining < limit
        assert 0 <= taken.reset <= WINDOW
    assert given_out <= limit + now * limit / WINDOW + 1e-3


@given(limit=st.integers(1, 200), start=st.floats(0, 1e6))
def test_whoever_waits_as_told_is_served(limit: int, start: float) -> None:
    buckets = Buckets(limit)
    while not (taken := buckets.take("a", start)).wait:
        pass
    assert buckets.take("a", start + taken.wait).wait == 0


def test_only_so_many_names_are_kept_and_full_ones_go_first() -> None:
    buckets = Buckets(60)
    buckets.take("busy", 0.0)
    for _ in range(30):
        buckets.take("busy", 59.0)
    for number in range(KEPT + 5):
        buckets.take(f"other {number}", 60.0 if number > KEPT - 3 else 0.0)
    assert len(buckets._full_at) <= KEPT
    assert buckets.take("busy", 60.0).remaining < 59
