"""The workspace as a session sees it: which documents are known, what is told, what may leave."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from codestral_ls.context.index.question import Question
from codestral_ls.context.workspace import TELL_SECONDS, WorkspaceView, wanted_of
from codestral_ls.fim.offline import offline_provider
from codestral_ls.model import Parameters, Prompt, Request, Snapshot, Snippet, Trigger
from codestral_ls.settings import Settings
from tests.lsp_client import GHOST, editing, session, turns
from tests.scripted import ScriptedProvider


@dataclass
class Text:
    """A document that is open; `made` counts how often its text was asked for."""

    uri: str
    content: str = "x = 1\r\n"
    language: str = "python"
    edits: int = 0
    made: int = 0
    line_count: int = 1

    @property
    def text(self) -> str:
        self.made += 1
        return self.content


class Index:
    """Takes down what it is told and asked."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []
        self.questions: list[Question] = []
        self.is_awake = True
        self.patience = 0.0

    def configure(self, folders: Any, **wanted: Any) -> None:
        self.told.append(("configure", str(len(folders)), str(wanted)))

    def open(self, uri: str, _language: str, text: str) -> None:
        self.told.append(("open", uri, text))

    def change(self, uri: str, text: str) -> None:
        self.told.append(("change", uri, text))

    def close(self, uri: str) -> None:
        self.told.append(("close", uri))

    def files_changed(self, uris: Any) -> None:
        self.told.append(("files", *uris))

    async def rank(self, question: Question, *, seconds: float) -> tuple[Snippet, ...]:
        assert seconds > 0
        self.questions.append(question)
        return (Snippet(path="b.py", text="B = 1"),)

    async def propose(self, prompt: Prompt, *, seconds: float) -> str:
        self.patience = seconds
        return prompt.prefix

    async def indexed(self) -> None:
        pass

    @property
    def status(self) -> dict[str, object]:
        return {"done": True}

    async def end(self) -> None:
        pass


@pytest.fixture
async def index() -> Index:
    return Index()


@pytest.fixture
async def view(index: Index, tmp_path: Path) -> AsyncIterator[WorkspaceView]:
    view = WorkspaceView(index)  # type: ignore[arg-type]
    view.configure(Settings(context_chars=1234), [tmp_path], "snippets")
    yield view
    await view.close()


def asking(uri: str, line: int = 0) -> Request:
    return Request(snapshot=at(uri, line), trigger=Trigger.AUTOMATIC, lane=uri)


def at(uri: str, line: int = 0) -> Snapshot:
    return Snapshot(uri=uri, language="python", prefix="x = ", suffix="\n", lines_above=line)


async def test_the_index_is_told_of_documents_when_it_is_asked(
    view: WorkspaceView, index: Index, tmp_path: Path
) -> None:
    """And of each once: making a whole text at each key would be felt."""
    a, b = (Text((tmp_path / name).as_uri()) for name in ("a.py", "b.py"))
    view.opened(a)
    view.opened(b)
    assert [each for each in index.told if each[0] != "configure"] == []
    await view.ready(asking(a.uri))
    assert index.told[1:] == [("open", b.uri, "x = 1\n"), ("open", a.uri, "x = 1\n")]
    b.edits, b.content = 1, "y = 2\n"
    await view.ready(asking(a.uri, line=50))
    async with asyncio.timeout(10):  # on a busy machine the request does not wait for it
        while len(index.told) < 4:  # noqa: ASYNC110 - it is told by a task that has no event
            await asyncio.sleep(0)
    assert index.told[3:] == [("change", b.uri, "y = 2\n")]
    assert (a.made, b.made) == (1, 2)


async def test_the_document_that_is_asked_about_is_told_behind_the_question(
    view: WorkspaceView, index: Index, tmp_path: Path
) -> None:
    """The question holds what is near, and making a long text would be felt."""
    a = Text((tmp_path / "a.py").as_uri())
    view.opened(a)
    await view.ready(asking(a.uri))
    a.edits = 1
    await view.ready(asking(a.uri, line=50))
    assert a.made == 1
    await asyncio.sleep(2 * TELL_SECONDS)
    assert index.told[-1] == ("change", a.uri, "x = 1\n")


async def test_a_very_long_document_is_not_told(
    view: WorkspaceView, index: Index, tmp_path: Path
) -> None:
    """It is made by machines."""
    long = Text((tmp_path / "a.py").as_uri(), line_count=100_000)
    view.opened(long)
    await view.ready(asking(long.uri))
    assert (long.made, len(index.questions)) == (0, 1)


async def test_a_question_names_the_open_documents_the_latest_first(
    view: WorkspaceView, index: Index, tmp_path: Path
) -> None:
    """Without the one that is asked about, and none that is no file."""
    uris = [(tmp_path / name).as_uri() for name in ("a.py", "b.py", "c.py")]
    for uri in (*uris, "untitled:Untitled-1"):
        view.opened(Text(uri))
    await view.ready(asking(uris[0]))
    await view.ready(asking(uris[1]))
    question = index.questions[-1]
    assert question.path == (tmp_path / "b.py").as_posix()
    assert question.open == tuple((tmp_path / name).as_posix() for name in ("a.py", "c.py"))
    assert (question.budget, question.scope, question.window) == (1234, "workspace", "x = \n")


