"""Workers that die, hang, speak nonsense or are late: the server goes on, and soon has another."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from codestral_ls.context.index import client as client_module
from codestral_ls.context.index import link as link_module
from codestral_ls.context.index.backoff import GOOD_SECONDS, MOST_SECONDS, Backoff
from codestral_ls.context.index.client import Workspace
from codestral_ls.model import Snippet
from tests.worker_processes import SECONDS, Delays, Spawn, Spawner, question, script

NOW = 0.0
"""When the answer is not to be waited for."""

ANSWERING = script("""
for message in listen():
    match message:
        case Configure():
            say(done)
        case Rank():
            say(Reply(id=message.id, result=[{"path": "a.py", "text": message.question.before}]))
""")


@asynccontextmanager
async def opened(
    *spawns: Spawn, stuck_seconds: float = SECONDS, now: Callable[[], float] | None = None
) -> AsyncIterator[tuple[Workspace, Spawner, Delays]]:
    """A workspace whose workers are started in these ways, one after the other."""
    spawner, delays = Spawner(*spawns), Delays()
    clock = now or asyncio.get_running_loop().time
    workspace = Workspace(spawn=spawner, sleep=delays, now=clock, stuck_seconds=stuck_seconds)
    workspace.configure([Path("/work")])
    try:
        yield workspace, spawner, delays
    finally:
        await workspace.end()


async def answer(workspace: Workspace) -> tuple[Snippet, ...] | None:
    return await workspace.rank(question(Path("/work")), seconds=SECONDS)


async def test_a_question_waits_for_a_worker_that_is_starting() -> None:
    """As long as it may take: the first request of a session comes before the worker is up."""
    async with opened(ANSWERING) as (workspace, _, _):
        assert await workspace.rank(question(Path("/work")), seconds=0) is None
        assert await answer(workspace) is not None


async def test_late_answer_is_nobodys() -> None:
    """The question is given up, and the next one gets its own answer."""
    late = script("""
asked, forgotten = [], []
for message in listen():
    match message:
        case Configure():
            say(done)
        case Rank():
            asked.append(message)
        case Forget():
            forgotten.append(message.id)
            text = [{"path": "late.py", "text": "late"}]
            say(Reply(id=message.id, result=text))
    if len(asked) == 2 and forgotten == [asked[0].id]:
        say(Reply(id=asked[1].id, result=[{"path": "own.py", "text": "own"}]))
""")
    async with opened(late) as (workspace, _, _):
        await workspace.indexed()
        assert await workspace.rank(question(Path("/work")), seconds=NOW) is None
        assert await answer(workspace) == (Snippet(path="own.py", text="own"),)


async def test_caller_that_is_cancelled_leaves_no_trace() -> None:
    """The editor has cancelled the request; the worker is told, and answers the next one."""
    async with opened(ANSWERING) as (workspace, spawner, _):
        await workspace.indexed()
        asking = asyncio.create_task(answer(workspace))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await answer(workspace) is not None
        assert len(spawner.processes) == 1


async def test_worker_that_does_not_answer_is_replaced() -> None:
    """The question itself was given up long before."""
    silent = script("""
for message in listen():
    if isinstance(message, Configure):
        say(done)
""")
    async with opened(silent, ANSWERING, stuck_seconds=0.5) as (workspace, spawner, _):
        await workspace.indexed()
        assert await answer(workspace) is None
        await workspace.indexed()
        assert await answer(workspace) is not None
        assert len(spawner.processes) == 2


async def test_worker_that_does_not_read_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pipe takes no more than so much; what did not go in is told the next one."""
    monkeypatch.setattr(link_module, "FULL_BYTES", 100_000)
    monkeypatch.setattr(client_module, "FLUSH_BYTES", 100_000_000)
    deaf = script("""
say(done)
import signal
signal.pause()
""")
    counting = script("""
opened = 0
for message in listen():
    match message:
        case Configure():
            say(done)
        case Open():
            opened += len(message.text)
        case Status():
            say(Reply(id=message.id, result={"characters": opened}))
""")
    clock = [0.0]
    async with opened(deaf, counting, now=lambda: clock[0]) as (workspace, spawner, _):
        await workspace.indexed()
        for number in range(30):
            workspace.open(f"file:///w/{number}.py", "python", "x" * 100_000)
        assert await workspace.ask_status(seconds=SECONDS) == {}
        assert len(spawner.processes) == 1
        clock[0] += SECONDS + 1
        assert await workspace.ask_status(seconds=SECONDS) == {}
        assert await spawner.processes[0].wait() < 0
        while (await workspace.ask_status(seconds=SECONDS)).get("characters") != 3_000_000:
            await workspace.indexed()
            await asyncio.sleep(0)


