"""Programs on the user's PATH: found there, asked for their version, and ended in any case."""

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import IO

from codestral_ls.fim.lookups import NOT_PASSED_ON

MOST_READ = 4096
"""Bytes; one that prints endlessly is ended behind them."""
REST_SECONDS = 0.5
"""For a program that has closed its output, to end by itself."""


class Programs:
    """Runs programs without input and without our keys, each with a session of its own.

    `end` may be called from any thread; what is started afterwards is ended at once.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = {name: text for name, text in environ.items() if name not in NOT_PASSED_ON}
        # Nothing of the folder in which this runs: it may be a stranger's.
        parts = environ.get("PATH", "").split(os.pathsep)
        self._path = os.pathsep.join(part for part in parts if os.path.isabs(part))  # noqa: PTH117 - texts, not paths
        self._running: list[subprocess.Popen[bytes]] = []
        self._ended = False

    def find(self, command: str) -> str:
        """The whole path of a command; "" if it is not there."""
        found = shutil.which(command, path=self._path) or ""
        return found if os.path.isabs(found) else ""  # noqa: PTH117 - Windows looks here first

    def output(self, words: tuple[str, ...], seconds: float) -> str:
        """The beginning of what a program prints within some time; "" if it cannot be run."""
        try:
            process = subprocess.Popen(  # noqa: S603 - an editor of the user's own PATH
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=self._environ,
                start_new_session=True,  # so that all that it starts can be ended with it
            )
        except (OSError, ValueError):
            return ""
        self._running.append(process)
        if self._ended:
            _end(process)
        head = bytearray()
        reader = threading.Thread(target=_read, args=(process.stdout, head), daemon=True)
        reader.start()
        reader.join(seconds)
        if not reader.is_alive() and len(head) < MOST_READ:
            with suppress(subprocess.TimeoutExpired):
                process.wait(REST_SECONDS)
        if reader.is_alive() or process.poll() is None:
            _end(process)
            process.wait()
        self._running.remove(process)
        return bytes(head).decode("utf-8", "replace")

    def end(self) -> None:
        """Ends all programs that still run, with their children."""
        self._ended = True
        for process in tuple(self._running):
            _end(process)


def _read(pipe: IO[bytes], head: bytearray) -> None:
    with suppress(OSError), pipe:
        while data := os.read(pipe.fileno(), MOST_READ - len(head)):
            head += data


def _end(process: "subprocess.Popen[bytes]") -> None:
    if os.name == "posix":
        with suppress(OSError):  # it has ended by itself meanwhile
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
