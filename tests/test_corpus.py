"""What the offline provider may draw upon, and in which order."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from codestral_ls.commands.session import Session
from codestral_ls.context import corpus as corpus_module
from codestral_ls.context.corpus import QUESTION_CHARS, REMEMBERED_ORDERS, Corpus
from codestral_ls.context.workspace import Limits
from codestral_ls.model import SourceText
from tests.workspace_files import Write, still, writer


@pytest.fixture
def write(tmp_path: Path) -> Write:
    return writer(tmp_path)


def nothing_open() -> Iterator[SourceText]:
    """No document is."""
    return iter(())


async def loaded(folder: Path, *documents: SourceText) -> Corpus:
    """Returns a corpus with a folder read and documents open."""
    corpus = Corpus(lambda: documents, now=still)
    await corpus.load([folder])
    return corpus


def drawn(corpus: Corpus, uri: str) -> list[str]:
    """Returns the file names of what may be drawn upon."""
    return [text.uri.rpartition("/")[2] for text in corpus.texts(uri)]


async def test_file_itself_is_never_drawn_upon(tmp_path: Path, write: Write) -> None:
    """Neither its copy on disk nor the open document, however the editor escapes its URI."""
    uri = write("a (1).py").as_uri()
    write("b.py")
    corpus = await loaded(tmp_path, SourceText(uri=uri, text="open"))
    assert drawn(corpus, uri) == ["b.py"]
    assert drawn(corpus, uri.replace("%20", " ").replace("%28", "(")) == ["b.py"]
    assert drawn(corpus, uri.replace("(", "%28").replace(")", "%29")) == ["b.py"]


async def test_open_document_stands_for_its_copy_on_disk(tmp_path: Path, write: Write) -> None:
    """Open documents come first, as they are now."""
    disk = [write("a.py", "saved\n"), write("b.py", "saved\n")]
    corpus = await loaded(tmp_path, SourceText(uri=disk[1].as_uri(), text="typed\n"))
    texts = corpus.texts((tmp_path / "new.py").as_uri())
    assert [text.text for text in texts] == ["typed\n", "saved\n"]


async def test_open_documents_are_asked_for_anew(tmp_path: Path) -> None:
    """What was opened since the last question counts."""
    documents: list[SourceText] = []
    corpus = Corpus(lambda: documents, now=still)
    await corpus.load([tmp_path])
    assert drawn(corpus, "file:///x.py") == []
    documents.append(SourceText(uri="file:///y.py", text="new\n"))
    assert drawn(corpus, "file:///x.py") == ["y.py"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x.py", {"a.py", "a.pyi"}),
        ("x.tsx", {"a.ts", "a.tsx"}),
        ("x.h", {"a.c", "a.cpp", "a.h"}),
        ("x.c", {"a.c", "a.h"}),
        ("x.PY", {"a.py", "a.pyi"}),
        ("x.rs", set()),
        ("x", set()),
        ("sub/Makefile", {"Makefile"}),
    ],
)
async def test_only_files_of_the_same_kind_are_drawn_upon(
    tmp_path: Path, write: Write, name: str, expected: set[str]
) -> None:
    """Extensions of one family count as one."""
    for other in ("a.py", "a.pyi", "a.ts", "a.tsx", "a.c", "a.h", "a.cpp", "a", "Makefile"):
        write(other)
    corpus = await loaded(tmp_path)
    assert set(drawn(corpus, (tmp_path / name).as_uri())) == expected


async def test_nearest_files_come_first(tmp_path: Path, write: Write) -> None:
    """The same folder, then one step away, then two."""
    for name in ("top.py", "one/same.py", "one/deep/below.py", "two/beside.py"):
        write(name)
    corpus = await loaded(tmp_path)
    order = ["same.py", "top.py", "below.py", "beside.py"]
    assert drawn(corpus, (tmp_path / "one/new.py").as_uri()) == order


async def test_texts_for_one_question_are_bounded(tmp_path: Path, write: Write) -> None:
    """The farthest are left out, and with them the cost of looking through them."""
    for number in range(12):
        write(f"{number:02}.py", "x = 1\n" * 30_000)
    corpus = await loaded(tmp_path, SourceText(uri="file:///big.py", text="x" * 3_000_000))
    texts = corpus.texts((tmp_path / "new.py").as_uri())
    assert len(texts) == 11
    assert sum(len(text.text) for text in texts) <= QUESTION_CHARS


async def test_load_replaces_what_was_read_before(tmp_path: Path, write: Write) -> None:
    """Orders remembered from before do not outlive it."""
    old = write("old/a.py")
    write("new/b.py")
    corpus = await loaded(old.parent)
    uri = (tmp_path / "x.py").as_uri()
    assert drawn(corpus, uri) == ["a.py"]
    await corpus.load([tmp_path / "new"])
    assert drawn(corpus, uri) == ["b.py"]


async def test_many_folders_do_not_make_the_corpus_grow(tmp_path: Path, write: Write) -> None:
    """Answers stay right when remembered orders are dropped."""
    write("a.py")
    corpus = await loaded(tmp_path)
    for number in range(2 * REMEMBERED_ORDERS):
        assert drawn(corpus, (tmp_path / str(number) / "x.py").as_uri()) == ["a.py"]


class SlowClock:
    """A clock that stands, and holds up whoever asks it first until `go` is set."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.asked = threading.Event()

    def __call__(self) -> float:
        """Tells the time."""
        if not self.asked.is_set():
            self.asked.set()
            assert self.go.wait(10)
        return 0.0


