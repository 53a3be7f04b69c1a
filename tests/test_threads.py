"""Work in threads: its end, and that nobody has to wait for it."""

import asyncio
import subprocess
import sys
import threading

import pytest

from codestral_ls.fim.threads import begin, in_thread

NEVER_ENDS = """
import asyncio, threading
from codestral_ls.fim.threads import in_thread

async def main():
    began = threading.Event()
    work = asyncio.create_task(in_thread(lambda: (began.set(), threading.Event().wait())))
    await asyncio.to_thread(began.wait)
    work.cancel()

asyncio.run(main())
"""


async def test_what_the_work_ends_with_comes_back() -> None:
    """Its result, or what it raises."""
    assert await in_thread(lambda: 7) == 7
    assert (await in_thread(lambda: [None])) == [None]
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 // 0)


async def test_it_is_a_thread_of_its_own_with_a_name() -> None:
    """Dumps of a process that hangs tell what is under way."""
    thread = await begin(threading.current_thread, "api key")
    assert (thread.name, thread.daemon) == ("api key", True)


async def test_who_is_cancelled_does_not_wait() -> None:
    """What comes after that is nobody's."""
    began, goes_on = threading.Event(), threading.Event()

    def work() -> None:
        began.set()
        assert goes_on.wait(10)
        raise OSError

    waiting = asyncio.create_task(in_thread(work))
    await asyncio.to_thread(began.wait)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    goes_on.set()


def test_a_process_ends_although_its_work_does_not() -> None:
    """A pipe may have no writer, and a drive may be gone."""
    run = [sys.executable, "-c", NEVER_ENDS]
    assert subprocess.run(run, timeout=30, check=False).returncode == 0
