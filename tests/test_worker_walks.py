"""How often the worker looks through the whole workspace, and what it makes of huge changes."""

from pathlib import Path

import pytest

from codestral_ls.context.index import files as files_module
from codestral_ls.context.index import indexer as indexer_module
from codestral_ls.context.index.ignoring import Rules, rules_around
from codestral_ls.context.index.indexer import (
    REWALK_SECONDS,
    REWALK_SHARE,
    WATCHED_SECONDS,
    Indexer,
)
from codestral_ls.context.index.wire import Open
from tests.worker_parts import Bench, question, settle
from tests.workspace_files import Write


def known_after(indexer: Indexer, bench: Bench, seconds: float) -> int:
    """How many files are known to somebody who asks after so many seconds."""
    bench.time += seconds
    indexer.rank(question())
    settle(indexer)
    return len(bench.ranker.closed)


def test_workspace_is_walked_anew_only_when_asked_and_not_often(
    indexer: Indexer, bench: Bench, write: Write
) -> None:
    """For editors that do not say which files others change."""
    settle(indexer)
    write("a.py")
    assert known_after(indexer, bench, 0.0) == 0
    assert known_after(indexer, bench, REWALK_SECONDS - 1) == 0
    assert known_after(indexer, bench, 1.0) == 1


def test_workspace_of_those_who_watch_it_is_walked_rarely(
    indexer: Indexer, bench: Bench, write: Write
) -> None:
    """But it is: nobody watches while the editor is busy."""
    settle(indexer)
    indexer.files_changed(["/elsewhere.py"])
    write("a.py")
    assert known_after(indexer, bench, REWALK_SECONDS) == 0
    assert known_after(indexer, bench, WATCHED_SECONDS - REWALK_SECONDS) == 1


def test_editor_that_tells_what_it_saved_watches_nothing(
    indexer: Indexer, bench: Bench, write: Write
) -> None:
    """What others change is found by walking."""
    path = write("open.py")
    indexer.open(Open(path=str(path), language="python", text=""))
    settle(indexer)
    indexer.files_changed([str(path)])
    write("a.py")
    assert known_after(indexer, bench, REWALK_SECONDS) == 1


def test_long_walk_is_repeated_rarely(
    indexer: Indexer, bench: Bench, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Going through folders counts, reading what was found does not: that is done once."""
    slow_seconds = 10.0
    put = bench.ranker.put

    def look_slowly(root: str) -> tuple[Rules, ...]:
        bench.time += slow_seconds
        return rules_around(root)

    def put_slowly(path: str, language: str, text: str, *, open: bool = False) -> None:  # noqa: A002 - as the ranker has it
        bench.time += 1_000.0
        put(path, language, text, open=open)

    monkeypatch.setattr(files_module, "rules_around", look_slowly)
    monkeypatch.setattr(bench.ranker, "put", put_slowly)
    write("a.py")
    settle(indexer)
    write("b.py")
    assert known_after(indexer, bench, REWALK_SHARE * slow_seconds - 1) == 1
    assert known_after(indexer, bench, 1) == 2


def test_walk_that_finds_nothing_new_says_little(
    indexer: Indexer, bench: Bench, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Progress is told by the files of this walk, not by those that are known."""
    monkeypatch.setattr(indexer_module, "REPORTED_FILES", 4)
    for number in range(4):
        write(f"{number}.py")
    settle(indexer)
    bench.reported.clear()
    known_after(indexer, bench, REWALK_SECONDS)
    assert [each.done for each in bench.reported] == [False, True]


def test_another_branch_is_known_at_once(indexer: Indexer, bench: Bench, write: Write) -> None:
    """Thousands of files change, come and go, and the editor names each of them."""
    paths = [write(f"{number % 9}/old_{number}.py", "old = 1\n") for number in range(900)]
    settle(indexer)
    for path in paths[:300]:
        path.unlink()
    changed = [write(f"{path.parent.name}/{path.name}", "new = 22\n") for path in paths[300:600]]
    new = [write(f"new/{number}.py") for number in range(300)]
    indexer.files_changed([str(path) for path in (*paths[:300], *changed, *new)])
    settle(indexer)
    assert set(bench.ranker.closed) == {str(path) for path in (*paths[300:], *new)}
    assert all(bench.ranker.closed[str(path)] == "new = 22\n" for path in changed)


def test_workspace_that_vanishes_is_forgotten(
    indexer: Indexer, bench: Bench, write: Write, tmp_path: Path
) -> None:
    """It is not held against it: it is known again when it is back."""
    path = write("sub/a.py")
    settle(indexer)
    gone = tmp_path.with_name("gone")
    tmp_path.rename(gone)
    assert known_after(indexer, bench, REWALK_SECONDS) == 0
    gone.rename(tmp_path)
    assert known_after(indexer, bench, REWALK_SECONDS) == 1
    assert set(bench.ranker.closed) == {str(path)}
