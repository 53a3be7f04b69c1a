"""A real Redis of a test's own: on a free port, with nothing on disk, and easy to do harm to."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence

from tests.parts import find_program, require

PATIENCE_SECONDS = 20.0


def find_redis() -> str:
    """The path of redis-server."""
    return find_program("REDIS_SERVER", "redis-server", "install Redis 6 or newer, or Valkey")


class RedisServer:
    """A server process that can be stopped, killed and started again at its port."""

    def __init__(self, program: str, options: Sequence[str] = (), port: int = 0) -> None:
        self.port = port or free_port()
        self._options = options
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        base = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [self._program, *base, *self._options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/tmp",  # noqa: S108 - it writes nothing, and must not stand in the project
        )
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                if self.command("PING")[:1] in (b"+", b"-"):
                    return
            assert self._process.poll() is None, "redis-server has ended"
            time.sleep(0.01)
        raise TimeoutError("redis-server does not answer")

    def command(self, *words: str) -> bytes:
        """The beginning of what it answers to a command."""
        parts = "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in words)
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(f"*{len(words)}\r\n{parts}".encode())
            return connection.recv(1_000_000)

    def hang(self) -> None:
        """It goes on taking connections, and answers nothing."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """It answers again, also what was asked meanwhile."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """It is gone at once, and with it all that it knew."""
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
            self._process = None

    def _signal(self, number: int) -> None:
        if self._process is not None:
            os.kill(self._process.pid, number)


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def redis_server(*options: str) -> Iterator[RedisServer]:
    """A server for as long as the block runs; without Redis here the test is skipped."""
    server = RedisServer(require(find_redis), options)
    try:
        yield server
    finally:
        server.kill()
