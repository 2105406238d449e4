"""Findings: each problem names what is wrong and what to do next."""

import pytest

from moorings.domain.finding import Level
from moorings.domain.root_key import RootKeyView
from moorings.services.doctor import reachability_findings, room_findings, root_key_findings, soundness_findings
from moorings.services.readiness import LEAST, LITTLE
from moorings.store.soundness import Left


def test_a_missing_root_key_is_a_problem_with_its_count_and_the_way_out() -> None:
    views = [RootKeyView("k1", loaded=False, current=False, owner_keys=2, records=7), _current("k2")]
    [finding] = root_key_findings(views)
    assert finding.level is Level.PROBLEM
    assert "k1" in finding.message
    assert "7 records" in finding.message
    assert finding.next_step is not None
    assert "backup" in finding.next_step


def test_records_under_an_older_key_are_a_warning_and_say_how_to_finish() -> None:
    views = [RootKeyView("k1", loaded=True, current=False, owner_keys=1, records=3), _current("k2")]
    [finding] = root_key_findings(views)
    assert finding.level is Level.WARNING
    assert "3 records" in finding.message
    assert "moorings vault rotate" in str(finding.next_step)


def test_an_old_key_that_nothing_needs_is_no_finding() -> None:
    views = [RootKeyView("k1", loaded=False, current=False, owner_keys=0, records=0), _current("k2")]
    [finding] = root_key_findings(views)
    assert (finding.level, finding.next_step) == (Level.OK, None)
    assert "k2 is current" in finding.message


def test_several_missing_keys_are_each_named() -> None:
    views = [RootKeyView(f"k{number}", loaded=False, current=False, owner_keys=1, records=1) for number in (1, 2)]
    assert [finding.message[:2] for finding in root_key_findings([*views, _current("k3")])] == ["k1", "k2"]


def test_rows_that_cannot_be_read_are_counted_and_environments_that_are_gone_are_named() -> None:
    odd, left = soundness_findings({"credentials": 2}, [Left("org_a", "testing", 3)])
    assert (odd.level, "2 of the credentials" in odd.message) == (Level.WARNING, True)
    assert "org_a holds 3 credential(s) in testing" in left.message
    assert "--environment testing" in str(left.next_step)
    [fine] = soundness_findings({}, [])
    assert fine.level is Level.OK


def test_hosts_that_cannot_be_reached_are_counted_and_named() -> None:
    [finding] = reachability_findings([("b.example", False), ("c.example", True), ("a.example", False)])
    assert finding.level is Level.WARNING
    assert "2 of 3" in finding.message
    assert "a.example, b.example" in finding.message
    assert "MOORINGS_PROXY" in str(finding.next_step)


def test_of_many_hosts_a_few_are_named() -> None:
    [finding] = reachability_findings([(f"{number:02}.example", False) for number in range(54)])
    assert "54 of 54" in finding.message
    assert finding.message.endswith("04.example and 49 more.")


def test_when_every_host_is_reached_there_is_nothing_to_do() -> None:
    [finding] = reachability_findings([("a.example", True)])
    assert (finding.level, finding.next_step) == (Level.OK, None)


@pytest.mark.parametrize(
    ("room", "level"), [(0, Level.PROBLEM), (LEAST - 1, Level.PROBLEM), (LEAST, Level.WARNING), (LITTLE, Level.OK)]
)
def test_a_disk_that_is_full_or_will_be_is_told_before_writes_fail(room: int, level: Level) -> None:
    [finding] = room_findings(room)
    assert finding.level is level
    assert (finding.next_step is None) is (level is Level.OK)


def test_a_disk_that_cannot_be_looked_at_is_no_finding() -> None:
    assert list(room_findings(None)) == []


def _current(name: str) -> RootKeyView:
    return RootKeyView(name, loaded=True, current=True, owner_keys=1, records=1)
