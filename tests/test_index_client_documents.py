"""What the worker is told of documents and files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.context.index.mirror import URIS, Mirror
from codestral_ls.context.index.wire import Change, Close, FilesChanged, Message, Open, apply
from codestral_ls.context.index.written import FILE_BYTES
from codestral_ls.context.privacy import file_path


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///w/a%20b.py", "/w/a b.py"),
        ("file:///C%3A/w/a.py", "c:/w/a.py"),
        ("file:///c:/w/a.py", "c:/w/a.py"),
        ("file://server/share/a.py", "//server/share/a.py"),
        ("untitled:Untitled-1", ""),
        ("vscode-notebook-cell:/w/a.ipynb#W0", ""),
        ("", ""),
    ],
)
def test_documents_are_known_by_their_path(uri: str, path: str) -> None:
    """Whatever way an editor spells it; what is no file is none of the index's."""
    assert file_path(uri) == path


PATHS = st.sampled_from(["/a", "/b"])
TEXTS = st.text("ab\n", max_size=8) | st.just("x" * (FILE_BYTES + 1))
DOINGS = st.one_of(
    st.tuples(st.just("open"), PATHS, st.sampled_from(["python", "rust"]), TEXTS),
    st.tuples(st.just("change"), PATHS, TEXTS),
    st.tuples(st.just("close"), PATHS),
    st.tuples(st.sampled_from(["send", "forget"])),
)


def take(known: dict[str, tuple[str, str]], message: Message) -> None:
    """Does with a worker's documents what a message says."""
    match message:
        case Open():
            known[message.path] = (message.language, message.text)
        case Change():
            language, text = known[message.path]
            known[message.path] = (language, apply(message, text))
        case Close():
            del known[message.path]


@given(st.lists(DOINGS))
def test_worker_knows_what_the_editor_has(doings: list[tuple[str, ...]]) -> None:
    """Whatever is opened, changed and closed in whatever order, and whichever worker it is."""
    mirror = Mirror()
    editor: dict[str, tuple[str, str]] = {}
    known: dict[str, tuple[str, str]] = {}
    for what, *arguments in [*doings, ("send",)]:
        match what:
            case "open":
                mirror.open(*arguments)
                editor[arguments[0]] = (arguments[1], arguments[2])
            case "change":
                mirror.change(*arguments)
                if arguments[0] in editor:
                    editor[arguments[0]] = (editor[arguments[0]][0], arguments[1])
            case "close":
                mirror.close(*arguments)
                editor.pop(arguments[0], None)
            case "forget":
                mirror.forget()
                known.clear()
            case _:
                for message in mirror.unsent():
                    take(known, message)
    assert known == {path: each for path, each in editor.items() if len(each[1]) <= FILE_BYTES}


def test_changed_files_are_told_once_and_in_portions() -> None:
    """A new worker is not told of them: it reads all files anyway."""
    mirror = Mirror()
    uris = [f"file:///{number}.py" for number in range(URIS + 1)]
    mirror.files_changed([*uris, *uris])
    assert list(mirror.unsent()) == [
        FilesChanged(uris=tuple(uris[:-1])),
        FilesChanged(uris=(uris[-1],)),
    ]
    mirror.files_changed(uris)
    mirror.forget()
    assert list(mirror.unsent()) == []


def test_what_is_not_taken_stays_unsent() -> None:
    """The pipe may have been full."""
    mirror = Mirror()
    for path in ("/a", "/b"):
        mirror.open(path, "python", "")
    assert next(mirror.unsent()) == Open(path="/a", language="python", text="")
    assert list(mirror.unsent()) == [Open(path="/b", language="python", text="")]
