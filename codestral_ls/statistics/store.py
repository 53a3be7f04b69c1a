"""Takes note of what happens at once; a thread adds it to the file that all servers share."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from codestral_ls.days import local_day
from codestral_ls.happenings import Happening

if TYPE_CHECKING:
    from codestral_ls.statistics.writer import Writer

BATCH_SECONDS = 1.0
"""From a happening until it is written: what a process that is killed loses."""
CLOSE_SECONDS = 1.0
"""For all that is still to be written; a file that somebody holds longer is not waited for."""
FLUSH_SECONDS = 0.3
"""Of a user who wants to see the figures; two of 10 ms are usual."""
LAST_TRY_SECONDS = 0.6
"""Of these, for beginning another try."""
WATCHED_BATCH_SECONDS = 0.2
"""The same while totals are watched: what others do not know of yet, they spend once more."""
WATCH_SECONDS = 2.0
"""Between two looks at the totals while nothing happens here: others may spend the same budget.
One look takes 0.1 ms."""
MOST_NOTED = 100_000
"""Happenings that wait for the thread; it takes them every second, which a typist never fills."""

OnTotals = Callable[[int, int, float], None]
"""Is told, from the thread: today (its ordinal), all servers' requests to providers that are not
local, and what these cost."""

log = logging.getLogger(__name__)


class Statistics:
    """Counts in the background. Nothing that is wrong with the file is of anybody's concern."""

    def __init__(
        self, path: Path, on_totals: OnTotals, *, today: Callable[[], int] = local_day
    ) -> None:
        self._path = path
        self._on_totals = on_totals
        self._today = today
        self._noted: deque[Happening] = deque()
        self._flushes: deque[threading.Event] = deque()
        self._woken = threading.Event()
        self._hurried = threading.Event()
        self._leaving = threading.Event()
        self._starting = threading.Lock()
        self._is_watching = False
        self._thread: threading.Thread | None = None

    def note(self, happening: Happening) -> None:
        """Takes note: nothing but a place in a queue."""
        if self._leaving.is_set() or len(self._noted) >= MOST_NOTED:
            return
        self._noted.append(happening)
        if not self._woken.is_set():
            self._woken.set()
            self._start()

    def watch_totals(self, *, wanted: bool) -> None:
        """Has today's totals told at once, and from then on every two seconds, while wanted.

        They are always told when something of this server has been written, which is sooner then.
        """
        begins = wanted and not self._is_watching
        self._is_watching = wanted
        if begins:
            self._hurry()
            self._start()

    def flush(self) -> None:
        """Has all written that was noted until now, and waits for it; 0.3 seconds at most."""
        if self._thread is None or self._leaving.is_set():  # nothing was noted, or all is written
            return
        written = threading.Event()
        self._flushes.append(written)
        self._hurry()
        written.wait(FLUSH_SECONDS)

    def close(self) -> None:
        """Writes what is left, for a while; what comes later is not counted."""
        self._leaving.set()
        self._hurry()
        with self._starting:
            thread = self._thread
        if thread is not None:
            thread.join(CLOSE_SECONDS)

    def _hurry(self) -> None:
        self._hurried.set()
        self._woken.set()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None and not self._leaving.is_set():
                thread = threading.Thread(target=self._run, name="statistics", daemon=True)
                thread.start()
                self._thread = thread

    def _run(self) -> None:
        self._hurried.wait(BATCH_SECONDS)  # whoever has a budget wants to know the totals first
        try:
            from codestral_ls.statistics.writer import Writer  # noqa: PLC0415 - 10 to 20 ms, in this thread
        except ImportError as error:  # Python may be built without SQLite
            log.warning("statistics: nothing is counted, since %s", error)
            self._leaving.set()
            self._noted.clear()
            return
        writer = Writer(self._path, self._on_totals)
        self._write_batches(writer)
        self._write_last(writer)

    def _write_batches(self, writer: "Writer") -> None:
        next_try = 0.0
        while True:
            # Before taking and looking: what comes now wakes the thread again.
            self._woken.clear()
            self._hurried.clear()
            if self._leaving.is_set():
                return
            flushes = [self._flushes.popleft() for _ in range(len(self._flushes))]
            self._take(writer)
            if flushes or time.monotonic() >= next_try:
                writer.write(self._today())
                next_try = time.monotonic() + writer.retry_seconds
            for written in flushes:
                written.set()
            if self._woken.wait(self._patience(writer, next_try)):
                self._hurried.wait(WATCHED_BATCH_SECONDS if self._is_watching else BATCH_SECONDS)

    def _patience(self, writer: "Writer", next_try: float) -> float | None:
        """How long to wait for something to happen; None for ever."""
        if writer.retry_seconds:  # also if nothing is to be written: the totals are not known
            return max(0.0, next_try - time.monotonic())
        return WATCH_SECONDS if self._is_watching else None

    def _take(self, writer: "Writer") -> None:
        taken = [self._noted.popleft() for _ in range(len(self._noted))]
        writer.take(taken, self._today())

    def _write_last(self, writer: "Writer") -> None:
        deadline = time.monotonic() + LAST_TRY_SECONDS
        self._take(writer)
        writer.write(self._today())
        while writer.pending and writer.is_busy and time.monotonic() < deadline:
            writer.write(self._today())
        writer.close()
