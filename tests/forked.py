"""Commands in processes of their own that need not be started: `tests/zygote.py` forks them."""

import atexit
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Self

from tests.zygote import LENGTH_BYTES

ROOT = Path(__file__).parent.parent
SECONDS = 50.0
"""For a whole command."""


class Forks:
    """The way to the zygote; one request at a time."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            self._zygote = subprocess.Popen(
                [sys.executable, "-m", "tests.zygote"],
                cwd=ROOT,
                stdin=theirs.fileno(),
                start_new_session=True,
            )
        self._lock = threading.Lock()
        atexit.register(self.close)

    def fork(self, wanted: Mapping[str, object], descriptors: Sequence[int]) -> int:
        """Has a process made; brings its number."""
        with self._lock:
            request = json.dumps(wanted).encode()
            sent = socket.send_fds(
                self._ours, [len(request).to_bytes(LENGTH_BYTES, "big"), request], descriptors
            )
            self._ours.sendall(request[sent - LENGTH_BYTES :])
            answer = self._ours.recv(100)
        assert answer, "the zygote has ended"
        return int(answer)

    def close(self) -> None:
        """Ends the zygote."""
        self._ours.close()
        self._zygote.wait(SECONDS)


@functools.cache
def forks() -> Forks:
    """The one zygote of a run of the tests, from the first command on."""
    return Forks()


class ForkedProcess:
    """What tests need of `subprocess.Popen`, for a process that was forked."""

    def __init__(
        self,
        arguments: Sequence[str],
        streams: Sequence[IO[bytes]],
        environ: Mapping[str, str],
        folder: Path = ROOT,
    ) -> None:
        self._status, telling = os.pipe()
        self.returncode: int | None = None
        self.stdin: IO[bytes] | None = None
        self.stdout: IO[bytes] | None = None
        self.stderr: IO[bytes] | None = None
        wanted = {"arguments": arguments, "environ": dict(environ), "folder": str(folder)}
        try:
            self.pid = forks().fork(wanted, [*(each.fileno() for each in streams), telling])
        finally:
            os.close(telling)

    @classmethod
    def piped(cls, arguments: Sequence[str], environ: Mapping[str, str]) -> Self:
        """With a pipe for each stream."""
        (read_in, stdin), (stdout, write_out), (stderr, write_errors) = (
            (os.fdopen(reading, "rb"), os.fdopen(writing, "wb"))
            for reading, writing in (os.pipe() for _ in range(3))
        )
        with read_in, write_out, write_errors:
            process = cls(arguments, [read_in, write_out, write_errors], environ)
        process.stdin, process.stdout, process.stderr = stdin, stdout, stderr
        return process

    def wait(self, timeout: float = SECONDS) -> int:
        """The exit status.

        Raises:
            subprocess.TimeoutExpired: there is none yet.
        """
        if self.returncode is None:
            ready, _, _ = select.select([self._status], [], [], timeout)
            if not ready:
                raise subprocess.TimeoutExpired("codestral-ls", timeout)
            self.returncode = int(os.read(self._status, 100))
            os.close(self._status)
        return self.returncode

    def poll(self) -> int | None:
        """The exit status if there is one."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def send_signal(self, number: signal.Signals) -> None:
        """Sends a signal if the process still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Ends the process by force."""
        self.send_signal(signal.SIGKILL)


def run(
    *arguments: str, environ: Mapping[str, str] | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """As `tests.command.run`, in an empty folder and with no index of it unless asked for."""
    clean = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "CODESTRAL_LS_CONFIG": os.devnull,
        "CODESTRAL_LS_STATS": "false",
        "CODESTRAL_LS_CONTEXT": "file",
    }
    with TemporaryDirectory() as folder:
        return run_forked(arguments, {**clean, **(environ or {})}, stdin=stdin, folder=Path(folder))


def run_forked(
    arguments: Sequence[str], environ: Mapping[str, str], *, folder: Path, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    with TemporaryFile() as given, TemporaryFile() as output, TemporaryFile() as errors:
        given.write(stdin.encode())
        given.seek(0)
        process = ForkedProcess(arguments, [given, output, errors], environ, folder)
        try:
            status = process.wait()
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        told = []
        for each in (output, errors):
            each.seek(0)
            told.append(each.read().decode())
    return subprocess.CompletedProcess(list(arguments), status, *told)
