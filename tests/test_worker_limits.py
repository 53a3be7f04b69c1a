"""What a worker process may have at most, by real processes."""

import asyncio
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from codestral_ls.context.index.client import Workspace
from codestral_ls.context.index.worker import MEMORY_BYTES
from tests.worker_processes import ROOT, SECONDS, Delays, Spawn, Spawner, shown
from tests.workspace_files import Write, writer

ORDERS = "def total_price(order, discount):\n    return sum(order) - discount\n"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limit that holds is Linux's")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    return writer(tmp_path / "work")


def worker_with(redact: str) -> Spawn:
    """A real worker with less memory, in which secrets are covered by this function."""
    code = f"""
import os, resource
from dataclasses import replace
from codestral_ls.context.index import worker
{redact}
worker.MEMORY_BYTES = 300_000_000
worker.TOOLS = replace(worker.TOOLS, redact=redact)
worker.main()
"""

    async def spawn() -> asyncio.subprocess.Process:
        pipe = subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", code), stdin=pipe, stdout=pipe, cwd=ROOT
        )

    return spawn


async def status_with(
    write: Write, redact: str, stuck_seconds: float = SECONDS
) -> tuple[dict[str, object], str, int]:
    """What is known of a workspace with one file that asks for much, and how many workers it took.

    The room is asked for, but not written to: without a limit it costs nothing.
    """
    folder = write("orders.py", ORDERS).parent
    write("greedy.py", "GREEDY = 1\n")
    spawner = Spawner(worker_with(redact))
    workspace = Workspace(spawn=spawner, sleep=Delays(), stuck_seconds=stuck_seconds)
    workspace.configure([folder])
    try:
        with anyio.fail_after(SECONDS):
            await workspace.indexed()
        return workspace.status, await shown(workspace, folder), len(spawner.processes)
    finally:
        await workspace.end()


async def test_memory_ends_before_the_computers_does(write: Write) -> None:
    """A file for which there is not enough is left out, and the worker goes on."""
    status, found, workers = await status_with(
        write,
        """
def redact(text):
    if "GREEDY" in text:
        bytearray(400_000_000)
    return text
""",
    )
    assert (status["files"], workers) == (1, 1)
    assert "def total_price" in found


async def test_parser_that_gets_no_memory_costs_one_file(write: Write) -> None:
    """It ends the process, as libraries do; the next one does not read that file."""
    status, found, workers = await status_with(
        write,
        """
def redact(text):
    if "GREEDY" in text:
        try:
            bytearray(400_000_000)
        except MemoryError:
            os.abort()
    return text
""",
    )
    assert (status["files"], workers) == (1, 2)
    assert [Path(str(each)).name for each in status["left out"]] == ["greedy.py"]  # type: ignore[attr-defined] # a list
    assert "def total_price" in found


async def test_file_that_takes_for_ever_is_left_out(write: Write) -> None:
    """Nobody has to ask for that."""
    status, found, workers = await status_with(
        write,
        """
def redact(text):
    while "GREEDY" in text:
        pass
    return text
""",
        stuck_seconds=0.5,
    )
    assert (status["files"], workers) == (1, 2)
    assert [Path(str(each)).name for each in status["left out"]] == ["greedy.py"]  # type: ignore[attr-defined] # a list
    assert "def total_price" in found


async def test_dying_worker_writes_no_core() -> None:
    """It would be full of code."""
    code = """
import resource
from codestral_ls.context.index import worker
hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
worker._settle_in()
print(resource.getrlimit(resource.RLIMIT_CORE)[0], resource.getrlimit(resource.RLIMIT_DATA)[0])
"""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code), stdout=subprocess.PIPE, cwd=ROOT
    )
    said, _ = await process.communicate()
    assert said.split() == [b"0", b"%d" % MEMORY_BYTES]
