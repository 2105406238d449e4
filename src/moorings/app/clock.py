"""The clock that everything is given."""

from datetime import UTC, datetime


def now() -> datetime:
    """The wall clock, cut to the milliseconds that are stored."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
