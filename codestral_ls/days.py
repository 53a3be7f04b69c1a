"""Which day it is, for what is bounded and counted by days."""

from datetime import UTC, datetime


def local_day() -> int:
    """Today as its user calls it, as an ordinal."""
    return datetime.now().astimezone().date().toordinal()


def utc_day(epoch: float) -> int:
    """The day of a time on the wall where no summer shifts it, as an ordinal: the same anywhere."""
    return datetime.fromtimestamp(epoch, UTC).date().toordinal()
