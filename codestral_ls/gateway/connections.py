"""How many connections there may be: each is an open file to the system."""

import contextlib
import sys

WANTED_FILES = 65_536
OTHER_FILES = 256
"""Calls to models, Redis, the statistics and what Python itself has open."""
MOST_CONNECTIONS = 10_000
USUAL_FILES = 512
"""Where the system does not say how many there may be."""


def most_connections() -> int:
    """How many are taken at once, with as many files as the system allows this process."""
    return max(1, min(MOST_CONNECTIONS, _files() - OTHER_FILES))


def _files() -> int:
    if sys.platform == "win32":
        return USUAL_FILES
    import resource  # noqa: PLC0415 - there is none on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_FILES if hard == resource.RLIM_INFINITY else min(WANTED_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return WANTED_FILES if soft == resource.RLIM_INFINITY else soft
