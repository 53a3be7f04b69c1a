"""The worker's loop: what is asked comes first, and each question gets one answer."""

import queue
import re
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import MethodType

import pytest

from codestral_ls.context.index.question import Question
from codestral_ls.context.index.serving import FORGOTTEN, NOT_CONFIGURED, Inbox, Worker, place_of
from codestral_ls.context.index.wire import (
    At,
    Close,
    Configure,
    FilesChanged,
    Forget,
    Message,
    Open,
    Progress,
    Propose,
    Rank,
    Reply,
    Status,
    difference,
    encode,
)
from codestral_ls.model import Snippet
from tests.worker_parts import Bench, prompt, question
from tests.workspace_files import Write


class Script(queue.SimpleQueue[Message | None]):
    """Messages that come whenever the worker has nothing else to do, and then the end."""

    def __init__(self, *turns: Sequence[Message]) -> None:
        super().__init__()
        self._turns: Iterator[Sequence[Message]] = iter(turns)

    def get(self, block: bool = True, timeout: float | None = None) -> Message | None:  # noqa: FBT001, FBT002 - as the queue has it
        if self.empty():
            for message in next(self._turns, [None]):
                self.put(message)
        return super().get(block, timeout)


def run(bench: Bench, inbox: Inbox) -> list[Message]:
    """What the worker says until the end of its input."""
    Worker(bench.tools, bench.said.append).run(inbox)
    return bench.said


def replies(said: Sequence[Message]) -> list[Reply]:
    return [each for each in said if isinstance(each, Reply)]


def test_worker_indexes_and_answers(tmp_path: Path, bench: Bench, write: Write) -> None:
    """Files and documents go in, answers come out."""
    saved, typed = write("a.py", "saved\n"), tmp_path / "b.py"
    told: list[Message] = [
        Open(path=str(typed), language="python", text="ty\n"),
        difference(str(typed), "ty\n", "typed\n"),
    ]
    asked: list[Message] = [Rank(id=1, question=question()), Status(id=2)]
    said = run(bench, Script([Configure(folders=(str(tmp_path),))], told, asked))
    assert replies(said) == [
        Reply(
            id=1,
            result=[
                {"path": str(saved), "text": "saved\n"},
                {"path": str(typed), "text": "typed\n"},
            ],
        ),
        Reply(id=2, result={"files": 2, "matched files": 0, "open documents": 1}),
    ]


def test_questions_come_before_indexing(tmp_path: Path, bench: Bench, write: Write) -> None:
    """What has been asked by now is answered before the next file is read."""
    write("a.py")
    inbox = Script([Configure(folders=(str(tmp_path),)), Rank(id=1, question=question())])
    said = run(bench, inbox)
    assert said[0] == Reply(id=1, result=[])
    assert isinstance(said[-1], Progress)
    assert said[-1].done


def test_question_that_nobody_waits_for_is_answered_shortly(tmp_path: Path, bench: Bench) -> None:
    """It was given up while others were before it; the next one is not."""
    asked: list[Message] = [Rank(id=number, question=question()) for number in (1, 2)]
    said = run(bench, Script([Configure(folders=(str(tmp_path),)), *asked, Forget(id=1)]))
    assert replies(said) == [Reply(id=1, error=FORGOTTEN), Reply(id=2, result=[])]


def test_nothing_is_known_before_there_is_a_workspace(bench: Bench) -> None:
    """Questions are answered nonetheless, and what is told of documents is passed over."""
    told: list[Message] = [
        Open(path="/a.py", language="python", text=""),
        difference("/a.py", "", "x"),
        Close(path="/a.py"),
        FilesChanged(uris=("file:///a.py",)),
    ]
    assert run(bench, Script([*told, Status(id=1)])) == [Reply(id=1, error=NOT_CONFIGURED)]


def test_new_configuration_begins_anew(tmp_path: Path, bench: Bench, write: Write) -> None:
    """With other folders, other files are known."""
    folders = [write(name).parent for name in ("old/a.py", "new/b.py")]
    run(bench, Script(*([Configure(folders=(str(folder),))] for folder in folders)))
    assert set(bench.ranker.texts) == {str(tmp_path / "new" / "b.py")}


