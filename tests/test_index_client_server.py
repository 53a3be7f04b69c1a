"""The worker beside a real server: whoever types never notices what becomes of it."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.fim_endpoint import Behaviour, Endpoint, serve_in_thread
from tests.lsp_process import SECONDS, ServerProcess, call, note

KEY = "test-key-0000"
GHOST = "ghost()"
PATIENT: dict[str, object] = {"textDocument": {"inlineCompletion": {}}}
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="its kernel names the children")


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serve_in_thread(Behaviour(text=GHOST)) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "main.py").write_text("boat = 1\n" * 400, "utf-8")
    for number in range(300):
        text = f"def launch_boat_{number}(boat: int) -> None: ...\n" * 20
        (tmp_path / f"boats_{number}.py").write_text(text, "utf-8")
    return tmp_path


def serving(endpoint: Endpoint) -> ServerProcess:
    return ServerProcess(provider="mistral", api_key=KEY, endpoint=endpoint.url, debounce_ms="0")


def begin(server: ServerProcess, folder: Path) -> None:
    """Opens a folder and a document in it."""
    first = {"processId": None, "rootUri": folder.as_uri(), "capabilities": PATIENT}
    server.send(call(1, "initialize", first))
    server.reply(1)
    path = folder / "main.py"
    document = {"uri": path.as_uri(), "languageId": "python", "version": 0}
    opened = {"textDocument": {**document, "text": path.read_text("utf-8")}}
    server.send(note("initialized", {}), note("textDocument/didOpen", opened))


def ask(server: ServerProcess, folder: Path, line: int) -> str:
    """The first ghost text in a line, asked for by hand; nothing without one."""
    place = {"position": {"line": line, "character": 0}, "context": {"triggerKind": 1}}
    params = {"textDocument": {"uri": (folder / "main.py").as_uri()}, **place}
    server.send(call(line + 100, "textDocument/inlineCompletion", params))
    items = server.reply(line + 100)["result"]
    return str(items[0]["insertText"]) if items else ""


def worker_of(server: ServerProcess, other_than: int = 0) -> int:
    """The process that the server has started; waits for it.

    Between fork and exec it is not yet one that may be stopped: the server waits for that moment.
    """
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    while True:
        assert server.process.poll() is None
        found = [int(each) for each in children.read_text("ascii").split()]
        with suppress(FileNotFoundError):
            if found and found[-1] != other_than:
                command = Path(f"/proc/{found[-1]}/cmdline").read_bytes()
                if b"context.index.worker" in command:
                    return found[-1]


def has_ended(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat", encoding="ascii") as file:  # noqa: PTH123 - a pseudo file
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def is_shown(endpoint: Endpoint) -> bool:
    """Whether the last prompt had lines of other files in it."""
    return "def launch_boat_" in endpoint.completions[-1].body["prompt"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_no_request_fails_without_a_worker(
    endpoint: Endpoint, folder: Path, number: signal.Signals
) -> None:
    """Be it dead or just silent."""
    with serving(endpoint) as server:
        begin(server, folder)
        assert ask(server, folder, 0) == GHOST
        os.kill(worker_of(server), number)
        assert [ask(server, folder, line) for line in range(20, 60, 8)] == [GHOST] * 5


def test_context_is_back_after_the_worker_was_killed(endpoint: Endpoint, folder: Path) -> None:
    """Another one reads the workspace anew."""
    with serving(endpoint) as server:
        begin(server, folder)
        worker = worker_of(server)
        os.kill(worker, signal.SIGKILL)
        assert worker_of(server, other_than=worker) != worker
        lines = iter(range(0, 400, 5))
        while not (ask(server, folder, next(lines)) and is_shown(endpoint)):
            pass


@pytest.mark.parametrize("number", [None, signal.SIGSTOP])
def test_server_ends_while_files_are_read(
    endpoint: Endpoint, folder: Path, number: signal.Signals | None
) -> None:
    """As it does at other times, and the worker with it, even one that does not listen."""
    with serving(endpoint) as server:
        begin(server, folder)
        worker = worker_of(server)
        if number is not None:
            os.kill(worker, number)
        server.send(call(2, "shutdown"))
        server.reply(2)
        server.send(note("exit"))
        assert server.process.wait(SECONDS) == 0
        assert has_ended(worker)
