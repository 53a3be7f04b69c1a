"""Whether files that were ranked may still be shown when a prompt is built."""

from pathlib import Path

import pytest

from codestral_ls.context.access import FRESH_SECONDS, IGNORE_FILE, Access
from tests.workspace_files import Write


class Hand:
    """A clock that a test sets."""

    at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def now() -> Hand:
    return Hand()


@pytest.fixture
def reader(tmp_path: Path, now: Hand) -> Access:
    reader = Access(now=now, patience=30.0)
    reader.configure([tmp_path], ())
    return reader


async def test_what_is_not_known_is_not_shown(reader: Access) -> None:
    """Somebody has to look first."""
    assert not reader.may_show("a.py")
    await reader.learn_shown(["a.py", "lib/b.py"])
    assert reader.may_show("a.py")
    assert reader.may_show("lib/b.py")


async def test_a_rule_that_came_later_counts(reader: Access, now: Hand, write: Write) -> None:
    """Within seconds, and whether or not somebody watches the ignore file."""
    await reader.learn_shown(["a.py", "b.py"])
    write(IGNORE_FILE, "a.py\n")
    now.at += FRESH_SECONDS + 1
    await reader.learn_shown(["a.py", "b.py"])
    assert not reader.may_show("a.py")
    assert reader.may_show("b.py")


async def test_new_settings_count_at_once(reader: Access, tmp_path: Path) -> None:
    """Even for a ranking that began before them."""
    await reader.learn_shown(["a.py"])
    reader.configure([tmp_path], ("a.py",))
    assert not reader.may_show("a.py")
    await reader.learn_shown(["a.py"])
    assert not reader.may_show("a.py")


async def test_a_path_that_is_denied_in_one_folder_is_denied(
    tmp_path: Path, now: Hand, write: Write
) -> None:
    """It does not tell in which of several folders the file is."""
    write(f"one/{IGNORE_FILE}", "a.py\n")
    write("two/a.py")
    reader = Access(now=now, patience=30.0)
    reader.configure([tmp_path / "one", tmp_path / "two"], ())
    await reader.learn_shown(["a.py", "b.py"])
    assert not reader.may_show("a.py")
    assert reader.may_show("b.py")


async def test_many_files_are_read_in_one_thread(now: Hand) -> None:
    """Each folder's rules once."""
    read: list[str] = []
    reader = Access(read=read.append, resolve=lambda path: path, now=now, patience=30.0)
    reader.configure([Path("/w")], ())
    await reader.learn_shown([f"lib/{n}.py" for n in range(100)])
    assert all(reader.may_show(f"lib/{n}.py") for n in range(100))
    assert sorted(read) == ["/", "/w", "/w/lib"]
