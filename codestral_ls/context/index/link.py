"""One worker process that lives: its two pipes, and how it is given up."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import anyio

from codestral_ls.context.index.wire import At, Frames, Message, encode

READ_BYTES = 65_536
FULL_BYTES = 8 * 1024 * 1024
"""In the pipe that the worker does not read: more is not added."""
GRACE_SECONDS = 0.3
"""For a worker to end by itself."""
END_SECONDS = 1.0
"""For a killed process to be gone; one that hangs in a file system's driver is not waited for."""

log = logging.getLogger(__name__)


class Link:
    """Sends without ever waiting, and reads what comes. The process has both pipes.

    A worker that says nothing more while it reads a file is killed, whether it is asked or not.
    """

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        now: Callable[[], float],
        stuck_seconds: float,
    ) -> None:
        if process.stdin is None or process.stdout is None:
            raise OSError("no pipes")
        self._process = process
        self._stdin, self._stdout = process.stdin, process.stdout
        self._now, self._stuck_seconds = now, stuck_seconds
        self._full_since: float | None = None
        self._is_killed = False
        self._watch: asyncio.TimerHandle | None = None
        self._was_silent = False
        self.at = ""
        """What the worker is reading; "" if that is over."""

    def full_seconds(self) -> float:
        """Looks for how long the pipe has been full: 0 while there is room."""
        if self._stdin.transport.get_write_buffer_size() <= FULL_BYTES:
            self._full_since = None
            return 0.0
        if self._full_since is None:
            self._full_since = self._now()
        return max(self._now() - self._full_since, 1e-9)

    def send(self, message: Message) -> int:
        """Puts a message into the pipe, into a broken one nothing; returns its size in bytes."""
        frame = encode(message)
        if not self._stdin.transport.is_closing():
            self._stdin.write(frame)
        return len(frame)

    async def messages(self) -> AsyncIterator[Message]:
        """Yields what the worker says, until it ends; raises BrokenFrame for nonsense."""
        frames = Frames()
        while data := await self._stdout.read(READ_BYTES):
            for message in frames.feed(data):
                self._hear(message)
                yield message

    def _hear(self, message: Message) -> None:
        self.at = message.path if isinstance(message, At) else ""
        self._was_silent = False
        if self.at and self._watch is None:
            self._look_later()

    def _look_later(self) -> None:
        loop = asyncio.get_running_loop()
        self._watch = loop.call_later(self._stuck_seconds, self._look)

    def _look(self) -> None:
        """Kills a worker that was silent at the last look too.

        The first comes at once when a computer wakes up, and before what lies in the pipe is read.
        """
        self._watch = None
        if not self.at:
            return
        if self._was_silent:
            log.warning("the index is stuck")
            self.kill()
            return
        self._was_silent = True
        self._look_later()

    def kill(self) -> None:
        """Ends the process, whatever it is doing; `messages` then comes to its end.

        Only once: it may be dead by then, and Popen, which looks before it kills, would take the
        status away from the event loop.
        """
        if not self._is_killed and self._process.returncode is None:
            self._is_killed = True
            with suppress(ProcessLookupError):
                self._process.kill()

    async def end(self) -> int | None:
        """Ends the process and waits for it, not for ever; returns its status if it is known.

        The end of its input ends a worker that is well at once.
        """
        if self._watch is not None:
            self._watch.cancel()
        if not self._stdin.transport.is_closing():
            self._stdin.transport.abort()
        with anyio.move_on_after(GRACE_SECONDS):
            await self._process.wait()
        self.kill()
        with anyio.move_on_after(END_SECONDS):
            await self._process.wait()
        return self._process.returncode
