"""Which texts the worker knows: those on disk, those in the editor before them, none denied."""

import os
from pathlib import Path

import pytest

from codestral_ls.context.index import indexer as indexer_module
from codestral_ls.context.index import texts
from codestral_ls.context.index.indexer import REWALK_SECONDS, Indexer
from codestral_ls.context.index.wire import Open, Progress, difference
from codestral_ls.context.index.written import FILE_BYTES
from tests.worker_parts import Bench, question, settle
from tests.workspace_files import Write


def open_at(indexer: Indexer, path: Path, text: str) -> None:
    """A document is opened."""
    indexer.open(Open(path=str(path), language="python", text=text))
    settle(indexer)


def test_files_of_the_workspace_are_known(indexer: Indexer, bench: Bench, write: Write) -> None:
    """With LF line ends, whatever stands on disk."""
    path = write("sub/a.py", "one\r\ntwo\r\n")
    settle(indexer)
    assert bench.ranker.closed == {str(path): "one\ntwo\n"}
    assert indexer.counts["files"] == 1


def test_projects_are_known(indexer: Indexer, bench: Bench, write: Write) -> None:
    """Names count where they are used."""
    folder = write("part/Cargo.toml").parent
    settle(indexer)
    assert bench.ranker.manifests == [str(folder)]


