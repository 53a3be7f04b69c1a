"""The index as the server has it: asked across a pipe, and there again when it dies."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from codestral_ls.context.index.client import Workspace
from codestral_ls.model import Snippet
from tests.worker_parts import prompt
from tests.worker_processes import ROOT, SECONDS, Delays, Spawner, question, shown
from tests.workspace_files import Write, writer

ORDERS = "def total_price(order, discount):\n    return sum(order) - discount\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    return writer(tmp_path / "work")


@pytest.fixture
def folder(write: Write) -> Path:
    return write("orders.py", ORDERS).parent


@pytest.fixture
def spawner() -> Spawner:
    return Spawner()


@pytest.fixture
async def workspace(spawner: Spawner) -> AsyncIterator[Workspace]:
    workspace = Workspace(spawn=spawner, sleep=Delays())
    yield workspace
    await workspace.end()


async def test_definitions_of_the_workspace_are_found(workspace: Workspace, folder: Path) -> None:
    """A real process reads the files and answers."""
    workspace.configure([folder])
    await workspace.indexed()
    assert "orders.py: def total_price(order, discount):" in await shown(workspace, folder)
    assert workspace.status["files"] == 1
    assert (await workspace.ask_status(seconds=SECONDS))["files"] == 1


async def test_code_there_is_goes_on_as_it_did(workspace: Workspace, folder: Path) -> None:
    """The matcher is asked in the same way, and knows the documents as they are."""
    workspace.configure([folder], rank=False, propose=True)
    workspace.open((folder / "a.py").as_uri(), "python", "x = 1\n" * 3)
    workspace.change(
        (folder / "a.py").as_uri(), "connection.open()\nconnection.send(first, second)\n" * 9
    )
    await workspace.indexed()
    asked = prompt((folder / "b.py").as_uri())
    found = await workspace.propose(
        type(asked)(
            uri=asked.uri,
            language="python",
            prefix="connection.open()\nconnection.se",
            suffix="\n",
            parameters=asked.parameters,
            by_hand=True,
        ),
        seconds=SECONDS,
    )
    assert found == "nd(first, second)"


async def test_documents_are_known_as_they_are_in_the_editor(
    workspace: Workspace, folder: Path
) -> None:
    """Opened, changed, closed: the next question already knows."""
    uri = (folder / "orders.py").as_uri()
    workspace.configure([folder])
    workspace.open(uri, "python", "def total_price(basket): ...\n")
    await workspace.indexed()
    assert "(basket)" in await shown(workspace, folder)
    workspace.change(uri, "def total_price(basket, taxes): ...\n")
    assert "(basket, taxes)" in await shown(workspace, folder)
    workspace.close(uri)
    await workspace.ask_status(seconds=SECONDS)
    while "(order, discount)" not in await shown(workspace, folder):
        pass


async def test_changed_files_are_read_again(
    workspace: Workspace, folder: Path, write: Write
) -> None:
    """As soon as the client tells of them."""
    workspace.configure([folder])
    await workspace.indexed()
    path = write("orders.py", ORDERS.replace("discount", "rebate"))
    workspace.files_changed([path.as_uri()])
    while "rebate" not in await shown(workspace, folder):
        pass


async def test_killed_worker_comes_back_with_all_it_knew(
    workspace: Workspace, spawner: Spawner, folder: Path
) -> None:
    """Files are read again, documents told again; the question in between has no answer."""
    workspace.configure([folder])
    workspace.open((folder / "more.py").as_uri(), "python", "def total_price_of_all(): ...\n")
    await workspace.indexed()
    spawner.processes[0].kill()
    assert await workspace.rank(question(folder), seconds=SECONDS) is None
    await workspace.indexed()
    found = await shown(workspace, folder)
    assert "def total_price(order, discount)" in found
    assert "def total_price_of_all()" in found
    assert len(spawner.processes) == 2


async def test_interrupt_in_the_terminal_is_not_for_the_worker(
    workspace: Workspace, spawner: Spawner, folder: Path
) -> None:
    """Ctrl+C reaches all processes; what it means is the server's business."""
    workspace.configure([folder])
    await workspace.indexed()
    spawner.processes[0].send_signal(signal.SIGINT)
    assert await shown(workspace, folder)
    assert len(spawner.processes) == 1


