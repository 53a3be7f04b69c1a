"""Which day it is, for what is bounded and counted by days."""

from datetime import datetime


def local_day() -> int:
    """Today as its user calls it, as an ordinal."""
    return datetime.now().astimezone().date().toordinal()
