"""Standard input and output without ever blocking the event loop: one thread for each.

Threads and not asyncio's pipe transports, because those fail on Windows and on regular files, and
would set the client's own end of the pipe non-blocking.
"""

import asyncio
import os
import queue
import select
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable

CHUNK = 65_536
PIPE_BUF = 4096 if sys.platform == "linux" else 512
MAX_WAITING = 64 * 1024 * 1024
"""Bytes that wait for a client that has stopped reading, before it is given up."""


def start_reader(fd: int, on_data: Callable[[bytes], None], on_end: Callable[[], None]) -> None:
    """Reads `fd` in a thread and hands over, on the running loop, what comes and the end."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        # os.read, not a buffered file: a daemon thread inside of BufferedReader holds its lock
        # while the interpreter shuts down, which is a fatal error there.
        try:
            while data := os.read(fd, CHUNK):
                loop.call_soon_threadsafe(on_data, data)
            loop.call_soon_threadsafe(on_end)
        except RuntimeError:
            return  # the loop is closed: nobody wants it any more
        except OSError:
            loop.call_soon_threadsafe(on_end)

    threading.Thread(target=read, name="stdin", daemon=True).start()


class Inbox:
    """Does one thing in each turn of the loop, in order.

    A request then begins, and takes its snapshot, before the edit behind it is heeded.
    """

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()
        self._busy = False

    def put(self, things: Iterable[Callable[[], None]]) -> None:
        """Takes in what is to be done; the first is done at once if nothing was before it."""
        self._waiting.extend(things)
        if not self._busy:
            self._turn()

    def _turn(self) -> None:
        self._busy = bool(self._waiting)
        if self._waiting:
            try:
                self._waiting.popleft()()
            finally:
                asyncio.get_running_loop().call_soon(self._turn)


class Writer:
    """Writes to `fd` in order and never waits for it; `on_failure` is called when it is broken.

    A short message goes out at once if the pipe has room for it; all others go through a thread.
    """

    def __init__(self, fd: int, on_failure: Callable[[], None]) -> None:
        self._fd = fd
        self._loop = asyncio.get_running_loop()
        self._on_failure = on_failure
        self._poll = select.poll() if hasattr(select, "poll") else None  # not on Windows
        if self._poll is not None:
            self._poll.register(fd, select.POLLOUT)
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        # Each counter has one writer, the loop or the thread, so neither needs a lock.
        self._queued = self._written = 0
        self._failed = False
        self._thread = threading.Thread(target=self._run, name="stdout", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Queues a message; what comes after a failure is dropped."""
        if self._failed:
            return
        if self._queued - self._written > MAX_WAITING:
            self._fail()
        elif self._queued > self._written or not self._write_now(data):
            self._enqueue(data)

    def close(self, timeout: float = 1.0) -> None:
        """Waits until everything is written, at most `timeout` seconds."""
        self._queue.put(None)
        self._thread.join(timeout)

    def _write_now(self, data: bytes) -> bool:
        """Spares the thread's waking up where writing is certain not to wait.

        POSIX: a pipe that polls as writable takes PIPE_BUF bytes whole.
        """
        if self._poll is None or len(data) > PIPE_BUF or not self._poll.poll(0):
            return False
        try:
            written = os.write(self._fd, data)
        except BlockingIOError:
            return False
        except OSError:
            self._fail()
            return True
        if written < len(data):
            self._enqueue(data[written:])
        return True

    def _enqueue(self, data: bytes) -> None:
        self._queued += len(data)
        self._queue.put(data)

    def _fail(self) -> None:
        self._failed = True
        self._on_failure()

    def _run(self) -> None:
        while (data := self._queue.get()) is not None:
            try:
                self._write_all(data)
            except OSError:
                if not self._loop.is_closed():
                    self._loop.call_soon_threadsafe(self._fail)
                return
            self._written += len(data)

    def _write_all(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._fd, view) :]
            except BlockingIOError:  # somebody has made the client's end non-blocking
                select.select([], [self._fd], [])
