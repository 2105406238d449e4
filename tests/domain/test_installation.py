"""Reserved installations end; connected ones stay."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from moorings.domain.installation import PENDING_FOR, Installation, InstallationStatus

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PENDING = Installation(
    "intg_1", "org_1", "slack", "Slack", None, InstallationStatus.PENDING, None, NOW, NOW, expires_at=NOW + PENDING_FOR
)


def test_a_reserved_installation_waits_for_a_day() -> None:
    assert timedelta(hours=24) == PENDING_FOR
    assert not PENDING.expired(NOW + timedelta(hours=24) - timedelta(milliseconds=1))
    assert PENDING.expired(NOW + timedelta(hours=24))


def test_a_connected_installation_never_ends() -> None:
    connected = replace(PENDING, status=InstallationStatus.CONNECTED)
    assert not connected.expired(NOW + timedelta(days=400))
    assert not replace(PENDING, expires_at=None).expired(NOW + timedelta(days=400))