async def test_other_folders_are_read_by_the_same_worker(
    workspace: Workspace, spawner: Spawner, folder: Path, tmp_path: Path
) -> None:
    """The old ones are forgotten; the same ones again change nothing."""
    other = writer(tmp_path / "other")("prices.py", "def total_price(euros): ...\n").parent
    workspace.configure([folder])
    await workspace.indexed()
    workspace.configure([folder])
    assert workspace.status["done"]
    workspace.configure([other])
    await workspace.indexed()
    assert await workspace.rank(question(other), seconds=SECONDS) == (
        Snippet(path="prices.py", text="def total_price(euros): ..."),
    )
    assert len(spawner.processes) == 1


async def test_denied_files_are_never_shown(
    workspace: Workspace, folder: Path, write: Write
) -> None:
    """Ignore files, the user's patterns and secrets in texts are heeded."""
    write(".codestralignore", "private.py\n")
    write("private.py", "def total_price_private(): ...\n")
    write("disabled.py", "def total_price_disabled(): ...\n")
    secret = "ghp_" + "a1B2c3D4e5F6" * 3
    write("keys.py", f"def total_price_open(token='{secret}'): ...\n")
    workspace.configure([folder], disabled_paths=["disabled.py"])
    await workspace.indexed()
    found = await shown(workspace, folder)
    assert "def total_price_open(token='" in found
    assert not [each for each in ("private", "disabled", secret) if each in found]


async def test_ended_index_answers_nothing(
    workspace: Workspace, spawner: Spawner, folder: Path
) -> None:
    """Its process is gone, and what is told it is passed over."""
    workspace.configure([folder])
    await workspace.indexed()
    await workspace.end()
    assert spawner.processes[0].returncode == 0
    workspace.open((folder / "a.py").as_uri(), "python", "")
    assert await workspace.rank(question(folder), seconds=SECONDS) is None
    assert await workspace.propose(prompt(), seconds=SECONDS) is None


def _environ(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


async def test_environment_holds_no_keys(
    workspace: Workspace, spawner: Spawner, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may look at the process finds none; what the interpreter needs is there."""
    monkeypatch.setenv("MISTRAL_API_KEY", "invented-key")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    workspace.configure([folder])
    await workspace.indexed()
    environ = _environ(spawner.processes[0].pid)
    assert b"invented-key" not in environ
    assert b"LC_ALL=C.UTF-8" in environ


async def test_workspace_cannot_stand_for_our_modules(
    workspace: Workspace, folder: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by being the working folder nor by being on Python's path."""
    for name in ("json.py", "pathspec.py", "codestral_ls/__init__.py", "sitecustomize.py"):
        write(name, "import os\nos._exit(1)\n")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    workspace.configure([folder])
    await workspace.indexed()
    assert await shown(workspace, folder)


PARENT = """\
import asyncio, sys
from pathlib import Path
from codestral_ls.context.index.client import Workspace
from tests.worker_processes import Spawner

async def main():
    spawner = Spawner()
    workspace = Workspace(spawn=spawner)
    workspace.configure([Path(sys.argv[1])])
    await workspace.indexed()
    print(spawner.processes[0].pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs to wait for another's child")
def test_worker_ends_with_its_server(folder: Path) -> None:
    """However suddenly that dies, no process stays behind."""
    command = [sys.executable, "-c", PARENT, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        worker = os.pidfd_open(int(parent.stdout.readline()))
        try:
            parent.kill()
            ended, _, _ = select.select([worker], [], [], SECONDS)
            assert ended
        finally:
            os.close(worker)
