"""What was sent and what came back, word for word, in a file of the user's choice.

The one place that writes code down, and only where `trace_file` asks for it. A thread of its own
writes, since a disk may be slow or a pipe without a reader.
"""

import json
import logging
import os
import queue
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

CLOSE_SECONDS = 1.0
"""For what is still to be written; a pipe that nobody reads is not waited for."""
MOST_WAITING = 100
"""Records; where nothing can be written the newer ones are left out."""

log = logging.getLogger(__name__)


def why_unwritable(path: str) -> str:
    """Why a trace cannot be written there, for the user; "" if it can."""
    try:
        # Without waiting: a pipe may have no reader yet.
        os.close(_open(Path(path).expanduser().absolute(), os.O_NONBLOCK))
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    return ""


def _open(path: Path, flags: int = 0) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | flags, 0o600)


class Trace:
    """Appends one line of JSON for each call to a file that only the user can read.

    With no path nothing is written.
    """

    def __init__(self, path: str = "") -> None:
        self._path = Path(path).expanduser().absolute() if path else None
        self._lines: queue.Queue[str] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None

    def write(self, url: str, sent: Mapping[str, object], answer: str, error: str) -> None:
        """Notes a call: where it went, the body that was sent, and what came of it."""
        if self._path is None:
            return
        record = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "url": url,
            "sent": sent,
            "answer": answer,
            "error": error,
        }
        if self._thread is None:
            arguments = (self._path, self._lines)
            self._thread = threading.Thread(target=_append, args=arguments, daemon=True)
            self._thread.start()
        try:
            self._lines.put_nowait(json.dumps(record) + "\n")
        except queue.Full:
            log.warning("a call is missing from %s, which takes nothing more", self._path)

    def close(self) -> None:
        """Waits until all is written, for a while."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        try:
            self._lines.put("", timeout=CLOSE_SECONDS)
        except queue.Full:
            return
        thread.join(CLOSE_SECONDS)


def _append(path: Path, lines: "queue.Queue[str]") -> None:
    """Writes line after line until an empty one comes."""
    try:
        with open(_open(path), "a", encoding="utf-8") as file:
            while line := lines.get():
                file.write(line)
                file.flush()
    except (OSError, ValueError) as error:
        log.error("trace_file: %s cannot be written: %s", path, error)  # noqa: TRY400 - no traceback is of use to the user
        while lines.get():  # so that nobody waits
            pass
