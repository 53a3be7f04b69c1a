"""Reading the rules of privacy: in time, in the background, and closed when that fails."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from codestral_ls.context import access
from codestral_ls.context.access import (
    FRESH_SECONDS,
    IGNORE_FILE,
    LATE,
    STALE_SECONDS,
    UNREADABLE,
    Access,
)
from codestral_ls.context.privacy import Ignored, read_ignored
from tests.workspace_files import Write

LISTED = "listed in .codestralignore"
NOT_READ = "unreadable .codestralignore"


class Hand:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


class Disk:
    """Ignore files, and how often each folder was looked at; `stop` makes reading wait."""

    def __init__(self) -> None:
        self.rules: dict[str, str] = {}
        self.reads = 0
        self.go = threading.Event()
        self.go.set()

    def __call__(self, folder: str) -> Ignored | None:
        assert threading.current_thread() is not threading.main_thread()
        assert self.go.wait(30)
        self.reads += 1
        text = self.rules.get(folder)
        return None if text is None else read_ignored(folder, text)


@pytest.fixture
def disk() -> Iterator[Disk]:
    disk = Disk()
    yield disk
    disk.go.set()


def patient(disk: Disk, now: Hand | None = None, patience: float = 30.0) -> Access:
    """Return an access that waits as long as a slow machine may take."""
    return Access(read=disk, resolve=lambda path: path, now=now or Hand(), patience=patience)


async def test_a_document_is_denied_by_its_ignore_files(disk: Disk) -> None:
    """All folders above it are asked."""
    disk.rules["/w"] = "*.sql\n"
    reader = patient(disk)
    assert await reader.denial("file:///w/sub/a.sql") == LISTED
    assert await reader.denial("file:///w/sub/a.py") == ""


async def test_a_known_document_costs_no_read(disk: Disk) -> None:
    """Every keystroke asks."""
    reader = patient(disk)
    assert await reader.denial("file:///w/a.py") == ""
    reads = disk.reads
    assert [await reader.denial("file:///w/a.py") for _ in range(9)] == [""] * 9
    assert disk.reads == reads


async def test_a_changed_rule_counts_for_the_next_request(disk: Disk) -> None:
    """Nobody has to say that an ignore file was written."""
    now = Hand()
    reader = patient(disk, now)
    assert await reader.denial("file:///w/a.py") == ""
    disk.rules["/w"] = "*.py\n"
    now.at += FRESH_SECONDS + 1
    assert await reader.denial("file:///w/a.py") == LISTED


async def test_an_older_verdict_is_given_if_reading_it_anew_takes_long(disk: Disk) -> None:
    """It is probably the same."""
    now = Hand()
    reader = patient(disk, now, patience=0.0)
    await reader.denial("file:///w/a.py")
    await known_as(reader, "file:///w/a.py", "")
    disk.rules["/w"] = "*.py\n"
    disk.go.clear()
    now.at += 3
    assert await reader.denial("file:///w/a.py") == ""
    disk.go.set()
    await known_as(reader, "file:///w/a.py", LISTED)
    assert await reader.denial("file:///w/a.py") == LISTED


async def known_as(reader: Access, uri: str, verdict: str) -> None:
    """Let the reading thread run until its verdict is known."""
    while reader.known(uri) != verdict:  # noqa: ASYNC110 - a thread that knows no event
        await asyncio.sleep(0)


async def test_a_very_old_verdict_counts_for_nothing(disk: Disk) -> None:
    """Much may have changed; it is read before anything is said."""
    now = Hand()
    reader = patient(disk, now)
    assert await reader.denial("file:///w/a.py") == ""
    disk.rules["/w"] = "*.py\n"
    now.at += STALE_SECONDS + 1
    assert reader.known("file:///w/a.py") == LATE
    assert await reader.denial("file:///w/a.py") == LISTED


async def test_a_file_system_that_does_not_answer_denies(disk: Disk) -> None:
    """And as soon as it does, the document is known."""
    reader = patient(disk, patience=0.0)
    disk.go.clear()
    assert await reader.denial("file:///w/a.py") == LATE
    assert await reader.denial("file:///w/a.py") == LATE
    disk.go.set()
    await known_as(reader, "file:///w/a.py", "")
    assert await reader.denial("file:///w/a.py") == ""


async def test_only_so_many_threads_wait(disk: Disk) -> None:
    """A dead network drive does not cost a thread for each document."""
    reader = patient(disk, patience=0.0)
    disk.go.clear()
    before = threading.active_count()
    for n in range(50):
        assert await reader.denial(f"file:///w/{n}.py") == LATE
    assert threading.active_count() - before == access.THREADS


async def test_forgetting_reads_again(disk: Disk) -> None:
    """An ignore file has changed."""
    reader = patient(disk)
    assert await reader.denial("file:///w/a.py") == ""
    disk.rules["/w"] = "*.py\n"
    reader.forget()
    assert reader.known("file:///w/a.py") == LATE
    assert await reader.denial("file:///w/a.py") == LISTED


async def test_what_was_being_read_when_rules_changed_is_not_believed(disk: Disk) -> None:
    """Its verdict is that of older rules."""
    reader = patient(disk, patience=0.0)
    disk.go.clear()
    assert await reader.denial("file:///w/a.sql") == LATE
    reader.configure([Path("/w")], ("*.sql",))
    disk.go.set()
    await reader.denial("file:///w/a.sql")
    await known_as(reader, "file:///w/a.sql", "listed in disabled_paths")


async def test_an_error_denies() -> None:
    """Whatever it was: the rules are not known."""

    def broken(folder: str) -> Ignored | None:
        raise RuntimeError(folder)

    reader = Access(read=broken, patience=30.0)
    assert await reader.denial("file:///w/a.py") == UNREADABLE
    assert await reader.denial("file:///w/a%00.py") == UNREADABLE


async def test_unsaved_documents_are_judged_by_name(disk: Disk) -> None:
    """There is no folder to look into."""
    reader = patient(disk)
    assert await reader.denial("untitled:Untitled-1") == ""
    assert await reader.denial("untitled:.env") == "secret file: .env"
    assert disk.reads == 0


async def test_a_link_is_judged_by_where_it_leads(tmp_path: Path, write: Write) -> None:
    """As well as by its own name."""
    write("real/.ssh/config.py")
    write(f"real/{IGNORE_FILE}", "hidden.py\n")
    write("real/hidden.py")
    for name, target in (("a.py", "real/.ssh/config.py"), ("b.py", "real/hidden.py")):
        (tmp_path / name).symlink_to(tmp_path / target)
    reader = Access(patience=30.0)
    assert await reader.denial((tmp_path / "a.py").as_uri()) == "secret file: .ssh/"
    assert await reader.denial((tmp_path / "b.py").as_uri()) == LISTED
    assert await reader.denial((tmp_path / "real/other.py").as_uri()) == ""


async def test_patterns_hold_below_a_linked_workspace_folder_by_either_name(
    tmp_path: Path, write: Write
) -> None:
    """Some clients open what a link leads to by its real path."""
    write("real/vault/a.py")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    reader = Access(patience=30.0)
    reader.configure([tmp_path / "link"], ("vault/*.py",))
    for name in ("link", "real"):
        verdict = await reader.denial((tmp_path / name / "vault" / "a.py").as_uri())
        assert verdict == "listed in disabled_paths"
    assert await reader.denial((tmp_path / "real" / "a.py").as_uri()) == ""


@pytest.mark.parametrize("name", ["c#/.env", "c?/.env", ".env?x", ".env#x"])
async def test_a_path_that_is_not_escaped_is_judged_whole_and_in_part(
    disk: Disk, name: str
) -> None:
    """Not every client writes URIs as it should."""
    assert await patient(disk).denial(f"file:///w/{name}") != ""
