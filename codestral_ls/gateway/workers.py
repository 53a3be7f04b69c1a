"""Several processes that answer on the same sockets, and one that looks after them.

The parent answers nobody. It starts another worker for one that is gone, and hands on what signals
say by a pipe to each worker, which sees by its end that the parent is gone. The signals themselves
would come twice: a terminal and a service's supervisor send them to all processes of a group.
"""

import logging
import multiprocessing
import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess

from codestral_ls.gateway.process import SIGNALS, logging_of
from codestral_ls.gateway.server import LAST_SECONDS
from codestral_ls.gateway.starting import NotServing, Plan
from codestral_ls.gateway.worker import DRAIN, END, work

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus_client adds up what workers count; it looks when it is imported."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0
"""Seconds before a worker is started in the place of one that ended early, doubled each time."""
EARLY_SECONDS = 10.0
MOST_VAIN = 3
"""Workers that end before any has served: then none will."""
SPARE_SECONDS = LAST_SECONDS + 4.0
"""For what a worker gives back at its end, such as the statistics; then it is killed."""

log = logging.getLogger(__name__)
_SPAWN = multiprocessing.get_context("spawn")


def serve_by_workers(
    plan: Plan, sockets: Sequence[socket.socket], secret: bytes, tell: Callable[[str], None]
) -> int:
    """Serves until a signal; the exit status.

    Raises:
        NotServing: no worker can serve.
    """
    with ExitStack() as opened:
        opened.enter_context(logging_of(plan))
        opened.enter_context(_folder_of_counts())
        bell, received = opened.enter_context(_bell())
        crew = Crew(plan, sockets, secret, tell)
        opened.callback(crew.kill)
        return crew.run(bell, received)


class Worker:
    """A process that answers, and the pipe to it."""

    def __init__(self, plan: Plan, sockets: Sequence[socket.socket], secret: bytes) -> None:
        self.pipe, end = _SPAWN.Pipe()
        self.process: SpawnProcess = _SPAWN.Process(
            target=work, args=(plan, sockets, secret, end), daemon=True
        )
        with end, _blocked_signals():
            self.process.start()
        self.began = time.monotonic()
        self.is_ready = False

    def order(self, order: bytes) -> None:
        """Tells it what to do; one that is gone does nothing any more."""
        with suppress(OSError):
            self.pipe.send_bytes(order)

    def news(self) -> tuple[bool, str] | None:
        """What it has said: that it is ready, or why it cannot be; None if nothing."""
        try:
            return self.pipe.recv() if self.pipe.poll() else None
        except (EOFError, OSError):
            return None


class Crew:
    """The workers of a gateway, of which there are always as many as there are to be."""

    def __init__(
        self,
        plan: Plan,
        sockets: Sequence[socket.socket],
        secret: bytes,
        tell: Callable[[str], None],
    ) -> None:
        self._plan = plan
        self._sockets = sockets
        self._secret = secret
        self._tell: Callable[[str], None] | None = tell
        self._workers: list[Worker] = []
        self._vain = 0
        self._start_at = 0.0
        self._end_at = 0.0

    def run(self, bell: socket.socket, received: list[int]) -> int:
        """Serves until something is received, and the bell is rung; the exit status."""
        heeded = 0
        while True:
            while heeded < len(received):
                heeded += 1
                self._end(DRAIN if heeded == 1 else END)
            if self._end_at and not self._workers:
                return 128 + received[1] if len(received) > 1 else 0
            self._fill()
            pipes = [each.pipe for each in self._workers]
            ends = [each.process.sentinel for each in self._workers]
            wait([bell, *pipes, *ends], self._seconds())
            with suppress(BlockingIOError):
                bell.recv(4096)
            for worker in list(self._workers):
                self._hear(worker)
                if worker.process.exitcode is not None:
                    self._bury(worker)
            if self._end_at and time.monotonic() >= self._end_at:
                self.kill()

    def kill(self) -> None:
        """Ends whoever is left."""
        for each in self._workers:
            each.process.kill()
            each.process.join()
            each.pipe.close()
        self._workers.clear()

    def _fill(self) -> None:
        while (
            not self._end_at
            and len(self._workers) < self._plan.own.workers
            and time.monotonic() >= self._start_at
        ):
            self._workers.append(Worker(self._plan, self._sockets, self._secret))

    def _seconds(self) -> float | None:
        """Until something is to be done that nobody says."""
        if self._end_at:
            return max(0.0, self._end_at - time.monotonic())
        if len(self._workers) < self._plan.own.workers:
            return max(0.0, self._start_at - time.monotonic())
        return None

    def _hear(self, worker: Worker) -> None:
        news = worker.news()
        if news is None:
            return
        is_ready, line = news
        if not is_ready and self._tell is not None:
            raise NotServing(line.removesuffix("."))
        if not is_ready:
            log.error("a worker cannot be started: %s", line)
        worker.is_ready = is_ready
        if self._tell is not None and all(each.is_ready for each in self._workers):
            self._tell(line)
            self._tell = None

    def _bury(self, worker: Worker) -> None:
        self._workers.remove(worker)
        worker.pipe.close()
        number, status = worker.process.pid, worker.process.exitcode
        _forget_counts(number or 0)
        if self._end_at:
            return
        if self._tell is not None and self._vain + 1 >= MOST_VAIN:
            raise NotServing(f"its workers end before they serve, with status {status}")
        is_early = time.monotonic() - worker.began < EARLY_SECONDS
        self._vain = self._vain + 1 if is_early else 0
        pause = min(FIRST_PAUSE * 2**self._vain, LONGEST_PAUSE) if is_early else 0.0
        self._start_at = time.monotonic() + pause
        log.warning(
            "worker %s has ended with status %s; another one takes its place", number, status
        )

    def _end(self, order: bytes) -> None:
        if not self._end_at:
            seconds = self._plan.own.drain_seconds + SPARE_SECONDS
            self._end_at = time.monotonic() + seconds
            # While this process holds them too, they take connections that nobody will answer.
            for each in self._sockets:
                each.close()
        for worker in self._workers:
            worker.order(order)


@contextmanager
def _bell() -> Iterator[tuple[socket.socket, list[int]]]:
    """What can be waited for, and the signals that have come since."""
    received: list[int] = []
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        theirs.setblocking(False)
        before = {
            each: signal.signal(each, lambda number, _: received.append(number))
            for each in SIGNALS
            if signal.getsignal(each) is not signal.SIG_IGN
        }
        waking = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
        try:
            yield ours, received
        finally:
            signal.set_wakeup_fd(waking)
            for number, action in before.items():
                signal.signal(number, action)


@contextmanager
def _blocked_signals() -> Iterator[None]:
    """Starts a process that no signal reaches until it is ready for them; ours come afterwards."""
    if os.name == "posix":
        resource_tracker.ensure_running()  # which unblocks them, when it is started with the first
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    else:
        yield


@contextmanager
def _folder_of_counts() -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="codestral-ls-counts-") as folder:
        before = os.environ.get(FOLDER_VARIABLE)
        os.environ[FOLDER_VARIABLE] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ[FOLDER_VARIABLE]
            else:
                os.environ[FOLDER_VARIABLE] = before


def _forget_counts(number: int) -> None:
    """Takes a worker out of what is told of this moment; its sums stay."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - not before the folder is named

    mark_process_dead(number)  # type: ignore[no-untyped-call] # of the library