async def test_file_that_kills_the_worker_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    """It is told once which one, and the next worker does not touch it."""
    poisoned = script("""
for message in listen():
    if isinstance(message, Configure):
        if "/w/poison.py" in message.skip:
            say(done)
        else:
            say(At(path="/w/harmless.py"), At(path="/w/poison.py"))
            os.abort()
""")
    async with opened(poisoned) as (workspace, spawner, _):
        await workspace.indexed()
        assert workspace.status["left out"] == ["/w/poison.py"]
        assert len(spawner.processes) == 2
        told = [each.getMessage() for each in caplog.records]
        assert len([each for each in told if "poison.py, which is left out" in each]) == 1
        workspace.configure([Path("/work")])
        assert workspace.status["left out"] == ["/w/poison.py"]


async def test_file_that_the_worker_is_stuck_in_is_left_out() -> None:
    """Although nobody asks anything; a worker that goes on is given its time."""
    stuck = script("""
import signal, time
for message in listen():
    if isinstance(message, Configure):
        if "/w/endless.py" in message.skip:
            say(done)
        else:
            for number in range(8):
                say(At(path=f"/w/{number}.py"))
                time.sleep(0.05)
            say(At(path="/w/endless.py"))
            signal.pause()
""")
    async with opened(stuck, stuck_seconds=0.2) as (workspace, spawner, _):
        with anyio.fail_after(SECONDS):
            await workspace.indexed()
        assert workspace.status["left out"] == ["/w/endless.py"]
        assert len(spawner.processes) == 2


async def test_worker_that_rests_is_not_stuck() -> None:
    """It may say nothing for hours, once it has said that what it read is over."""
    resting = script("""
for message in listen():
    if isinstance(message, Configure):
        say(At(path="/w/read.py"), done)
""")
    async with opened(resting, stuck_seconds=0.01) as (workspace, spawner, _):
        await workspace.indexed()
        process = spawner.processes[0]
        with anyio.move_on_after(0.2):
            await process.wait()
        assert process.returncode is None


async def test_worker_that_dies_at_rest_blames_no_file() -> None:
    """What it read before that has been read."""
    dying = script("""
for message in listen():
    if isinstance(message, Configure):
        say(At(path="/w/read.py"), done)
        sys.exit(1)
""")
    async with opened(dying, ANSWERING) as (workspace, _, delays):
        await delays.began.wait()
        await workspace.indexed()
        assert workspace.status["left out"] == []


async def test_worker_that_speaks_nonsense_is_replaced() -> None:
    """Nothing that it says from then on can be understood."""
    babbling = script("""
for message in listen():
    os.write(1, b"a print from somewhere\\n")
""")
    async with opened(babbling, ANSWERING) as (workspace, spawner, _):
        await workspace.indexed()
        assert await answer(workspace) is not None
        assert spawner.processes[0].returncode is not None


async def test_worker_that_cannot_be_started_is_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """More and more rarely; the server does without."""
    caplog.set_level(logging.WARNING)

    async def fail() -> asyncio.subprocess.Process:
        raise PermissionError("/usr/bin/python")

    async with opened(*[fail] * 8, ANSWERING) as (workspace, _, delays):
        assert await answer(workspace) is not None
        assert delays.seconds == [1, 2, 4, 8, 16, 32, 60, 60]
    assert "PermissionError" in caplog.text


async def test_nothing_is_started_for_nothing() -> None:
    """Where neither is wanted, there is no process and no file is read."""
    spawner = Spawner(ANSWERING)
    workspace = Workspace(spawn=spawner)
    workspace.configure([Path("/work")], rank=False, propose=False)
    workspace.open("file:///w/a.py", "python", "")
    await asyncio.sleep(0)
    assert await answer(workspace) is None
    await workspace.end()
    assert (spawner.processes, workspace.status["running"]) == ([], False)


def test_failures_are_forgotten_after_some_good_minutes() -> None:
    """A worker that crashes once an hour is back after a second each time."""
    seconds, backoff = Backoff().after(0)
    assert (seconds, backoff.after(0)[0]) == (1, 2)
    assert backoff.after(GOOD_SECONDS)[0] == 1
    assert Backoff(MOST_SECONDS).after(0)[0] == MOST_SECONDS


async def test_many_documents_are_told_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Encoding them all at once would hold the loop; the rest follows without being asked for."""
    monkeypatch.setattr(client_module, "FLUSH_BYTES", 1_000)
    monkeypatch.setattr(client_module, "FLUSH_SECONDS", 0.0)
    counting = script("""
opened = 0
for message in listen():
    match message:
        case Configure():
            say(done)
        case Open():
            opened += 1
            if opened == 30:
                say(Progress(counts={"opened": opened}, seconds=0.0, done=False))
""")
    async with opened(counting) as (workspace, _, delays):
        for number in range(30):
            workspace.open(f"file:///w/{number}.py", "python", "x" * 100)
        while workspace.status.get("opened") != 30:
            await delays(0)