def test_what_was_known_before_is_given_back(bench: Bench, write: Write) -> None:
    """Not that a worker grows by a whole workspace with each change of settings."""
    folder = str(write("a.py").parent)
    indexers: dict[int, weakref.ref[object]] = {}

    class Watched(Script):
        def get(self, block: bool = True, timeout: float | None = None) -> Message | None:  # noqa: FBT001, FBT002 - as the queue has it
            if isinstance(bench.ranker.read, MethodType):
                indexers.setdefault(id(bench.ranker), weakref.ref(bench.ranker.read.__self__))
            return super().get(block, timeout)

    turns = [[Configure(folders=(folder,), disabled_paths=(name,))] for name in ("a", "b")]
    run(bench, Watched(*turns))
    first, _ = indexers.values()
    assert first() is None


def test_matcher_is_asked_as_wanted(tmp_path: Path, bench: Bench, write: Write) -> None:
    """It learns the same files."""
    write("a.py")
    asked: list[Message] = [
        Propose(id=1, prompt=prompt(path="/p.py")),
        Propose(id=2, prompt=prompt()),
    ]
    configuration = Configure(folders=(str(tmp_path),), rank=False, propose=True)
    said = run(bench, Script([configuration], [*asked, Rank(id=3, question=question())]))
    assert replies(said) == [
        Reply(id=1, result="/p.py!"),
        Reply(id=2, result="!"),
        Reply(id=3, result=[]),
    ]
    assert bench.ranker.texts == {}


def test_error_in_a_question_is_told_without_any_text(tmp_path: Path, bench: Bench) -> None:
    """The server learns what and where; the next question is answered."""

    def fail(question: Question) -> Sequence[Snippet]:
        raise KeyError(question.path + "secret text")

    bench.ranker.rank = fail  # type: ignore[method-assign] # a ranker that fails
    asked: list[Message] = [Rank(id=1, question=question()), Status(id=2)]
    [failed, fine] = replies(run(bench, Script([Configure(folders=(str(tmp_path),)), *asked])))
    assert failed.error.startswith("KeyError at ")
    assert "secret" not in failed.error
    assert fine.error == ""


def test_file_that_cannot_be_indexed_is_only_that(
    tmp_path: Path, bench: Bench, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    """The others are indexed; nothing of its text is written anywhere."""
    write("a.py", "secret text")
    other = write("b.py")
    put = bench.ranker.put

    def fail(path: str, language: str, text: str, *, open: bool = False) -> None:  # noqa: A002 - as the ranker has it
        if path.endswith("a.py"):
            raise ValueError(text)
        put(path, language, text, open=open)

    bench.ranker.put = fail  # type: ignore[method-assign] # a ranker that fails
    run(bench, Script([Configure(folders=(str(tmp_path),))], [Status(id=1)]))
    assert set(bench.ranker.texts) == {str(other)}
    errors = capsys.readouterr().err
    assert "ValueError at " in errors
    assert "secret" not in errors


def test_last_announcement_tells_what_was_being_read(
    tmp_path: Path, bench: Bench, write: Write
) -> None:
    """While a file is read and its document asked about; at rest it says nothing."""
    path = write("a.py")
    opened = Open(path=str(path), language="python", text="x = 1\n")
    asked = Rank(id=1, question=question(str(path)))
    said = run(
        bench, Script([Configure(folders=(str(tmp_path),))], [opened, asked], [Status(id=2)])
    )
    paths = [each.path for each in said if isinstance(each, At)]
    assert paths == [str(tmp_path), str(path), str(path), str(path), ""]
    kinds = [type(each).__name__ for each in said]
    assert kinds == ["At", "At", "Progress", "At", "Reply", "At", "At", "Reply"]


def test_place_of_an_error_is_one_of_our_lines() -> None:
    """What is raised inside of a library is told by who called it."""
    with pytest.raises(TypeError) as raised:
        encode("no message")  # type: ignore[arg-type] # that is the error
    assert re.fullmatch(r"TypeError at wire\.py:\d+", place_of(raised.value))
    assert place_of(LookupError("text")) == "LookupError at ?"