async def test_the_document_is_named_as_its_snippets_are(
    view: WorkspaceView, tmp_path: Path
) -> None:
    """From the workspace's folder on; of one outside nothing but its name is told."""
    await view.ready(asking((tmp_path / "lib" / "a.py").as_uri()))
    sources = view.sources(at((tmp_path / "lib" / "a.py").as_uri()))
    assert (sources.path, len(sources.snippets)) == ("lib/a.py", 1)
    assert view.sources(at("file:///elsewhere/b.py")).path == "b.py"
    assert view.sources(at("untitled:Untitled-1")).path == "Untitled-1"


async def test_a_closed_document_is_forgotten(
    view: WorkspaceView, index: Index, tmp_path: Path
) -> None:
    """With its block."""
    uri = (tmp_path / "a.py").as_uri()
    view.opened(Text(uri))
    await view.ready(asking(uri))
    view.closed(uri)
    assert index.told[-1] == ("close", uri)
    assert view.sources(at(uri)).snippets == ()


async def test_an_ignore_file_counts_as_soon_as_it_is_written(
    view: WorkspaceView, tmp_path: Path
) -> None:
    """Saying so is the client's business, or the save's."""
    uri = (tmp_path / "a.py").as_uri()
    assert await view.denial(uri) == ""
    ignore = tmp_path / ".codestralignore"
    ignore.write_text("a.py\n", "utf-8")
    view.files_changed([ignore.as_uri()])
    assert ".codestralignore" in await view.denial(uri)


async def test_a_proposal_is_asked_of_the_index_that_knows_the_other_documents(
    view: WorkspaceView, index: Index
) -> None:
    """The document itself stands in the prompt."""
    view.opened(Text("file:///w/a.py"))
    view.opened(Text("file:///w/b.py"))
    parameters = Parameters(max_tokens=1, temperature=0.0)
    uri = "file:///w/a.py"
    prompt = Prompt(uri=uri, language="python", prefix="p", suffix="", parameters=parameters)
    assert await view.propose(prompt) == "p"
    assert [each[1] for each in index.told[1:]] == ["file:///w/b.py"]


async def test_a_proposal_waits_longer_for_a_worker_that_only_starts(
    view: WorkspaceView, index: Index
) -> None:
    """Editors do not ask again for what came to nothing in the first second."""
    parameters = Parameters(max_tokens=1, temperature=0.0)
    uri = "file:///w/a.py"
    prompt = Prompt(uri=uri, language="python", prefix="p", suffix="", parameters=parameters)
    await view.propose(prompt)
    usual, index.is_awake = index.patience, False
    await view.propose(prompt)
    assert index.patience > usual > 0


async def test_what_is_wanted_follows_from_the_provider(view: WorkspaceView) -> None:
    """A model wants snippets, if it is to have any; the offline provider proposals."""
    assert wanted_of(offline_provider(view.propose)) == ("proposals",)
    assert wanted_of(ScriptedProvider("x").provider()) == ()


async def test_clients_that_can_are_asked_to_watch_files() -> None:
    """What others change is noticed."""
    watching = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}
    async with session() as client:
        await client.initialize(capabilities={**GHOST, **watching})
        (asked,) = client.asked("client/registerCapability")
        (registration,) = asked["params"]["registrations"]
        assert registration["method"] == "workspace/didChangeWatchedFiles"
        client.answer(asked, result=None)
        changes = [{"uri": "file:///w/a.py", "type": 2}]
        client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
        await turns()
    async with session() as client:
        await client.initialize()
        assert client.asked("client/registerCapability") == []


async def test_the_log_tells_once_by_which_rule_a_document_is_denied() -> None:
    """Not at each key, and not in the user's face."""
    async with editing("x = 1\n") as client:
        for name in (".env", ".env", "id_rsa"):
            client.open("KEY=1\n", uri=f"file:///w/{name}")
            await client.server.view.denial(f"file:///w/{name}")
            assert await client.ghost(0, 3, uri=f"file:///w/{name}") == []
        told = [each for each in client.said("window/logMessage") if "not sent" in each]
        assert len(told) == 2
        assert ".env" in told[0]
        assert client.popups == []


async def test_a_trace_is_announced(tmp_path: Path) -> None:
    """Nobody's code is written down without their knowing it."""
    file = str(tmp_path / "trace.jsonl")
    async with editing("x = 1\n", None, trace_file=file) as client:
        (popup,) = client.popups
        assert file in popup
        assert "your code" in popup


async def test_a_trace_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Whoever sets it wants to read it."""
    async with editing("x = 1\n", None, trace_file=str(tmp_path)) as client:
        (popup,) = client.popups
        assert "cannot be written: Is a directory" in popup


async def test_the_folders_are_those_that_the_client_has_open() -> None:
    """Spelled as they are; when the last one is closed there are none."""
    told: list[list[Path]] = []
    folder = {"uri": "file:///w/a%20b%2520c", "name": "w"}
    async with session() as client:
        client.server.view.configure = (  # type: ignore[method-assign]
            lambda _settings, folders, *_wanted: told.append(list(folders))
        )
        await client.initialize(rootUri=folder["uri"], workspaceFolders=[folder])
        event = {"added": [], "removed": [folder]}
        client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        await turns()
    assert told[0] == [Path("/w/a b%20c")]
    assert told[-1] == []


async def test_an_older_client_has_one_folder() -> None:
    """It tells of no others."""
    told: list[list[Path]] = []
    async with session() as client:
        client.server.view.configure = (  # type: ignore[method-assign]
            lambda _settings, folders, *_wanted: told.append(list(folders))
        )
        await client.initialize(rootUri="file:///w/old")
    assert told[0] == [Path("/w/old")]
