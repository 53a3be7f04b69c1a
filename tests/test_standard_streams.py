"""The commands with standard streams that are closed, full, foreign or gone."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

SOURCE = "def total(orders):\n    return 1\n"
COMMAND = (sys.executable, "-m", "codestral_ls")
CLEAN = {
    "PATH": os.environ["PATH"],
    "CODESTRAL_LS_CONFIG": os.devnull,
    "CODESTRAL_LS_STATS": "false",
}
QUIET = ("Traceback", "Exception ignored")

# `sh` closes and diverts what subprocess cannot; it is given our interpreter as its arguments.
needs_sh = pytest.mark.skipif(os.name != "posix", reason="needs a shell")
needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


def run(shell: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a line of shell in which `"$@"` is the command."""
    return subprocess.run(
        ["sh", "-c", shell, "sh", *COMMAND, *arguments],  # noqa: S607
        env=CLEAN,
        input="",
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


@pytest.fixture
def place(tmp_path: Path) -> str:
    path = tmp_path / "orders.py"
    path.write_text(SOURCE)
    return f"{path}:2:12"


@needs_sh
@pytest.mark.parametrize("closed", [">&-", "<&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["demo"], 0), (["complete", "-:1:1"], 1), (["--version"], 0)],
    ids=["demo", "complete", "version"],
)
def test_a_closed_stream_is_as_good_as_an_empty_one(
    closed: str, arguments: Sequence[str], status: int
) -> None:
    """The command does its work and ends with its own status."""
    done = run(f'"$@" {closed}', *arguments)
    assert done.returncode == status, done.stderr
    assert not any(each in done.stderr for each in QUIET)


@needs_sh
@pytest.mark.parametrize("closed", [">&-", "<&-"])
def test_nobody_can_be_served_without_streams(closed: str) -> None:
    """Status 2 and a line that says so."""
    done = run(f'"$@" {closed}', "serve", "--stdio")
    assert done.returncode == 2
    assert "nobody to serve" in done.stderr


@needs_sh
@needs_full
@pytest.mark.parametrize("arguments", [["demo"], ["--help"], ["--version"]])
def test_a_full_disk_is_told(arguments: Sequence[str]) -> None:
    """Status 1 and one line."""
    done = run('"$@" >/dev/full', *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("codestral-ls: ")
    assert done.stderr.count("\n") == 1


@needs_sh
def test_a_full_disk_for_messages_is_nobodys_loss(place: str) -> None:
    """There is no way to tell it."""
    assert run('"$@" 2>/dev/full', "complete", place).returncode == 1


@needs_sh
def test_a_reader_that_has_left_ends_the_command() -> None:
    """As `demo | head -1` does; unbuffered, so that it is noticed in the middle."""
    done = run('PYTHONUNBUFFERED=1 "$@" | head -n 1', "demo")
    assert done.stdout.startswith("codestral-ls 0.")
    assert done.stderr == ""


def test_an_interrupt_ends_the_command() -> None:
    """Status 130, as a shell has it, and nothing to read."""
    child = subprocess.Popen(
        [*COMMAND, "demo"],
        env={**CLEAN, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with child:
        assert child.stdout is not None
        child.stdout.readline()
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=20)
    assert (child.returncode, errors) == (130, b"")


@needs_sh
def test_the_demo_draws_with_what_the_output_can_show() -> None:
    """Brackets of ASCII where there are no others."""
    done = run('PYTHONIOENCODING=ascii "$@"', "demo")
    assert done.returncode == 0, done.stderr
    assert "result += or[der.price * order.count]" in done.stdout


@needs_sh
def test_the_completion_is_written_as_far_as_the_output_can(tmp_path: Path) -> None:
    """What it cannot show becomes a question mark."""
    path = tmp_path / "orders.py"
    path.write_text("café_of_orders(alpha, 'é')\n" * 3 + "café_of_orders(\n", "utf-8")
    done = run('PYTHONIOENCODING=ascii "$@"', "complete", f"{path}:4:16")
    assert (done.returncode, done.stdout) == (0, "alpha, '?')\n"), done.stderr
