"""What was sent and what came back, word for word, in a file of the user's choice.

The one place that writes code down, and only where `trace_file` asks for it. A thread of its own
writes, since a disk may be slow or a pipe without a reader.
"""

import json
import logging
import os
import queue
import stat
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
        os.close(_open(_whole(path), os.O_NONBLOCK))
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    return ""


def _whole(path: str) -> Path:
    return Path(os.path.expanduser(path)).absolute()  # noqa: PTH111 - Path's own raises without a home


def _open(path: Path, flags: int = 0) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | flags, 0o600)


class Trace:
    """Appends a line of JSON for each call and each outcome to a file that only the user can read.

    With no path nothing is written. It may be shared: what is written after `close` opens it again.
    """

    def __init__(self, path: str = "") -> None:
        self._path = _whole(path) if path else None
        self._lines: queue.Queue[str] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None

    def write(self, kind: str, record: Mapping[str, object]) -> None:
        """Notes something that has happened, a "call" or an "outcome", with the time."""
        if self._path is None:
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "kind": kind, **record}) + "\n"
        if self._thread is None:
            arguments = (self._path, self._lines)
            self._thread = threading.Thread(target=_append, args=arguments, daemon=True)
            self._thread.start()
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            log.warning("a %s is missing from %s, which takes nothing more", kind, self._path)

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


def _shut_out_others(number: int) -> None:
    """Takes away what others may do with a file of ours that was there before."""
    if os.name == "posix":  # access is not in the mode elsewhere
        state = os.fstat(number)
        others = state.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        if others and stat.S_ISREG(state.st_mode) and state.st_uid == os.geteuid():
            os.fchmod(number, stat.S_IMODE(state.st_mode) & stat.S_IRWXU)


def _append(path: Path, lines: "queue.Queue[str]") -> None:
    """Writes line after line until an empty one comes."""
    try:
        with open(_open(path), "a", encoding="utf-8") as file:
            _shut_out_others(file.fileno())
            while line := lines.get():
                file.write(line)
                file.flush()
    except (OSError, ValueError) as error:
        log.error("trace_file: %s cannot be written: %s", path, error)  # noqa: TRY400 - no traceback is of use to the user
        while lines.get():  # so that nobody waits
            pass