def test_denied_files_are_not_even_opened(
    indexer: Indexer, bench: Bench, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in a walk, nor when they change, nor for what is shown, nor as documents."""
    path = write("secrets.yml")
    bench.denied["secrets.yml"] = "secret file"
    opened: list[str] = []

    def note(path: str, most: int) -> bytes:
        opened.append(path)
        return b"password: x" * bool(most)

    monkeypatch.setattr(texts, "read_bytes", note)
    settle(indexer)
    indexer.files_changed([str(path)])
    settle(indexer)
    open_at(indexer, path, "password: x")
    assert bench.ranker.read(str(path)) == ""
    assert (opened, bench.ranker.texts) == ([], {})


def test_rules_that_fail_deny(tmp_path: Path, bench: Bench, write: Write) -> None:
    """What may not be known to leave stays."""
    write("a.py")

    def fail(path: str) -> str:
        raise RecursionError(path)

    bench.denial = fail
    settle(bench.indexer(str(tmp_path)))
    assert bench.ranker.texts == {}


def test_secrets_in_texts_are_covered(indexer: Indexer, bench: Bench, write: Write) -> None:
    """In what is indexed and in what is shown, from disk and from the editor."""
    path = write("a.py", "password = 'hunter2'\n")
    covered = "password = '*******'\n"
    settle(indexer)
    assert (bench.ranker.closed[str(path)], bench.ranker.read(str(path))) == (covered, covered)
    open_at(indexer, path, "password = 'hunter2'\n")
    assert (bench.ranker.open[str(path)], bench.ranker.read(str(path))) == (covered, covered)


def test_open_document_stands_for_its_file(indexer: Indexer, bench: Bench, write: Write) -> None:
    """Until it is closed: then what is on disk by now counts again."""
    path = write("a.py", "saved = 1\n")
    settle(indexer)
    open_at(indexer, path, "typed = 1\r\n")
    assert bench.ranker.texts == {str(path): "typed = 1\n"}
    write("a.py", "saved = 22\n")
    indexer.files_changed([str(path)])
    settle(indexer)
    assert bench.ranker.texts == {str(path): "typed = 1\n"}
    indexer.close(str(path))
    settle(indexer)
    assert bench.ranker.closed == {str(path): "saved = 22\n"}


def test_edits_arrive(indexer: Indexer, bench: Bench, tmp_path: Path) -> None:
    """Each change is the difference to what was known."""
    path = tmp_path / "new.py"
    open_at(indexer, path, "a = 1\n")
    indexer.change(difference(str(path), "a = 1\n", "ab = 1\n"))
    indexer.change(difference(str(path), "ab = 1\n", "ab = 12\n"))
    indexer.change(difference("/unknown.py", "", "x"))
    settle(indexer)
    assert bench.ranker.open == {str(path): "ab = 12\n"}


def test_closed_document_without_a_file_is_forgotten(
    indexer: Indexer, bench: Bench, tmp_path: Path, write: Write
) -> None:
    """So is one that the walk would not take."""
    write(".gitignore", "ignored.py\n")
    settle(indexer)
    for path in (tmp_path / "never_saved.py", write("ignored.py")):
        open_at(indexer, path, "x = 1\n")
        assert list(bench.ranker.open) == [str(path)]
        indexer.close(str(path))
        settle(indexer)
        assert bench.ranker.texts == {}


def test_documents_outside_of_the_workspace_are_no_sources(
    indexer: Indexer, bench: Bench, tmp_path: Path
) -> None:
    """Nor are those that are too long for anybody."""
    open_at(indexer, tmp_path.parent / "elsewhere.py", "x = 1\n")
    open_at(indexer, Path(f"{tmp_path}-too/a.py"), "x = 1\n")
    open_at(indexer, tmp_path / "long.py", "x" * (FILE_BYTES + 1))
    assert bench.ranker.texts == {}


def test_question_is_answered_with_all_other_documents_as_they_are(
    indexer: Indexer, bench: Bench, tmp_path: Path
) -> None:
    """The one it is about can wait: the question tells what matters of it."""
    here, there = str(tmp_path / "here.py"), str(tmp_path / "there.py")
    for path in (here, there):
        indexer.open(Open(path=path, language="python", text="x = 1\n"))
    assert [each.path for each in indexer.rank(question(here))] == [there]
    settle(indexer)
    assert set(bench.ranker.open) == {here, there}


def test_only_what_changed_is_read_again(indexer: Indexer, bench: Bench, write: Write) -> None:
    """A second walk looks at sizes and times alone."""
    paths = [write(name, "x = 1\n") for name in ("same.py", "longer.py", "later.py", "gone.py")]
    settle(indexer)
    bench.ranker.puts.clear()
    write("longer.py", "x = 10\n")
    os.utime(paths[2], ns=(1, 1))
    paths[3].unlink()
    new = write("new.py")
    bench.time += REWALK_SECONDS
    indexer.rank(question())
    settle(indexer)
    assert bench.ranker.puts == [str(paths[2]), str(paths[1]), str(new)]
    assert str(paths[3]) not in bench.ranker.texts


def test_watched_files_are_looked_at_at_once(indexer: Indexer, bench: Bench, write: Write) -> None:
    """New, changed and removed ones; whole folders too; even with size and time unchanged."""
    changed, removed = write("a.py", "x = 1\n"), write("old/deep/b.py")
    settle(indexer)
    status = changed.stat()
    write("a.py", "y = 2\n")
    os.utime(changed, ns=(status.st_atime_ns, status.st_mtime_ns))
    removed.unlink()
    removed.parent.rmdir()
    new = write("new/deep/c.py")
    folders = [str(removed.parent.parent), str(new.parent.parent)]
    indexer.files_changed([str(changed), *folders, "/elsewhere/x.py", "a\0b"])
    settle(indexer)
    assert bench.ranker.texts == {str(changed): "y = 2\n", str(new): "text = 1\n"}


def test_new_ignore_rules_hold_at_once(indexer: Indexer, bench: Bench, write: Write) -> None:
    """Files vanish and come back with them, and the privacy rules are read again."""
    kept, other = write("a.py"), write("b.py")
    settle(indexer)
    read = bench.rules_read
    indexer.files_changed([str(write(".gitignore", "b.py\n"))])
    settle(indexer)
    assert (set(bench.ranker.texts), bench.rules_read) == ({str(kept)}, read + 1)
    write(".gitignore", "\n")
    bench.denied["a.py"] = "listed in .codestralignore"
    indexer.files_changed([str(kept.parent / ".codestralignore"), f"{kept.parent}/.gitignore"])
    settle(indexer)
    assert set(bench.ranker.texts) == {str(other)}


def test_open_document_that_becomes_denied_is_forgotten(
    indexer: Indexer, bench: Bench, tmp_path: Path, write: Write
) -> None:
    """From the moment on at which its folder is ignored, although nobody typed in it."""
    open_at(indexer, tmp_path / "a.py", "x = 1\n")
    bench.denied["a.py"] = "listed in .codestralignore"
    indexer.files_changed([str(write(".codestralignore", "a.py\n"))])
    settle(indexer)
    assert bench.ranker.texts == {}


def test_file_that_became_unfit_is_forgotten(indexer: Indexer, bench: Bench, write: Write) -> None:
    """It may be binary now."""
    path = write("a.py")
    settle(indexer)
    write("a.py", b"\0\1")
    indexer.files_changed([str(path)])
    settle(indexer)
    assert bench.ranker.texts == {}


def test_what_is_about_to_be_read_is_announced(tmp_path: Path, bench: Bench, write: Write) -> None:
    """Folders and files; those to be left out are not touched."""
    good, bad = write("good.py"), write("bad.py")
    indexer = bench.indexer(str(tmp_path), skip=(str(bad),))
    settle(indexer)
    assert bench.announced == [str(tmp_path), str(good)]
    assert set(bench.ranker.texts) == {str(good)}
    open_at(indexer, bad, "x = 1\n")
    assert str(bad) not in bench.ranker.texts


def test_progress_is_told(
    indexer: Indexer, bench: Bench, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Now and then, and at the end of each walk."""
    monkeypatch.setattr(indexer_module, "REPORTED_FILES", 2)
    for number in range(3):
        write(f"{number}.py")
    settle(indexer)
    told = [(each.counts["files"], each.done) for each in bench.reported]
    assert told == [(2, False), (3, True)]
    assert isinstance(bench.reported[0], Progress)
