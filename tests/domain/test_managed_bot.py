"""The life of a request: every transition, and that no bot ever comes to the wrong owner."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorings.domain.managed_bot import (
    LATE_FOR,
    OPEN,
    OPEN_FOR,
    ManagedRequest,
    NewBot,
    RequestStatus,
    answered_by,
)
from moorings.errors import RequestClosed

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EXACT, OTHER = NewBot(7, "Acme_Secret_Bot", "Acme"), NewBot(8, "nicer_bot", "Nicer")
STATUS = RequestStatus

Step = Callable[[ManagedRequest, datetime], ManagedRequest]
STEPS: dict[str, Step] = {
    "the suggested bot": lambda request, now: request.arrived(EXACT, now),
    "another bot": lambda request, now: request.arrived(OTHER, now),
    "confirm": ManagedRequest.confirmed,
    "reject": ManagedRequest.rejected,
    "cancel": ManagedRequest.cancelled,
    "complete": lambda request, now: request.completed("intg_1", now),
    "fail": lambda request, now: request.failed("It cannot be had.", now),
}
ALLOWED = {
    (STATUS.PENDING, "the suggested bot"): STATUS.BINDING,
    (STATUS.PENDING, "another bot"): STATUS.RENAME_PENDING,
    (STATUS.PENDING, "cancel"): STATUS.CANCELLED,
    (STATUS.RENAME_PENDING, "the suggested bot"): STATUS.BINDING,
    (STATUS.RENAME_PENDING, "confirm"): STATUS.BINDING,
    (STATUS.RENAME_PENDING, "reject"): STATUS.REJECTED,
    (STATUS.RENAME_PENDING, "cancel"): STATUS.CANCELLED,
    (STATUS.BINDING, "complete"): STATUS.COMPLETED,
    (STATUS.BINDING, "fail"): STATUS.FAILED,
}


def request(number: int = 1, owner: str = "org_1", **changed: object) -> ManagedRequest:
    made = ManagedRequest(
        f"tmb_{number}", owner, "key_1", STATUS.PENDING, "acme_secret_bot", "Acme", None, None, None, NOW,
        NOW + OPEN_FOR, NOW,
    )  # fmt: skip
    return replace(made, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", STATUS)
@pytest.mark.parametrize("step", list(STEPS))
def test_a_step_leads_where_it_must_or_is_refused(status: RequestStatus, step: str) -> None:
    before = request(status=status)
    if (status, step) in ALLOWED:
        after = STEPS[step](before, NOW)
        assert (after.status, after.updated_at) == (ALLOWED[status, step], NOW)
    else:
        with pytest.raises(RequestClosed):
            STEPS[step](before, NOW)


@pytest.mark.parametrize("status", STATUS)
@pytest.mark.parametrize("step", list(STEPS))
def test_after_half_an_hour_an_open_request_takes_no_step(status: RequestStatus, step: str) -> None:
    late = NOW + OPEN_FOR
    if status in OPEN:
        with pytest.raises(RequestClosed, match="expired"):
            STEPS[step](request(status=status), late)
    elif (status, step) in ALLOWED:
        assert STEPS[step](request(status=status), late).status is ALLOWED[status, step]


def test_it_ends_when_it_is_looked_at_and_no_worker_is_needed() -> None:
    open_request = request()
    assert open_request.at(NOW + OPEN_FOR - timedelta(milliseconds=1)) is open_request
    ended = open_request.at(NOW + OPEN_FOR)
    assert (ended.status, ended.updated_at) == (STATUS.EXPIRED, open_request.expires_at)


def test_what_arrived_stands_in_it() -> None:
    renamed = request().arrived(OTHER, NOW)
    assert (renamed.bot_id, renamed.actual_username, renamed.actual_name) == (8, "nicer_bot", "Nicer")
    exact = renamed.arrived(EXACT, NOW)
    assert (exact.status, exact.bot_id) == (STATUS.BINDING, 7)


def test_whoever_waits_is_told_that_it_waits_until_the_bot_is_bound() -> None:
    assert request().arrived(EXACT, NOW).shown == "pending"
    assert [request(status=status).shown for status in STATUS if status is not STATUS.BINDING] == [
        status.value for status in STATUS if status is not STATUS.BINDING
    ]


def test_a_bot_under_the_suggested_name_answers_that_request_among_many() -> None:
    others = [request(number, f"org_{number}", suggested_username=f"other_{number}_bot") for number in range(2, 6)]
    found = answered_by(EXACT, [*others, request()], NOW)
    assert found is not None
    assert (found.id, found.status) == ("tmb_1", STATUS.BINDING)


def test_a_bot_under_another_name_is_a_candidate_for_the_only_one_who_waits() -> None:
    found = answered_by(OTHER, [request()], NOW)
    assert found is not None
    assert found.status is STATUS.RENAME_PENDING


@pytest.mark.parametrize("owner", ["org_1", "org_2"])
def test_with_two_who_wait_it_is_nobody_s(owner: str) -> None:
    assert answered_by(OTHER, [request(), request(2, owner, suggested_username="another_bot")], NOW) is None


def test_a_second_candidate_does_not_take_the_place_of_the_first() -> None:
    assert answered_by(OTHER, [request(status=STATUS.RENAME_PENDING, bot_id=9)], NOW) is None


@pytest.mark.parametrize("status", [status for status in STATUS if status not in OPEN])
def test_the_bot_of_a_request_that_has_ended_is_nobody_else_s(status: RequestStatus) -> None:
    waiting = request(2, "org_2", suggested_username="another_bot")
    assert answered_by(EXACT, [request(status=status), waiting], NOW) is None


def test_a_late_answer_to_another_owner_s_link_is_not_offered_to_who_waits_now() -> None:
    for ended in (request(), request(status=STATUS.CANCELLED, updated_at=NOW + OPEN_FOR)):
        later = NOW + OPEN_FOR + LATE_FOR
        waiting = request(2, "org_2", suggested_username="another_bot", expires_at=later + OPEN_FOR)
        assert answered_by(OTHER, [ended, waiting], later - timedelta(seconds=1)) is None
        assert answered_by(OTHER, [ended, waiting], later) is not None
        mine = replace(waiting, owner="org_1")
        assert answered_by(OTHER, [ended, mine], later - timedelta(seconds=1)) is not None


NAMES = ["one_bot", "two_bot", "three_bot"]
requests_of_all = st.lists(
    st.builds(
        lambda name, owner, status, minutes, bot: request(
            suggested_username=name, owner=owner, status=status, created_at=NOW, bot_id=bot,
            expires_at=NOW + timedelta(minutes=minutes), updated_at=NOW,
        ),
        st.sampled_from(NAMES), st.sampled_from(["org_1", "org_2"]), st.sampled_from(list(STATUS)),
        st.integers(-60, 60), st.sampled_from([None, 3]),
    ),
    max_size=3, unique_by=lambda one: one.suggested_username,
)  # fmt: skip


@given(requests_of_all, st.sampled_from([*NAMES, "ONE_bot", "a_stranger_bot"]))
def test_a_bot_is_bound_by_its_exact_name_alone_and_offered_to_the_only_one_alone(
    requests: list[ManagedRequest], name: str
) -> None:
    bot = NewBot(5, name, "A bot")
    found = answered_by(bot, requests, NOW)
    waiting = [one for one in requests if one.at(NOW).status in OPEN]
    if found is None:
        return
    assert found.bot_id == 5
    assert found.id in [one.id for one in waiting]
    if found.status is STATUS.BINDING:
        assert found.suggested_username == name.lower()
    else:
        assert found.status is STATUS.RENAME_PENDING
        assert len(waiting) == 1
        assert name.lower() not in [one.suggested_username for one in requests]