async def test_older_load_never_replaces_a_newer_one(tmp_path: Path, write: Write) -> None:
    """The folders changed while the first load was still reading."""
    write("old/a.py")
    write("new/b.py")
    clock = SlowClock()
    corpus = Corpus(nothing_open, now=clock)
    first = asyncio.create_task(corpus.load([tmp_path / "old"]))
    await asyncio.to_thread(clock.asked.wait, 10)
    await corpus.load([tmp_path / "new"])
    clock.go.set()
    await first
    assert drawn(corpus, (tmp_path / "x.py").as_uri()) == ["b.py"]


async def test_cancelled_load_changes_nothing(tmp_path: Path, write: Write) -> None:
    """What was read before is still there, and the next load works."""
    write("old/a.py")
    write("new/b.py")
    corpus = await loaded(tmp_path / "old")
    clock = SlowClock()
    corpus._now = clock  # noqa: SLF001 - only the second load is to be held up
    second = asyncio.create_task(corpus.load([tmp_path / "new"]))
    await asyncio.to_thread(clock.asked.wait, 10)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    clock.go.set()
    uri = (tmp_path / "x.py").as_uri()
    assert drawn(corpus, uri) == ["a.py"]
    await corpus.load([tmp_path / "new"])
    assert drawn(corpus, uri) == ["b.py"]


async def test_load_waits_no_longer_for_what_does_not_answer(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system that hangs costs the time box and a little; what was found before it counts."""
    write("a.py")
    write("sub/b.py")
    go = threading.Event()
    scandir = os.scandir

    def hang(path: str) -> object:
        if path.endswith("sub"):
            go.wait(10)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", hang)
    monkeypatch.setattr(corpus_module, "GRACE_SECONDS", 0.1)
    corpus = Corpus(nothing_open, limits=Limits(seconds=0.1))
    started = time.monotonic()
    await corpus.load([tmp_path])
    assert time.monotonic() - started < 5
    assert drawn(corpus, (tmp_path / "x.py").as_uri()) == ["a.py"]
    go.set()


async def test_what_goes_wrong_in_a_load_is_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not vanish in the thread."""

    def fail(path: str) -> object:
        raise LookupError(path)

    monkeypatch.setattr(os, "scandir", fail)
    with pytest.raises(LookupError):
        await Corpus(nothing_open).load([tmp_path])


HANGING = """\
import functools, sys, threading
from codestral_ls import cli
from codestral_ls.context import corpus, workspace
corpus.Limits = functools.partial(workspace.Limits, seconds=0.1)
workspace._read = lambda path, limit: threading.Event().wait()
sys.exit(cli.main(sys.argv[1:]))
"""


async def test_a_walk_that_hangs_does_not_keep_the_server(tmp_path: Path, write: Write) -> None:
    """Shutdown and exit end it at once, although the walk has not come back."""
    write("a.py")
    environ = {"PATH": os.environ["PATH"], "CODESTRAL_LS_CONFIG": os.devnull}
    command = [sys.executable, "-c", HANGING.replace("0.1", "60"), "serve"]
    root = Path(__file__).parent.parent
    async with await anyio.open_process(command, env=environ, cwd=root, stderr=None) as process:
        session = Session(process)
        params: dict[str, object] = {
            "processId": None,
            "rootUri": tmp_path.as_uri(),
            "capabilities": {},
        }
        await session.request("initialize", params)
        await session.notify("initialized", {})
        await session.request("codestral/explain", None)
        with anyio.fail_after(10):
            assert await session.leave() == 0


def test_a_walk_that_hangs_does_not_keep_the_process(write: Write) -> None:
    """The command ends when it has said what it found."""
    path = write("a.py", "value = 1\n")
    environ = {"PATH": os.environ["PATH"], "CODESTRAL_LS_CONFIG": os.devnull}
    done = subprocess.run(
        [sys.executable, "-c", HANGING, "complete", f"{path}:1:1"],
        cwd=Path(__file__).parent.parent,
        env=environ,
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"Traceback" not in done.stderr
