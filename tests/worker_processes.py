"""Worker processes as tests start them: the real one, or one that follows a script."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from codestral_ls.context.index.client import Workspace
from codestral_ls.context.index.question import Question
from codestral_ls.context.index.spawn import spawn_worker

SECONDS = 20.0
"""How long a real process may take for anything."""
ROOT = Path(__file__).parent.parent

SPEAKING = """\
import os, sys
from codestral_ls.context.index.wire import *
from codestral_ls.context.index.wire import Frames, encode

def listen():
    frames = Frames()
    while data := os.read(0, 65536):
        yield from frames.feed(data)

def say(*messages):
    for message in messages:
        os.write(1, encode(message))

done = Progress(counts={}, seconds=0.0, done=True)
"""
"""What a script begins with: it hears messages and says some."""

Spawn = Callable[[], Awaitable[asyncio.subprocess.Process]]


def script(body: str) -> Spawn:
    """How a process is started that speaks as `body` says."""

    async def spawn() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", SPEAKING + body),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )

    return spawn


class Spawner:
    """Starts one after the other, the last of them again and again."""

    def __init__(self, *spawns: Spawn) -> None:
        self._spawns = list(spawns) or [spawn_worker]
        self.processes: list[asyncio.subprocess.Process] = []

    async def __call__(self) -> asyncio.subprocess.Process:
        spawn = self._spawns.pop(0) if len(self._spawns) > 1 else self._spawns[0]
        process = await spawn()
        self.processes.append(process)
        return process


class Delays:
    """Waits as it is told before a restart, but without waiting."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.began = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.began.set()
        await asyncio.sleep(0)


def question(folder: Path) -> Question:
    """Asks for what goes with a call of a function that another file defines."""
    return Question(
        path=f"{folder}/new.py",
        language="python",
        before="from orders import total_price\n\n\ndef show(order):\n    print(total_price(",
        after=")\n",
    )


async def shown(workspace: Workspace, folder: Path) -> str:
    """All that is shown for the question; "" if there was no answer."""
    found = await workspace.rank(question(folder), seconds=SECONDS)
    return "\n".join(f"{each.path}: {each.text}" for each in found or ())
