"""A client of a real server process, which frames its bytes by hand and waits with a deadline."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from codestral_ls.lsp.framing import Framer
from tests.forked import ForkedProcess

COMMAND = (sys.executable, "-m", "codestral_ls")
FORKED: tuple[str, ...] = ()
SECONDS = 20.0
"""How long a real process may take for anything."""
CHUNK = 65_536


def environment(**settings: str) -> dict[str, str]:
    """The caller's environment without anything that would set up the server differently."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CODESTRAL_", "MISTRAL_"))
    }
    kept |= {"CODESTRAL_LS_CONFIG": os.devnull, "CODESTRAL_LS_PROVIDER": "offline"}
    kept["CODESTRAL_LS_STATS"] = "false"  # tests are no usage of whoever runs them
    return kept | {f"CODESTRAL_LS_{name.upper()}": value for name, value in settings.items()}


def frame(message: Mapping[str, object] | bytes) -> bytes:
    """A message with its header."""
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def call(request_id: int, method: str, params: object = None) -> dict[str, object]:
    """A request."""
    return {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}


def note(method: str, params: object = None) -> dict[str, object]:
    """A notification."""
    return {"jsonrpc": "2.0", "method": method, "params": params}


def initialize(process_id: int | None = None) -> dict[str, object]:
    """The request that begins a session."""
    ghost = {"textDocument": {"inlineCompletion": {"dynamicRegistration": False}}}
    return call(1, "initialize", {"processId": process_id, "rootUri": None, "capabilities": ghost})


def start(
    command: tuple[str, ...], arguments: tuple[str, ...], environ: Mapping[str, str]
) -> subprocess.Popen[bytes] | ForkedProcess:
    """Starts or forks a server with a pipe for each stream."""
    if command == FORKED and hasattr(os, "fork"):
        return ForkedProcess.piped(arguments, environ)
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [*(command or COMMAND), *arguments], stdin=pipe, stdout=pipe, stderr=pipe, env=environ
    )


class ServerProcess:
    """A server and both ends of its pipes.

    Without a `command` it is forked, which spares Python's start and the imports.
    """

    def __init__(self, *arguments: str, command: tuple[str, ...] = FORKED, **env: str) -> None:
        self.process = start(command, arguments, environment(**env))
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.stdin, self.stdout = self.process.stdin, self.process.stdout
        self.raw = b""
        self.bodies: list[bytes] = []
        self.inbox: list[dict[str, Any]] = []
        self._framer = Framer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        for pipe in (self.stdin, self.stdout, self.process.stderr):
            if pipe is not None and not pipe.closed:
                pipe.close()
        self.process.wait(SECONDS)

    def send(self, *messages: Mapping[str, object] | bytes) -> None:
        """Sends messages in one write."""
        self.write(b"".join(map(frame, messages)))

    def write(self, data: bytes) -> None:
        """Sends bytes as they are."""
        self.stdin.write(data)
        self.stdin.flush()

    def start(self, process_id: int | None = None) -> dict[str, Any]:
        """Begins a session; from its reply on the server is up."""
        self.send(initialize(process_id))
        reply = self.reply(1)
        self.send(note("initialized", {}))
        return reply

    def reply(self, request_id: int) -> dict[str, Any]:
        """The reply with an id; others that come before it stay in the inbox."""
        deadline = time.monotonic() + SECONDS
        while True:
            for message in self.inbox:
                if message.get("id") == request_id and "method" not in message:
                    self.inbox.remove(message)
                    return message
            data = self.read(deadline)
            assert data, f"the server ended its output: {self.errors()}"

    @staticmethod
    def deadline() -> float:
        """Until when whatever comes next has to come."""
        return time.monotonic() + SECONDS

    def read(self, deadline: float) -> bytes:
        """What comes next; nothing at the end."""
        ready, _, _ = select.select([self.stdout], [], [], max(0, deadline - time.monotonic()))
        assert ready, "the server sent nothing"
        data = os.read(self.stdout.fileno(), CHUNK)
        self.raw += data
        bodies = list(self._framer.feed(data))
        self.bodies += bodies
        self.inbox += map(json.loads, bodies)
        return data

    def drain(self) -> bytes:
        """All that has come when the server has closed its output."""
        deadline = time.monotonic() + SECONDS
        while self.read(deadline):
            pass
        return self.raw

    def wait(self) -> int:
        """The exit status."""
        return self.process.wait(SECONDS)

    def kill(self, number: signal.Signals) -> int:
        """Sends a signal; returns the exit status."""
        self.process.send_signal(number)
        return self.wait()

    def errors(self) -> str:
        """All of standard error; waits for its end."""
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()
