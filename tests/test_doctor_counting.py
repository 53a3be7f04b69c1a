"""What the doctor says of the statistics, and of the day's bounds."""

import os
import sqlite3
from pathlib import Path

import pytest

from codestral_ls.commands.doctor.findings import Finding, State
from codestral_ls.commands.doctor.machine import look_at_budget, look_at_statistics
from codestral_ls.fim.providers import choose_endpoints
from codestral_ls.settings import Settings
from tests.counted import call, counted
from tests.forked_doctor import ForkedMachine


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the statistics of this test lie."""
    return tmp_path / "statistics.sqlite3"


def budget(path: Path, settings: Settings) -> Finding:
    return look_at_budget(settings, choose_endpoints(settings), path)


def test_no_bound_is_no_matter(path: Path) -> None:
    """Nothing is read for it."""
    assert budget(path, Settings(provider="mistral")).state is State.FINE
    assert not path.exists()


def test_what_is_left_of_a_bound_is_told(path: Path) -> None:
    """By all servers' requests of today to others; those on this machine cost nothing."""
    counted(path, call(cost=0.25), call("unavailable"), call(local=True))
    settings = Settings(provider="mistral", daily_requests=5, daily_budget=2.0)
    found = budget(path, settings)
    assert found.state is State.FINE
    assert "2 of 5 requests" in found.found
    assert "0.25 of 2.00" in found.found


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(provider="mistral", daily_requests=3), "3 of 3 requests"),
        (Settings(provider="mistral", daily_budget=0.75), "0.75 of 0.75"),
    ],
)
def test_a_bound_that_is_used_up_is_a_warning(path: Path, settings: Settings, said: str) -> None:
    """It completes all the same, but not as one would think."""
    counted(path, *[call(cost=0.25)] * 3)
    found = budget(path, settings)
    assert found.state is State.WARNED
    assert found.found.startswith(said)
    assert found.advice.startswith("Raise `daily_")
    assert "goes out nevertheless" in found.advice


def test_money_bounds_nobody_whose_price_is_not_known(path: Path) -> None:
    """Until it is set; a server on this machine has none."""
    unknown = Settings(provider="openai", daily_budget=1.0)
    found = budget(path, unknown)
    assert found.state is State.WARNED
    assert "openai" in found.found
    assert "`price_prompt`" in found.advice
    priced = Settings(provider="openai", daily_budget=1.0, price_prompt=1, price_completion=2)
    assert budget(path, priced).state is State.FINE
    assert budget(path, Settings(provider="llama.cpp", daily_budget=1.0)).state is State.FINE


def test_a_bound_of_which_nothing_is_remembered_is_a_warning(path: Path) -> None:
    """Each start of an editor would begin anew."""
    unread = Settings(provider="mistral", daily_requests=3)
    path.write_bytes(b"no database " * 100)
    assert "not known" in budget(path, unread).found
    path.unlink()
    uncounted = Settings(provider="mistral", daily_requests=3, stats=False)
    found = budget(path, uncounted)
    assert (found.state, found.advice) == (State.WARNED, "Set `stats` to true.")
    nowhere = path.with_name("file")
    nowhere.touch()
    assert "not known" in budget(nowhere / path.name, unread).found


def test_statistics_that_can_be_written_and_read_are_fine(path: Path) -> None:
    """Also before there are any; looking leaves nothing behind."""
    assert look_at_statistics(Settings(), path).state is State.FINE
    assert list(path.parent.iterdir()) == []
    counted(path, call())
    assert look_at_statistics(Settings(), path).state is State.FINE


def test_a_broken_file_is_told(path: Path) -> None:
    """As `stats` would, which cannot show it either: from its head on, or in the middle."""
    counted(path, *[call()] * 9)
    whole = bytearray(path.read_bytes())
    whole[4096:] = b"\xff" * (len(whole) - 4096)
    for data in (b"no database " * 100, bytes(whole)):
        path.write_bytes(data)
        found = look_at_statistics(Settings(), path)
        assert found.state is State.WARNED
        assert found.advice.startswith("Move it away")


def test_a_file_that_somebody_holds_is_not_to_be_moved_away(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is whole."""
    monkeypatch.setattr("codestral_ls.statistics.opening.BUSY_SECONDS", 0.01)
    counted(path, call())
    holding = sqlite3.connect(path, isolation_level=None)
    holding.execute("PRAGMA locking_mode = EXCLUSIVE")
    holding.execute("BEGIN EXCLUSIVE")
    found = look_at_statistics(Settings(), path)
    holding.close()
    assert found.state is State.WARNED
    assert "Another program" in found.advice


@pytest.mark.skipif(os.name != "posix", reason="/proc is Linux'")
def test_a_place_where_nothing_can_be_written_is_told() -> None:
    """Even root, who may write anywhere, cannot make a folder there."""
    found = look_at_statistics(Settings(), Path("/proc/nope/statistics.sqlite3"))
    assert found.state is State.WARNED
    assert "CODESTRAL_LS_STATE" in found.advice


def test_the_command_shows_what_is_used_up(tmp_path: Path) -> None:
    """A line of its own, and a warning in the last one."""
    machine = ForkedMachine(tmp_path)
    counted(machine.home / "codestral-ls" / "statistics.sqlite3", *[call()] * 3)
    done = machine.run(CODESTRAL_LS_PROVIDER="offline", CODESTRAL_LS_DAILY_REQUESTS="3")
    assert done.returncode == 0
    assert "\n! budget                   3 of 3 requests of today are used up\n" in done.stdout
    assert done.stdout.endswith("\nAll is well; 1 warning (budget).\n")
