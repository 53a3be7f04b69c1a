"""Log lines of a server, on standard error, which may be a pipe that nobody reads."""

import contextlib
import logging
import logging.handlers
import queue
import sys
import threading
from collections.abc import Callable, Mapping

LINES = 1000
"""That wait for whoever reads standard error."""


class _Dropping(logging.handlers.QueueHandler):
    """Hands log lines to a thread, and drops them where nobody reads."""

    def enqueue(self, record: logging.LogRecord) -> None:
        """Queues a line if there is room."""
        with contextlib.suppress(queue.Full):
            self.queue.put_nowait(record)


def log_to_stderr(quiet: Mapping[str, int]) -> Callable[[float], None]:
    """Writes to standard error from now on; `quiet` loggers tell what has at least this level.

    What is returned waits at most so many seconds for the lines that are left.
    """
    lines: queue.Queue[logging.LogRecord | None] = queue.Queue(LINES)
    stream = logging.StreamHandler(sys.stderr)
    stream.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    writer = threading.Thread(target=_write, args=(lines, stream), daemon=True)
    writer.start()
    logging.getLogger().addHandler(_Dropping(lines))
    for name, level in quiet.items():
        logging.getLogger(name).setLevel(level)

    def finish(seconds: float) -> None:
        with contextlib.suppress(queue.Full):
            lines.put_nowait(None)
        writer.join(seconds)

    return finish


def _write(lines: queue.Queue[logging.LogRecord | None], stream: logging.Handler) -> None:
    while (record := lines.get()) is not None:
        stream.handle(record)
