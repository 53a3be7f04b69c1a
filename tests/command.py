"""The command, run as a user runs it."""

import os
import subprocess
import sys
from collections.abc import Mapping

REPEATING = """\
def total(orders):
    result = 0
    for order in orders:
        result += order.price * order.count
    return result


def total_paid(orders):
    result = 0
    for order in orders:
        result += order.price * order.count
    return result


def total_open(orders):
    result = 0
    for order in orders:
        result += ord
"""


def run(
    *arguments: str, environ: Mapping[str, str] | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Runs the command with nothing in its environment but what is given."""
    clean = {
        "PATH": os.environ["PATH"],
        "CODESTRAL_LS_CONFIG": os.devnull,
        "CODESTRAL_LS_STATS": "false",
        **(environ or {}),
    }
    return subprocess.run(
        [sys.executable, "-m", "codestral_ls", *arguments],
        input=stdin,
        env=clean,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
