"""A process that has the package loaded and forks itself for each command that tests run.

To start Python and to import the package takes 0.8 s of a processor, to fork 0.01 s. All else is as
with a process that was started: its streams, its environment and folder, signals, how it ends.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from typing import Any

PRELOADED = (
    "anyio._backends._asyncio",
    "codestral_ls.commands.complete",
    "codestral_ls.commands.demo",
    "codestral_ls.commands.doctor.doctor",
    "codestral_ls.commands.explain",
    "codestral_ls.commands.stats",
    "codestral_ls.fim.network",
    "codestral_ls.lsp.process",
)
LENGTH_BYTES = 4
"""In front of a request, which is JSON; the descriptors come along with its beginning."""
READ_BYTES = 100_000
STREAMS = 3


class Zygote:
    """Takes requests from a socket, and tells each child's status into the pipe that came along."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._telling: dict[int, int] = {}
        self._wake, wakes = os.pipe()
        for each in (self._wake, wakes):
            os.set_blocking(each, False)
        self._wakes = wakes
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wakes)

    def run(self) -> list[str] | None:
        """Returns in each child with the arguments of its command, and here at the end."""
        while True:
            ready, _, _ = select.select([self._requests.fileno(), self._wake], [], [])
            if self._wake in ready:
                self._reap()
            if self._requests.fileno() not in ready:
                continue
            data, descriptors, _, _ = socket.recv_fds(self._requests, READ_BYTES, STREAMS + 1)
            if not data:
                return None
            length = int.from_bytes(data[:LENGTH_BYTES], "big")
            while len(data) < LENGTH_BYTES + length:
                data += self._requests.recv(READ_BYTES)
            wanted = json.loads(data[LENGTH_BYTES:])
            pid = os.fork()
            if pid == 0:
                self._become(descriptors, wanted)
                return list(wanted["arguments"])
            self._telling[pid] = descriptors.pop()
            for each in descriptors:
                os.close(each)
            self._requests.send(str(pid).encode())

    def _reap(self) -> None:
        os.read(self._wake, 1024)
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = ended
                telling = self._telling.pop(pid)
                with suppress(BrokenPipeError):  # nobody asks any more
                    os.write(telling, str(os.waitstatus_to_exitcode(status)).encode())
                os.close(telling)

    def _become(self, descriptors: list[int], wanted: dict[str, Any]) -> None:
        """Makes of a copy of this what a started process would be."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._requests.close()
        *streams, telling = descriptors
        for each in (self._wake, self._wakes, telling, *self._telling.values()):
            os.close(each)
        for number, each in enumerate(streams):
            os.dup2(each, number)
            os.close(each)
        os.environ.clear()
        os.environ.update(wanted["environ"])
        os.chdir(wanted["folder"])
        sys.stdin, sys.stdout = os.fdopen(0, encoding="utf-8"), os.fdopen(1, "w", encoding="utf-8")
        sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace")


def main() -> int:
    """Serves the socket that is standard input; a child does what its command does."""
    for each in PRELOADED:
        importlib.import_module(each)
    with socket.socket(fileno=os.dup(0)) as requests:
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 0)
        os.close(nowhere)
        gc.collect()
        gc.freeze()  # children do not copy it by looking at it
        arguments = Zygote(requests).run()
    if arguments is None:
        return 0
    cli = importlib.import_module("codestral_ls.cli")
    status: int = cli.main(arguments)
    return status


if __name__ == "__main__":
    sys.exit(main())
